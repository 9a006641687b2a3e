/** `kubectl canary help TOPIC`. */
import { PHASES } from '../../shared/api/phase.ts';
import { EXIT } from '../../shared/errors.ts';
import { columns } from './columns.ts';

type ExitName = keyof typeof EXIT;

const MEANINGS: Record<ExitName, string> = {
  done: 'done, yes, nothing to report; also when stdout was closed early (| head)',
  no: 'the answer is no: the rollout failed, differences or findings were found',
  usage: 'wrong usage, or an unreadable or invalid input file',
  unreachable: 'API server, credentials helper, metrics server or driver not reachable or not accepted',
  notFound: 'object, resource type, context or revision not found',
  forbidden: 'forbidden by RBAC, or denied by admission',
  refused: 'the phase forbids it, a conflict, or another driver holds the lease',
  needsPerson: 'stopped at a gate or pause: a person is needed',
  bug: 'a bug in kubectl canary; the stack is in a file',
  timeout: '--timeout elapsed',
  interrupted: 'interrupted (SIGINT), after an orderly end',
  terminated: 'terminated (SIGTERM), after an orderly end',
};

const exitCodes = (): string =>
  columns([
    ['CODE', 'MEANING'],
    ...(Object.entries(EXIT) as [ExitName, number][]).map(([name, code]) => [String(code), MEANINGS[name]]),
  ]).join('\n');

const output = (): string =>
  [
    'Where -o is understood, it takes one of the formats that the command names:',
    '',
    ...columns([
      ['table, text', 'for people; the default'],
      ['wide', 'the table with more columns'],
      ['json, yaml', 'the API objects unchanged, a List when several; computed views (status, why, validate …)'],
      ['', 'are an object of their own kind and apiVersion'],
      ['name', 'canary.flagger.app/podinfo, one per line'],
      ['jsonpath=TEMPLATE', 'kubectl\'s dialect: {range .items[*]}{.metadata.name}{"\\n"}{end}'],
      ['jsonpath-file=FILE', 'the template from a file'],
      ['custom-columns=SPEC', 'NAME:.metadata.name,PHASE:.status.phase'],
    ]).map((line) => `  ${line}`),
    '',
    'Go templates are not supported. With --watch, json is one compact object per line.',
    'The answer goes to stdout, everything else to stderr. Off a terminal and in CI nothing is redrawn, asked or cut.',
  ].join('\n');

const environment = (): string =>
  columns([
    ['VARIABLE', 'MEANING'],
    ['KUBECONFIG', 'kubeconfig files, the first definition of a name wins'],
    ['NO_COLOR', 'no colours, when set and not empty'],
    ['FORCE_COLOR', 'colours also where there is no terminal; wins over NO_COLOR'],
    ['CI', 'nothing is redrawn or asked'],
    ['HTTPS_PROXY, NO_PROXY', 'the way to the API server'],
    ['KUBECTL_CANARY_OUTPUT', 'the default of -o'],
    ['KUBECTL_CANARY_READ_ONLY', 'refuse every command that changes something, when set and not empty'],
    [
      'KUBECTL_CANARY_PROTECTED_CONTEXTS',
      'comma separated patterns (prod-*); a change there asks for the name of the context',
    ],
  ]).join('\n');

const vocabulary = (): string =>
  [
    ...columns([
      ['target', 'the workload that a Canary watches'],
      ['primary', 'the stable copy of the target, which serves all traffic when nothing moves'],
      ['canary', 'the new revision, in the target itself'],
      ['apex', 'the Service under which users reach the application'],
      ['step', 'one weight, or one iteration, held for an interval'],
      ['check', 'one judged metric or hook: passed, failed or inconclusive'],
      ['gate', 'a transition that waits for an approval'],
      ['promotion', 'the new revision is copied to the primary'],
      ['rollback', 'all traffic back to the primary, target to zero'],
      ['driver', 'who moves a rollout: a controller, or "kubectl canary run"; exactly one at a time, by a Lease'],
    ]),
    '',
    `Phases: ${PHASES.filter((phase) => phase !== '').join(', ')}`,
  ].join('\n');

const gates = (): string =>
  [
    'A native gate holds a transition until a person approves it. It stands in the spec,',
    '',
    '  spec:',
    '    analysis:',
    '      gates:',
    '        - {name: qa, type: confirm-promotion, timeout: 2h, onTimeout: reject}',
    '',
    'or, where the spec cannot be changed, as the same list in JSON in the annotation kubectl-canary/gates.',
    '',
    ...columns([
      ['confirm-rollout', 'before anything of the new revision runs'],
      ['confirm-traffic-increase', 'before each further weight; one approval opens it for the whole rollout'],
      ['confirm-promotion', 'before the new revision is copied to the primary'],
    ]),
    '',
    'An approval counts for one revision. Checks go on while a gate waits. Without an answer within the timeout the gate',
    'rejects, or approves where onTimeout says so; without a timeout it waits. Confirm hooks of the same type are asked first.',
    '',
    '  kubectl canary gates -A --waiting',
    '  kubectl canary approve podinfo --gate qa --reason "load test ok"',
    '  kubectl canary reject podinfo --reason "errors in the log"',
  ].join('\n');

export const TOPICS: Readonly<Record<string, () => string>> = {
  'exit-codes': exitCodes,
  gates,
  output,
  environment,
  vocabulary,
};
