import type { Notifier } from './notifier.ts';

const paragraph = (text: string) => ({ widgets: [{ textParagraph: { text } }] });
const strong = (text: string): string => `<font color=#848484><strong>${text}</strong></font>`;

export const gchat: Notifier = {
  type: 'gchat',
  word: 'Google Chat webhook',
  body: ({ subject, message, fields }) => ({
    cards: [
      {
        header: { title: 'Flagger', subtitle: subject, imageUrl: 'https://flagger.app/favicon.png' },
        sections: [
          paragraph(strong(message)),
          ...fields.map(({ name, value }) => paragraph(`${name}<br>${strong(value)}`)),
        ],
      },
    ],
  }),
};
