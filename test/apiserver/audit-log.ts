/** The API server's own record of requests. */
import { readFileSync } from 'node:fs';
import type { ControlPlaneInfo } from './control-plane/handle.ts';

export interface AuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly apiGroup?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code: number };
}

/**
 * The requests of these users that have been answered so far, in the order of the answers. The control plane must run
 * with `audit`. A line that is being written right now is left for the next look.
 */
export const requestsOf = (
  { auditLog }: Pick<ControlPlaneInfo, 'auditLog'>,
  users: readonly string[],
): readonly AuditEvent[] => {
  if (auditLog === undefined) throw new Error('this control plane keeps no audit log');
  const whole = readFileSync(auditLog, 'utf8').split('\n').slice(0, -1);
  return whole
    .filter((line) => users.some((user) => line.includes(`"${user}"`)))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => users.includes(user.username));
};
