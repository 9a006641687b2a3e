import { expect, test } from 'vitest';
import { FLAGS, helpText } from '../../../webhook/flags.ts';
import { readSettings } from '../../../webhook/settings.ts';

test('without flags everything has a value', () => {
  expect(readSettings([], {})).toMatchObject({
    kubeconfig: undefined,
    namespace: 'canary-system',
    port: 10250,
    healthPort: 8081,
    meshProvider: 'istio',
    selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
    register: false,
    certFolder: undefined,
    rotation: { caLifeMs: 365 * 86_400_000, leafLifeMs: 7 * 86_400_000, settleMs: 60_000, retireMs: 3_600_000 },
    certCheckMs: 60_000,
    lookupMs: 50,
    lookupBudgetMs: 300,
    drainDelayMs: 10_000,
    logLevel: 'info',
  });
});

test('one dash or two, with a space or an equals sign', () => {
  const argv = [
    '-mesh-provider=nginx',
    '--port',
    '0',
    '-selector-labels',
    ' a, b ,',
    '--register',
    '--url=https://127.0.0.1:0',
  ];
  expect(readSettings(argv, {})).toMatchObject({
    meshProvider: 'nginx',
    port: 0,
    selectorLabels: ['a', 'b'],
    register: true,
  });
});

test('the namespace of the pod counts where none is told', () => {
  const env = { POD_NAMESPACE: 'canaries' };
  expect(readSettings([], env)?.namespace).toBe('canaries');
  expect(readSettings(['--namespace', 'other'], env)?.namespace).toBe('other');
});

test.each([
  [['--port', '99999'], '--port must be a port, 0 to 65535, not "99999"'],
  [['--port', '1e3'], '--port must be a port, 0 to 65535, not "1e3"'],
  [['--drain-delay', '10'], '--drain-delay must be a duration such as 30s, not "10"'],
  [['--mesh-provider', 'smi:v1alpha1:istio'], 'smi:v1alpha3 or traefik, not "smi:v1alpha1:istio"'],
  [['--failure-policy', 'fail'], '--failure-policy must be Ignore or Fail, not "fail"'],
  [['--register', '--url', 'http://127.0.0.1'], '--url must be an https:// address, not "http://127.0.0.1"'],
  [['--url', 'https://127.0.0.1'], '--url only has a meaning together with --register'],
  [['--certz', 'self'], "Unknown option '--certz'"],
  [['now'], "Unexpected argument 'now'"],
  [['--log-level', 'loud'], 'unknown log level "loud"; use debug, info, warn, error'],
])('%j is refused in one line', (argv, message) => {
  expect(() => readSettings(argv, {})).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) as string }),
  );
});

test('help names every flag and is asked for by its flag alone', () => {
  expect(readSettings(['--help'], {})).toBeUndefined();
  for (const name of Object.keys(FLAGS)) expect(helpText()).toContain(`--${name}`);
});
