/** What a draft is worth: design decisions about when to deny stand here and nowhere else. */
import type { Finding, Severity } from '../api/model.ts';
import type { Input } from './input.ts';
import type { Draft, RuleClass } from './rule.ts';
import { MESSAGE_RUNES, printable } from './text.ts';

/** Field managers that apply objects in any order and would lock themselves out when an order is forced on them. */
const GITOPS_MANAGERS: ReadonlySet<string> = new Set([
  'kustomize-controller',
  'helm-controller',
  'argocd-controller',
  'argocd-application-controller',
  'helm',
]);

/** Rules that nobody can switch off for an object: what they refuse would blind the reference's controllers. */
const NEVER_IGNORED = 'CANARY-TYPE-';

interface Judged {
  readonly id: string;
  readonly class: RuleClass;
  readonly contradicts?: boolean;
}

const crossSeverity = (rule: Judged, draft: Draft, input: Input): Severity => {
  if (input.mode === 'strict') return 'deny';
  const proven = rule.contradicts === true && draft.soft !== true;
  return proven && input.mode !== 'warn' && !GITOPS_MANAGERS.has(input.fieldManager ?? '') ? 'deny' : 'warn';
};

/** Deny or warn by class, mode and requester; the old object and the escape hatch are looked at later. */
export const severityOf = (rule: Judged, draft: Draft, input: Input): Severity => {
  if (input.operation === 'DELETE' || rule.class === 'W') return 'warn';
  if (rule.class === 'X') return crossSeverity(rule, draft, input);
  return draft.soft === true ? 'warn' : 'deny';
};

/** True when the object's annotation turns this rule's denial into a warning. */
export const isIgnored = (id: string, ignored: readonly string[]): boolean =>
  ignored.length > 0 && ignored.includes(id) && !id.startsWith(NEVER_IGNORED);

export const findingOf = (rule: Judged, draft: Draft, severity: Severity): Finding => ({
  id: rule.id,
  severity,
  path: printable(draft.path, MESSAGE_RUNES / 2),
  message: printable(draft.message, MESSAGE_RUNES),
  reason: draft.reason ?? 'FieldValueInvalid',
});
