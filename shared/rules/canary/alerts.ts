/** CANARY-ALERT-001, -003 and -004: alerts that do not arrive, or twice. */
import { listOf, recordOf, textOf } from '../raw.ts';
import { each, eachRepeated, type Rule } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { foreignNamespace } from './references.ts';

const AT = 'spec.analysis.alerts';

export const ALERT_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-ALERT-001',
    class: 'W',
    path: `${AT}[].severity`,
    about: 'an alert without a severity',
    check: ({ analysis }) =>
      each(listOf(analysis['alerts']), (item, index) =>
        textOf(recordOf(item)['severity']) === ''
          ? {
              path: `${AT}[${index}].severity`,
              message: 'Flagger sends nothing without it. Write severity: info.',
            }
          : undefined,
      ),
  },
  {
    id: 'CANARY-ALERT-003',
    class: 'D',
    path: `${AT}[].providerRef.namespace`,
    about: 'an AlertProvider of another namespace where that is forbidden',
    check: (view, context) =>
      each(listOf(view.analysis['alerts']), (item, index) =>
        foreignNamespace(view, context, recordOf(recordOf(item)['providerRef']), `${AT}[${index}].providerRef`),
      ),
  },
  {
    id: 'CANARY-ALERT-004',
    class: 'W',
    path: `${AT}[]`,
    about: 'one channel that is told twice',
    check: ({ analysis, namespace }) =>
      eachRepeated(
        listOf(analysis['alerts']).map((item) => recordOf(recordOf(item)['providerRef'])),
        (ref) => (textOf(ref['name']) === '' ? '' : `${textOf(ref['namespace']) || namespace}/${textOf(ref['name'])}`),
        (ref, index) => ({
          path: `${AT}[${index}]`,
          message: `${quoted(ref['name'])} would be told twice. Keep one entry.`,
        }),
      ),
  },
];
