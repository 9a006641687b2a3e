import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import { digestOf } from '../../../../shared/api/digest.ts';
import { withStatus } from '../../../make/canary.ts';
import { at, canaryIn, command, decidedBy, givenUpBy, REVISION, targetOf, told, worldOf } from './command-world.ts';
import { primaryOf, routed } from './phases/phase-world.ts';

type Checks = NonNullable<CanaryStatus['checks']>;

const check = (name: string, more: Partial<Checks[number]>): Checks[number] => ({
  name,
  verdict: 'passed',
  time: at(-1),
  ...more,
});

/** The entry of a rollout that is promoted after these checks. */
const promotedAfter = (checks: Checks) =>
  decidedBy(
    worldOf(canaryIn('Finalising', withStatus({ checks })), {
      ...primaryOf({ runsTarget: true, hasCopy: true }),
      ...routed(0),
    }),
  ).status?.history?.at(-1);

describe('an entry of the history', () => {
  it('begins with what is rolled out, since when, and by which ConfigMaps and Secrets', () => {
    const configs = { 'configmap/a': '1' };
    const world = worldOf(canaryIn('Succeeded'), {
      ...primaryOf(),
      ...targetOf({ revision: 'newer', image: 'podinfo:3' }),
      configs,
    });
    expect(decidedBy(world).status?.history?.at(-1)).toEqual({
      number: 4,
      revision: 'newer',
      image: 'podinfo:3',
      started: at(0),
      configs: digestOf(configs),
      result: 'running',
    });
  });

  it.each<[string, Checks, string | undefined]>([
    [
      'of all the one that came closest to its bound',
      [check('far', { value: 1, max: 10 }), check('near', { value: 99.12345678, min: 99 }), check('hook', {})],
      'near 99.1235 >= 99',
    ],
    ['the nearer of two bounds', [check('own', { value: 5, min: 0, max: 6 })], 'own 5 <= 6'],
    [
      'the one without a verdict before any that passed',
      [check('near', { value: 1, max: 1 }), check('own', { verdict: 'inconclusive', message: 'no values found' })],
      'no values found',
    ],
    ['none where nothing has a bound', [check('hook', {})], undefined],
  ])('names the worst check: %s', (_what, checks, worst) => {
    const entry = promotedAfter(checks);
    expect(entry).toMatchObject({ result: 'promoted', revision: REVISION, ended: at(0) });
    expect(entry?.worstCheck).toBe(worst);
  });

  it.each([
    [
      withStatus({ failedChecks: 9, checks: [check('own', { verdict: 'failed', message: 'own 9 > 1' })] }),
      'ChecksFailed',
      undefined,
    ],
    [told(command('rollback')), 'RolledBackByHand', 'bo'],
  ])('of a failure says why in one word, and whose word it was', (modifier, reason, by) => {
    const { status } = givenUpBy(worldOf(canaryIn('Progressing', modifier)));
    expect(status?.history?.at(-1)).toMatchObject({ result: 'failed', reason, ...(by !== undefined && { by }) });
    expect(status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason });
  });

  it('of ten revisions is kept, no more', () => {
    const history = Array.from({ length: 10 }, (_, n) => ({
      number: n + 1,
      revision: `r${n}`,
      result: 'promoted' as const,
    }));
    const { status } = decidedBy(
      worldOf(canaryIn('Succeeded', withStatus({ history })), { ...primaryOf(), ...targetOf({ revision: 'newer' }) }),
    );
    expect(status?.history?.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
