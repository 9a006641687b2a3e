/** Commands that need no cluster. */
import { FILES, HELP, TEXT } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';

export const OFFLINE: readonly CommandSpec[] = [
  {
    name: 'validate',
    aliases: ['lint'],
    args: '[FILE...]',
    max: Number.POSITIVE_INFINITY,
    section: 'offline',
    about: 'Judge manifests with the rules of the webhook, without a cluster',
    details: `Reads YAML and JSON with several documents, folders, and - for stdin. Objects of other kinds in the same files are the
context of rules about two objects. Exit codes: 0 clean, 1 findings, 2 unreadable input or nothing to validate.`,
    examples: [
      'kubectl canary validate -f deploy/',
      'helm template . | kubectl canary validate -f -',
      'kubectl canary validate -f deploy/ -R -o sarif',
    ],
    offers: 'files',
    groups: [
      FILES,
      {
        title: 'Judge',
        flags: {
          strict: { type: 'flag', about: 'warnings count as errors' },
          disable: { type: 'list', value: 'RULE', about: 'leave this rule out; may be repeated' },
          'min-severity': {
            type: 'text',
            value: 'LEVEL',
            choices: ['error', 'warning'],
            about: 'show no less than this',
            default: 'warning',
          },
          'mesh-provider': { type: 'text', value: 'NAME', about: 'provider of canaries that name none' },
          explain: { type: 'text', value: 'RULE', about: 'say what a rule is about, and end' },
        },
      },
      {
        title: 'Output',
        flags: {
          output: {
            type: 'text',
            short: 'o',
            value: 'FORMAT',
            choices: ['text', 'json', 'yaml', 'sarif', 'junit', 'github'],
            about: 'text, json, yaml, sarif, junit or github',
            default: 'text',
          },
        },
      },
      TEXT,
      HELP,
    ],
    load: () => import('../../commands/validate.ts'),
  },
  {
    name: 'demo',
    section: 'offline',
    about: 'See it work on this machine alone, with a simulated cluster',
    examples: ['kubectl canary demo', 'kubectl canary demo --keep'],
    groups: [
      {
        title: 'Demo',
        flags: {
          keep: { type: 'flag', about: 'leave the simulated cluster running at the end' },
          port: { type: 'whole', value: 'N', about: 'port of the simulated API server; 0: any', default: '0' },
        },
      },
      TEXT,
      HELP,
    ],
    load: () => import('../../commands/demo.ts'),
  },
];
