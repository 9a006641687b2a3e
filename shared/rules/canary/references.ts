/** References of a Canary to objects of other namespaces. */
import { type Raw, textOf } from '../raw.ts';
import type { Context, Draft } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';

/** What is wrong with a reference that leaves the namespace where the controller forbids it; undefined: nothing. */
export const foreignNamespace = (
  { namespace }: CanaryView,
  { settings }: Context<CanaryView>,
  ref: Raw,
  path: string,
): Draft | undefined => {
  const named = textOf(ref['namespace']);
  if (!settings.noCrossNamespaceRefs || named === '' || named === namespace) return undefined;
  return {
    path: `${path}.namespace`,
    message: `${quoted(named)} is another namespace, and references to those are blocked. Move ${quoted(textOf(ref['name']))} to ${quoted(namespace)}.`,
    value: named,
    reason: 'FieldValueForbidden',
  };
};
