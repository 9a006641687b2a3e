/** Help, version, completion. */
import { CONNECTION, HELP, NAMESPACE, output, TEXT } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export const OTHER: readonly CommandSpec[] = [
  {
    name: 'version',
    section: 'other',
    about: 'Versions of the plugin, the controller and the resource types',
    examples: ['kubectl canary version', 'kubectl canary version --client -o json'],
    groups: [
      {
        title: 'What',
        flags: {
          client: { type: 'flag', about: 'only this program, no cluster' },
          short: { type: 'flag', about: 'the number alone' },
        },
      },
      output(['text', 'json', 'yaml']),
      NAMESPACE,
      CONNECTION,
      TEXT,
      HELP,
    ],
    load: () => import('../../commands/version.ts'),
  },
  {
    name: 'options',
    section: 'other',
    about: 'Flags that every command understands',
    examples: ['kubectl canary options'],
    groups: [TEXT, HELP],
    load: () => import('../../commands/options.ts'),
  },
  {
    name: 'completion',
    args: `${SHELLS.join('|')}|install`,
    min: 1,
    max: 1,
    section: 'other',
    about: 'Completion for a shell; "install" writes the helper that kubectl calls',
    examples: ['kubectl canary completion install --path ~/.local/bin', 'source <(kubectl canary completion bash)'],
    groups: [
      {
        title: 'Install',
        flags: {
          path: { type: 'text', value: 'DIR', about: 'folder on PATH for kubectl_complete-canary', offers: 'files' },
        },
      },
      TEXT,
      HELP,
    ],
    load: () => import('../../commands/completion.ts'),
  },
  {
    name: 'help',
    args: '[COMMAND|TOPIC]',
    max: 1,
    section: 'other',
    about: 'Help for a command, or on exit-codes, output, environment, vocabulary',
    examples: ['kubectl canary help exit-codes', 'kubectl canary help status'],
    groups: [TEXT, HELP],
    load: () => import('../../commands/help.ts'),
  },
];
