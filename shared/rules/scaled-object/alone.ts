/** SCALEDOBJECT-002 to -004: what a ScaledObject alone gets wrong. */
import { isGiven } from '../raw.ts';
import { each, eachRepeated, type Rule, type Subject, when } from '../rule.ts';
import { quoted } from '../text.ts';
import { PAUSED_REPLICAS } from './pause.ts';
import { triggersOf } from './triggers.ts';

const WHOLE = /^\d{1,9}$/;

export const ALONE_RULES: readonly Rule<Subject>[] = [
  {
    id: 'SCALEDOBJECT-002',
    class: 'W',
    path: 'spec.triggers[].metadata.name',
    about: 'a trigger’s name where KEDA does not look',
    check: ({ spec }) =>
      each(triggersOf(spec), ({ index, name, misplacedName }) =>
        name === '' && misplacedName !== ''
          ? {
              path: `spec.triggers[${index}].metadata.name`,
              message: `KEDA ignores metadata.name. Write ${quoted(misplacedName)} to spec.triggers[${index}].name.`,
            }
          : undefined,
      ),
  },
  {
    id: 'SCALEDOBJECT-003',
    class: 'D',
    path: 'spec.triggers[].name',
    about: 'two triggers of one name',
    check: ({ spec }) =>
      eachRepeated(
        triggersOf(spec),
        ({ name }) => name,
        ({ index, name }) => ({
          path: `spec.triggers[${index}].name`,
          message: `${quoted(name)} names another trigger already; names must be unique. Rename one of them.`,
          value: name,
          reason: 'FieldValueDuplicate',
        }),
      ),
  },
  {
    id: 'SCALEDOBJECT-004',
    class: 'D',
    path: `metadata.annotations[${PAUSED_REPLICAS}]`,
    about: 'a pause that KEDA cannot read',
    check({ annotations }) {
      const value = annotations[PAUSED_REPLICAS];
      return when(isGiven(value) && !(typeof value === 'string' && WHOLE.test(value)), () => ({
        path: `metadata.annotations[${PAUSED_REPLICAS}]`,
        message: `${quoted(value)} is not a number of replicas; KEDA cannot reconcile this object. Write "0", or remove it.`,
        value,
      }));
    },
  },
];
