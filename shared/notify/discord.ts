import { attachmentBody } from './attachment.ts';
import type { Notifier } from './notifier.ts';

/** Discord takes Slack's body at a path of its own. */
const slackPath = (address: string): string => {
  if (address.endsWith('/slack')) return address;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/slack`;
  return url.href;
};

export const discord: Notifier = {
  type: 'discord',
  word: 'Discord hook',
  addressOf: slackPath,
  body: (alert, destination) => attachmentBody(alert, destination, alert.severity === 'error' ? 'danger' : 'good'),
};
