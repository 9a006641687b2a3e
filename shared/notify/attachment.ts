import type { Alert, Destination } from './notifier.ts';

/** Slack's attachment, which Discord and Rocket.Chat understand too; they differ in colours and addresses. */
export const attachmentBody = (alert: Alert, destination: Destination, color: string): unknown => ({
  channel: destination.channel,
  username: destination.username,
  icon_url: '',
  icon_emoji: ':rocket:',
  attachments: [
    {
      color,
      author_name: alert.subject,
      text: alert.message,
      mrkdwn_in: ['text'],
      fields: alert.fields.map(({ name, value }) => ({ title: name, value, short: false })),
    },
  ],
});
