/** CANARY-TARGET-008 and -009: targets that nobody can roll out, or lead traffic to. */
import { KINDS } from '../../api/kinds.ts';
import { textOf } from '../raw.ts';
import { NOTHING, type Rule, when } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { capabilitiesFor } from './provider.ts';

const KNOWN: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment', [KINDS.deployment.apiVersion]],
  ['DaemonSet', [KINDS.daemonSet.apiVersion]],
  ['Service', [KINDS.service.apiVersion, 'serving.knative.dev/v1']],
]);

export const TARGET_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-TARGET-008',
    class: 'D',
    path: 'spec.targetRef.apiVersion',
    about: 'an API version that the kind does not have',
    check({ target, targetKind }) {
      const known = KNOWN.get(targetKind);
      const version = textOf(target['apiVersion']);
      if (known === undefined || version === '' || known.includes(version)) return NOTHING;
      return [
        {
          path: 'spec.targetRef.apiVersion',
          message: `${quoted(version)} has no ${targetKind} that can be rolled out. Write ${known.join(' or ')}.`,
          value: [version, targetKind],
        },
      ];
    },
  },
  {
    id: 'CANARY-TARGET-009',
    class: 'W',
    path: 'spec.targetRef',
    about: 'a Service where nothing divides traffic',
    check(view, context) {
      const isService = view.targetKind === 'Service' && textOf(view.target['apiVersion']) === KINDS.service.apiVersion;
      return when(isService && capabilitiesFor(view, context)?.iterationsOnly === true, () => ({
        path: 'spec.targetRef',
        message: `${view.provider} leads no traffic to copies of a Service. Choose another provider.`,
      }));
    },
  },
];
