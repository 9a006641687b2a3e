/** The port of a chat service: an alert in, the body of one POST out. Bodies are the reference's. */
import type { AlertField, HttpRequest } from '../api/model.ts';

export type AlertSeverity = 'info' | 'warn' | 'error';

export interface Alert {
  /** `podinfo.test` */
  subject: string;
  message: string;
  severity: AlertSeverity;
  fields: readonly AlertField[];
}

/** Where an alert goes. Everything here is a secret: it never reaches a log, an event or an error. */
export interface Destination {
  address: string;
  token?: string;
  channel: string;
  username: string;
  proxy?: string;
}

export interface Notifier {
  /** Value of an AlertProvider's `spec.type`. */
  readonly type: string;
  /** As messages name its address. */
  readonly word: string;
  body(alert: Alert, destination: Destination): unknown;
  /** The address that is called; by default the one given. */
  readonly addressOf?: (address: string) => string;
  /** It takes the token as `Authorization: Bearer`. */
  readonly takesToken?: boolean;
}

const TIMEOUT_MS = 5000;

const isHttpUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:';
};

/** The call that sends an alert; `error` when the address is unusable, without showing it. */
export const alertRequest = (
  notifier: Notifier,
  alert: Alert,
  destination: Destination,
): HttpRequest | { error: string } => {
  if (!isHttpUrl(destination.address)) return { error: `invalid ${notifier.word} URL` };
  const { token, proxy } = destination;
  return {
    method: 'POST',
    url: notifier.addressOf?.(destination.address) ?? destination.address,
    headers: {
      'Content-Type': 'application/json',
      ...(notifier.takesToken === true && token !== undefined && token !== '' && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(notifier.body(alert, destination)),
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    ...(proxy !== undefined && proxy !== '' && { proxy }),
  };
};

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warn: 1, error: 2 };

/** An entry of `least` severity hears of that and of everything worse. */
export const hears = (least: AlertSeverity, severity: AlertSeverity): boolean => RANK[severity] >= RANK[least];
