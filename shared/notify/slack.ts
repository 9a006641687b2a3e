import { attachmentBody } from './attachment.ts';
import type { Notifier } from './notifier.ts';

export const slack: Notifier = {
  type: 'slack',
  word: 'Slack hook',
  takesToken: true,
  body: (alert, destination) => attachmentBody(alert, destination, alert.severity === 'error' ? 'danger' : 'good'),
};
