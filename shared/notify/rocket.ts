import { attachmentBody } from './attachment.ts';
import type { Notifier } from './notifier.ts';

export const rocket: Notifier = {
  type: 'rocket',
  word: 'Rocket hook',
  body: (alert, destination) => attachmentBody(alert, destination, alert.severity === 'error' ? '#FF0000' : '#0076D7'),
};
