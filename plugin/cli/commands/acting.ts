/** Commands that say a person's word to the driver, or drive a rollout themselves. */
import { CONNECTION, HELP, MUTATE, NAMESPACE, output, SELECT, TEXT } from '../flags.ts';
import type { CommandSpec, FlagGroup } from '../spec.ts';

const COMMON = [NAMESPACE, CONNECTION, TEXT, HELP] as const;

const VERB_OUTPUT = output(['text', 'json', 'yaml', 'name']);

/** What a driver in this terminal is told; the names are the controller's. */
const ENGINE: FlagGroup['flags'] = {
  'mesh-provider': { type: 'text', value: 'NAME', about: 'provider of canaries that name none', default: 'kubernetes' },
  'metrics-server': {
    type: 'text',
    value: 'URL',
    about: 'Prometheus of the built-in checks',
    default: 'http://prometheus:9090',
  },
  'selector-labels': {
    type: 'text',
    value: 'NAMES',
    about: 'labels that can select the target',
    default: 'app,name,app.kubernetes.io/name',
  },
  'include-label-prefix': { type: 'text', value: 'PREFIXES', about: 'labels and annotations that are copied' },
  'ingress-annotations-prefix': {
    type: 'text',
    value: 'PREFIX',
    about: 'of the ingress controller',
    default: 'nginx.ingress.kubernetes.io',
  },
  'ingress-class': { type: 'text', value: 'NAME', about: 'ingress class of the routes' },
  'enable-config-tracking': { type: 'flag', about: 'follow ConfigMaps and Secrets', default: 'true' },
};

const DRIVE: FlagGroup = {
  title: 'Driver',
  flags: {
    drive: { type: 'flag', about: 'where no driver is alive: drive the rollout from this terminal to its end' },
    ...ENGINE,
  },
};

type VerbSpec = Pick<CommandSpec, 'name' | 'about' | 'examples' | 'load'> &
  Partial<CommandSpec> & { own?: FlagGroup['flags']; drive?: boolean };

const verb = ({ own, drive, ...spec }: VerbSpec): CommandSpec => ({
  args: 'NAME...',
  max: Number.POSITIVE_INFINITY,
  section: 'act',
  offers: 'canaries',
  groups: [
    ...(own === undefined ? [] : [{ title: 'What', flags: own }]),
    { title: SELECT.title, flags: { ...SELECT.flags } },
    MUTATE,
    ...(drive === true ? [DRIVE] : []),
    VERB_OUTPUT,
    ...COMMON,
  ],
  ...spec,
});

export const ACTING: readonly CommandSpec[] = [
  verb({
    name: 'promote',
    drive: true,
    about: 'Take the next step now; --full promotes at once',
    details:
      'Without --full the rollout moves one step on without waiting for the interval. With --full the new revision is promoted without further analysis; with failing checks that needs --force and --reason off a terminal.',
    examples: ['kubectl canary promote podinfo', 'kubectl canary promote podinfo --full --reason "hotfix"'],
    own: {
      full: { type: 'flag', about: 'all the way, without further analysis' },
      force: { type: 'flag', about: 'with --full: although checks are failing' },
    },
    load: () => import('../../commands/promote.ts'),
  }),
  verb({
    name: 'rollback',
    aliases: ['abort'],
    drive: true,
    about: 'Stop the running rollout and route all traffic back to the primary',
    examples: ['kubectl canary rollback podinfo --reason "latency"', 'kubectl canary rollback podinfo --wait'],
    load: () => import('../../commands/rollback.ts'),
  }),
  verb({
    name: 'pause',
    about: 'Hold a running rollout where it is; drift is still repaired',
    examples: ['kubectl canary pause podinfo', 'kubectl canary pause podinfo --for 30m'],
    own: { for: { type: 'text', value: 'TIME', about: 'resume by itself after this long' } },
    load: () => import('../../commands/pause.ts'),
  }),
  verb({
    name: 'resume',
    about: 'Go on after a pause',
    examples: ['kubectl canary resume podinfo'],
    load: () => import('../../commands/resume.ts'),
  }),
  verb({
    name: 'retry',
    drive: true,
    about: 'Analyse the revision that failed once more',
    examples: ['kubectl canary retry podinfo --reason "the provider was down"'],
    load: () => import('../../commands/retry.ts'),
  }),
  {
    name: 'run',
    args: 'NAME',
    min: 1,
    max: 1,
    section: 'act',
    about: 'Drive one rollout from this terminal, without a controller',
    details: `Takes the Lease canary-NAME and runs the same engine as the controller in the foreground. Ctrl-C finishes the action in
hand, releases the lease and says how to go on; a second Ctrl-C leaves at once. All state is in the cluster: killed in
any phase, the next driver goes on where it stopped.`,
    examples: [
      'kubectl canary run podinfo',
      'kubectl canary run podinfo --until end --metrics-server http://localhost:9090',
    ],
    offers: 'canaries',
    groups: [
      {
        title: 'Drive',
        flags: {
          until: {
            type: 'text',
            value: 'WHEN',
            choices: ['end', 'gate'],
            about: 'stop at the end of the rollout, or already where a person is needed',
            default: 'end',
          },
          'take-over': { type: 'flag', about: 'although another driver is alive' },
          timeout: {
            type: 'duration',
            value: 'TIME',
            about: 'stop after this long (exit 124); 0: never',
            default: '0',
          },
          ...ENGINE,
        },
      },
      output(['text', 'json']),
      ...COMMON,
    ],
    load: () => import('../../commands/run.ts'),
  },
];
