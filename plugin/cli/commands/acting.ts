/** Commands that say a person's word to the driver, or drive a rollout themselves. */
import { CONNECTION, HELP, MUTATE, NAMESPACE, output, SELECT, TEXT } from '../flags.ts';
import type { CommandSpec, FlagGroup } from '../spec.ts';

const COMMON = [NAMESPACE, CONNECTION, TEXT, HELP] as const;

const VERB_OUTPUT = output(['text', 'json', 'yaml', 'name']);

/** What a driver in this terminal is told; the names are the controller's. */
const ENGINE: FlagGroup['flags'] = {
  'mesh-provider': { type: 'text', value: 'NAME', about: 'provider of canaries that name none', default: 'istio' },
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
    about: 'Hold a running rollout where it is, or further on; drift is still repaired',
    examples: [
      'kubectl canary pause podinfo',
      'kubectl canary pause podinfo --for 30m',
      'kubectl canary pause podinfo --at weight=30',
    ],
    own: {
      at: { type: 'text', value: 'WHERE', about: 'only from there on: step=N or weight=N' },
      for: { type: 'text', value: 'TIME', about: 'resume by itself after this long' },
    },
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
  verb({
    name: 'approve',
    drive: true,
    about: 'Open a native gate for the revision that is being rolled out',
    details:
      'An approval belongs to one gate and one revision. Without --gate it is the gate that waits. The rollout goes on at once.',
    examples: ['kubectl canary approve podinfo', 'kubectl canary approve podinfo --gate qa --reason "load test ok"'],
    own: {
      gate: { type: 'text', value: 'GATE', about: 'which gate; absent: the one that waits' },
      revision: { type: 'text', value: 'HASH', about: 'only this revision; any beginning of it' },
      until: { type: 'text', value: 'TIME', about: 'close it again after this long' },
    },
    load: () => import('../../commands/approve.ts'),
  }),
  verb({
    name: 'reject',
    about: 'Turn a revision away at a native gate: traffic back, or none where it had not begun',
    examples: ['kubectl canary reject podinfo --reason "errors in the log"'],
    own: {
      gate: { type: 'text', value: 'GATE', about: 'which gate; absent: the one that waits' },
      revision: { type: 'text', value: 'HASH', about: 'only this revision; any beginning of it' },
    },
    load: () => import('../../commands/reject.ts'),
  }),
  verb({
    name: 'skip-step',
    about: 'Go some steps on without their checks and gates',
    examples: ['kubectl canary skip-step podinfo', 'kubectl canary skip-step podinfo --count 3'],
    own: { count: { type: 'whole', value: 'N', about: 'how many steps', default: '1' } },
    load: () => import('../../commands/skip-step.ts'),
  }),
  verb({
    name: 'set-weight',
    args: 'NAME WEIGHT',
    min: 1,
    max: 2,
    about: 'Give the canary this percentage of the traffic; its steps go on from there',
    examples: ['kubectl canary set-weight podinfo 35', 'kubectl canary set-weight podinfo 5 --hold'],
    own: {
      hold: { type: 'flag', about: 'and stay there until somebody resumes' },
      force: { type: 'flag', about: 'also above the largest weight of the analysis' },
    },
    load: () => import('../../commands/set-weight.ts'),
  }),
  verb({
    name: 'undo',
    drive: true,
    about: 'Put the target back to an earlier revision, which is then rolled out',
    details:
      'The pod template comes from the ReplicaSet or ControllerRevision that the cluster still keeps; ConfigMaps and Secrets stay as they are now. Whatever applies the manifest (Git, Helm) must follow, or it puts the present revision back.',
    examples: ['kubectl canary undo podinfo', 'kubectl canary undo podinfo --to-revision 41'],
    own: {
      'to-revision': {
        type: 'text',
        value: 'N',
        about: 'number or hash of `history`; absent: the one that served before',
      },
    },
    load: () => import('../../commands/undo.ts'),
  }),
  verb({
    name: 'restart',
    about: 'New pods for the primary, the same revision, without analysis',
    examples: ['kubectl canary restart podinfo'],
    load: () => import('../../commands/restart.ts'),
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
