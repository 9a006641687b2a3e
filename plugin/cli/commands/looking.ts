/** Commands that look and explain; none of them writes to the cluster. */
import { CONNECTION, HELP, NAMESPACE, OBJECT_FORMATS, output, SELECT, TABLE, TEXT } from '../flags.ts';
import type { CommandSpec, FlagGroup } from '../spec.ts';

const COMMON = [NAMESPACE, CONNECTION, TEXT, HELP] as const;
const VIEW_FORMATS = ['text', 'json', 'yaml'] as const;

const WAIT: FlagGroup['flags'] = {
  timeout: { type: 'duration', value: 'TIME', about: 'give up after this long (exit 124); 0: never', default: '0' },
  revision: { type: 'text', value: 'HASH', about: 'wait for this revision; being replaced by another ends with 1' },
  image: { type: 'text', value: 'REF', about: 'first wait until the target runs this image' },
  'fail-on-gate': { type: 'flag', about: 'end with 7 when it stops at a gate or pause' },
};

const GOALS = 'promoted, failed, paused, gate, step=N, weight=N or phase=P';

export const LOOKING: readonly CommandSpec[] = [
  {
    name: 'get',
    aliases: ['list', 'ls'],
    args: '[NAME...]',
    max: Number.POSITIVE_INFINITY,
    section: 'look',
    about: 'List canaries: phase, step, weight, checks and what they wait for',
    examples: [
      'kubectl canary get -A',
      'kubectl canary get --waiting -o name',
      'kubectl canary get podinfo -o jsonpath={.status.phase}',
    ],
    offers: 'canaries',
    groups: [
      SELECT,
      {
        title: 'Filter',
        flags: {
          phase: { type: 'list', value: 'PHASE,...', about: 'only those in these phases', offers: 'phases' },
          waiting: { type: 'flag', about: 'only those that wait for a person' },
          failed: { type: 'flag', about: 'only those that failed' },
        },
      },
      output(OBJECT_FORMATS, {
        ...TABLE,
        watch: { type: 'flag', short: 'w', about: 'go on with each change' },
        'output-watch-events': { type: 'flag', about: 'with -w: say ADDED, MODIFIED or DELETED too' },
      }),
      ...COMMON,
    ],
    load: () => import('../../commands/get.ts'),
  },
  {
    name: 'status',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'Show a rollout and wait for its end',
    details: `Draws a live tree on a terminal and writes one line per change elsewhere. --for names the end that is waited
for: ${GOALS}. Exit codes: 0 reached, 1 the rollout ended otherwise, 7 with --fail-on-gate at a gate, 124 timeout.`,
    examples: [
      'kubectl canary status podinfo -w',
      'kubectl canary status podinfo --watch=false -o json',
      'kubectl canary status podinfo --for promoted --timeout 30m',
    ],
    offers: 'canaries',
    groups: [
      {
        title: 'Wait',
        flags: {
          watch: {
            type: 'flag',
            short: 'w',
            about: 'wait for the end; --watch=false shows the present state',
            default: 'true',
          },
          for: { type: 'text', value: 'GOAL', about: `what to wait for: ${GOALS}`, default: 'promoted' },
          ...WAIT,
        },
      },
      output(VIEW_FORMATS),
      ...COMMON,
    ],
    load: () => import('../../commands/status.ts'),
  },
  {
    name: 'wait',
    args: '[NAME...]',
    max: Number.POSITIVE_INFINITY,
    section: 'look',
    about: 'Wait for one or several canaries, without drawing',
    examples: [
      'kubectl canary wait podinfo --for promoted --timeout 30m',
      'kubectl canary wait -l team=shop --for gate',
    ],
    offers: 'canaries',
    groups: [
      SELECT,
      { title: 'Wait', flags: { for: { type: 'text', value: 'GOAL', about: `what to wait for: ${GOALS}` }, ...WAIT } },
      output(VIEW_FORMATS),
      ...COMMON,
    ],
    load: () => import('../../commands/wait.ts'),
  },
  {
    name: 'watch',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'Live view of one rollout, or of all, with keys to act',
    details: `Keys: p promote (next step), a approve, r twice rollback, space pause or resume, e events, ? help, q quit.
Without a terminal it writes the lines of "status".`,
    examples: ['kubectl canary watch podinfo', 'kubectl canary watch -A --read-only'],
    offers: 'canaries',
    groups: [
      SELECT,
      {
        title: 'View',
        flags: {
          refresh: { type: 'duration', value: 'TIME', about: 'how often clocks are redrawn', default: '1s' },
          'exit-on': {
            type: 'text',
            value: 'WHEN',
            choices: ['end', 'gate', 'never'],
            about: 'end, gate or never',
            default: 'never',
          },
          'no-alt-screen': { type: 'flag', about: 'draw in the normal screen' },
          'read-only': { type: 'flag', about: 'only look; acting keys are off' },
        },
      },
      output(['text', 'json']),
      ...COMMON,
    ],
    load: () => import('../../commands/watch.ts'),
  },
  {
    name: 'describe',
    aliases: ['tree'],
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'The canary with all its objects as a tree, conditions, checks, gates and events',
    examples: ['kubectl canary describe podinfo', 'kubectl canary describe podinfo -o json'],
    offers: 'canaries',
    groups: [
      { title: 'View', flags: { pods: { type: 'flag', about: 'also the pods', default: 'true' } } },
      output(VIEW_FORMATS),
      ...COMMON,
    ],
    load: () => import('../../commands/describe.ts'),
  },
  {
    name: 'why',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'Why it stands where it stands: the last checks with query, value, bound and verdict, and what comes next',
    examples: ['kubectl canary why podinfo', 'kubectl canary why podinfo -o json'],
    offers: 'canaries',
    groups: [output(VIEW_FORMATS), ...COMMON],
    load: () => import('../../commands/why.ts'),
  },
  {
    name: 'gates',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'What holds rollouts until somebody agrees: state, since when, who approved',
    examples: ['kubectl canary gates podinfo', 'kubectl canary gates -A --waiting'],
    offers: 'canaries',
    groups: [
      SELECT,
      { title: 'Filter', flags: { waiting: { type: 'flag', about: 'only those that wait' } } },
      output(['table', 'json', 'yaml'], { 'no-headers': { type: 'flag', about: 'leave the header line out' } }),
      ...COMMON,
    ],
    load: () => import('../../commands/gates.ts'),
  },
  {
    name: 'history',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'The last revisions: image, when, how it ended, who decided',
    examples: ['kubectl canary history podinfo'],
    offers: 'canaries',
    groups: [
      output(['table', 'wide', 'json', 'yaml'], {
        limit: { type: 'whole', value: 'N', about: 'how many', default: '10' },
        'no-headers': { type: 'flag', about: 'leave the header line out' },
      }),
      ...COMMON,
    ],
    load: () => import('../../commands/history.ts'),
  },
  {
    name: 'events',
    args: '[NAME]',
    max: 1,
    section: 'look',
    about: 'Events of the canary and the objects it works with, oldest first',
    examples: ['kubectl canary events podinfo -w', 'kubectl canary events podinfo --since 10m'],
    offers: 'canaries',
    groups: [
      {
        title: 'View',
        flags: {
          watch: { type: 'flag', short: 'w', about: 'go on with each new event' },
          since: { type: 'duration', value: 'TIME', about: 'only those of this last span' },
          types: {
            type: 'list',
            value: 'TYPE',
            choices: ['Normal', 'Warning'],
            about: 'Normal or Warning; may be repeated',
          },
        },
      },
      output(['table', 'json', 'yaml'], { 'no-headers': { type: 'flag', about: 'leave the header line out' } }),
      ...COMMON,
    ],
    load: () => import('../../commands/events.ts'),
  },
];
