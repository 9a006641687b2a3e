/** What must not happen twice, and what must not be touched, read from the states that objects went through. */
import type { CanaryStatus } from '../../../shared/api/canary.ts';
import { isFields } from '../../golden/runner/canonical.ts';
import type { Scenario, State, Trace } from '../../golden/runner/scenario.ts';

const PRIMARY = /^apps\/(?:deployments|daemonsets)\/.*-primary$/;
const POD_ID = /"flagger-id":"([^"]*)"/;

/** How many times a primary got its pods: each copy has an id of its own. */
export const copiesMade = (objects: Trace['objects']): number => {
  const ids = Object.entries(objects)
    .filter(([key]) => PRIMARY.test(key))
    .flatMap(([, states]) => states.map((state) => POD_ID.exec(JSON.stringify(state))?.[1]));
  return new Set(ids.filter((id) => id !== undefined)).size;
};

const statusesOf = ({ canary }: Scenario, objects: Trace['objects']): CanaryStatus[] =>
  (objects[`flagger.app/canaries/${canary}`] ?? []).flatMap((state: State) => {
    const status = state === 'DELETED' ? undefined : state['status'];
    return isFields(status) ? [status] : [];
  });

/** One for the first start and one for each promotion of the recording, skipped analyses included. */
export const copiesOwed = (scenario: Scenario): number => {
  const phases = statusesOf(scenario, scenario.expect.objects).map(({ phase = '' }) => phase);
  const entered = phases.filter((phase, at) => {
    const before = phases[at - 1];
    return (phase === 'Promoting' && before !== phase) || (phase === 'Succeeded' && before === 'Progressing');
  });
  return 1 + entered.length;
};

const startsAnalysis = ({ phase, canaryWeight = 0, iterations = 0, failedChecks = 0 }: CanaryStatus): boolean =>
  phase === 'Progressing' && canaryWeight + iterations + failedChecks === 0;

/** Changes of the reference's two hashes outside the start of an analysis and the end of a promotion. */
export const rewrittenHashes = (scenario: Scenario, objects: Trace['objects']): string[] => {
  const statuses = statusesOf(scenario, objects);
  return statuses.flatMap((status, at) => {
    const before = statuses[at - 1] ?? {};
    const isFirst = status.phase === 'Initialized' && before.phase === 'Initializing';
    const wrong: string[] = [];
    if (status.lastAppliedSpec !== before.lastAppliedSpec && !isFirst && !startsAnalysis(status)) {
      wrong.push(`lastAppliedSpec was rewritten in ${status.phase}`);
    }
    const isPromoted = status.phase === 'Succeeded' && before.phase !== 'Succeeded';
    if (status.lastPromotedSpec !== before.lastPromotedSpec && !isFirst && !isPromoted) {
      wrong.push(`lastPromotedSpec was rewritten in ${status.phase}`);
    }
    return wrong;
  });
};
