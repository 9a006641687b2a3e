import type { Notifier } from './notifier.ts';

export const teams: Notifier = {
  type: 'msteams',
  word: 'MS Teams webhook',
  body: ({ subject, message, severity, fields }) => ({
    '@type': 'MessageCard',
    '@context': 'http://schema.org/extensions',
    themeColor: severity === 'error' ? 'FF0000' : '0076D7',
    summary: subject,
    sections: [
      { activityTitle: message, activitySubtitle: subject, facts: fields.map(({ name, value }) => ({ name, value })) },
    ],
  }),
};
