import { FIELD_MANAGERS } from '../../shared/api/names.ts';
import type { AdmissionRequest } from './review.ts';

/** The reference's own writes carry its program's name, wherever it is installed. */
const REFERENCE_MANAGER = 'flagger';

const DRIVER_MANAGERS: ReadonlySet<string> = new Set([...Object.values(FIELD_MANAGERS), REFERENCE_MANAGER]);

/**
 * Whether a request comes from a driver of rollouts: by its field manager, or as one of the ServiceAccounts named to
 * us (`namespace/name`, or a whole user name). What a driver does is never undone.
 */
export const driverCheck = (accounts: readonly string[]): ((request: AdmissionRequest) => boolean) => {
  const users = new Set(
    accounts.map((account) => (account.includes(':') ? account : `system:serviceaccount:${account.replace('/', ':')}`)),
  );
  return (request) => DRIVER_MANAGERS.has(request.fieldManager) || users.has(request.user);
};
