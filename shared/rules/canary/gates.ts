/** CANARY-GATE-001: gates that nobody could read, which a driver refuses to work with. */
import type { Canary } from '../../api/canary.ts';
import { readGates } from '../../api/gates.ts';
import { ANNOTATIONS } from '../../api/names.ts';
import { type Draft, NOTHING, type Rule } from '../rule.ts';
import type { CanaryView } from '../view.ts';

const IN_SPEC = 'spec.analysis.gates';
/** Stands in the path already. */
const PLACE = /^(?:annotation \S+\/gates|spec\.analysis\.gates) ?/;
const IN_ANNOTATION = `metadata.annotations[${ANNOTATIONS.gates}]`;

const unreadable = ({ analysis, annotations }: CanaryView): readonly Draft[] => {
  const text = annotations[ANNOTATIONS.gates];
  const annotated = typeof text === 'string' ? { [ANNOTATIONS.gates]: text } : {};
  const read = readGates({ metadata: { annotations: annotated }, spec: { analysis } } as unknown as Canary);
  if (!('invalid' in read)) return NOTHING;
  const isAnnotation =
    read.invalid.startsWith('annotation') || (!read.invalid.startsWith(IN_SPEC) && !Array.isArray(analysis['gates']));
  return [
    {
      path: isAnnotation ? IN_ANNOTATION : IN_SPEC,
      message: `${read.invalid.replace(PLACE, '')}. Write e.g. [{"name": "legal", "type": "confirm-promotion"}].`,
      value: isAnnotation ? text : analysis['gates'],
    },
  ];
};

export const GATE_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-GATE-001',
    class: 'D',
    path: `${IN_SPEC}, ${IN_ANNOTATION}`,
    about: 'gates that nobody can read',
    check: unreadable,
  },
];
