import type { Severity } from '../../../../../shared/api/model.ts';
import { blueGreen, canary, creating, type Loose } from '../world.ts';
import type { RuleCase } from './case.ts';

const hook = (url: string) => creating(canary((it) => (it.spec.analysis.webhooks[0].url = url)));

const HOSTS: readonly (readonly [string, Severity, string, string])[] = [
  ['the metadata service of a cloud', 'deny', 'http://169.254.169.254/latest', 'http://169.255.169.254/latest'],
  ['the same in another notation', 'deny', 'http://2852039166/latest', 'http://loadtester.test/'],
  ['the same inside IPv6', 'deny', 'http://[::ffff:169.254.169.254]/', 'http://[2001:db8::1]/'],
  ['a link-local address', 'deny', 'http://[fe80::1]:80/', 'http://[fc00::1]:80/'],
  ['the metadata service by name', 'deny', 'http://Metadata.Google.Internal/', 'http://metadata.test/'],
  ['the API server', 'deny', 'https://kubernetes.default.svc/api', 'https://kubernetes.test/api'],
  ['a loopback address', 'warn', 'http://127.0.0.1:9099/', 'http://128.0.0.1:9099/'],
  ['the controller by name', 'warn', 'http://localhost/', 'http://localhost.test/'],
  ['every address', 'warn', 'http://0/', 'not a URL at all'],
];

const HOST_CASES: readonly RuleCase[] = HOSTS.map(([says, severity, bad, good]) => ({
  id: 'CANARY-HOOK-002',
  says: `a hook calls ${says}`,
  bad: hook(bad),
  good: hook(good),
  severity,
  path: 'spec.analysis.webhooks[0].url',
  message: 'Use the name of a Service.',
}));

const AT = 'spec.analysis.webhooks[0]';
const having = (more: Loose, change: (it: Loose) => void = () => {}) =>
  creating(
    canary((it) => {
      Object.assign(it.spec.analysis.webhooks[0], more);
      change(it);
    }),
  );
const running = (cmd: string) => having({ metadata: { cmd } });
const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-HOOK-${id}`,
  says,
  severity,
  path,
  message,
});

export const HOOK_CASES: readonly RuleCase[] = [
  ...HOST_CASES,
  {
    ...row('001', 'a hook without a host', ['deny', `${AT}.url`, '"loadtester.test" is not an http(s) URL']),
    bad: having({ url: 'loadtester.test' }),
    good: having({ url: 'https://loadtester.test:8443/x?y=1' }),
  },
  {
    ...row('001', 'a hook of another protocol', ['deny', `${AT}.url`, 'is not an http(s) URL']),
    bad: having({ url: 'ftp://loadtester.test/' }),
    good: having({ url: 'http://loadtester.test/' }),
  },
  {
    ...row('003', 'a password in an address', ['warn', `${AT}.url`, 'holds credentials']),
    bad: having({ url: 'http://me:secret@loadtester.test/' }),
    good: having({ url: 'http://loadtester.test/@me' }),
  },
  {
    ...row('004', 'more retries than an interval holds', ['deny', `${AT}.retries`, '11: each retry waits']),
    bad: having({ retries: 11 }),
    good: having({ retries: 10 }),
  },
  {
    ...row('004', 'less than no retry', ['deny', `${AT}.retries`, '-1: each retry waits']),
    bad: having({ retries: -1 }),
    good: having({ retries: 0 }),
  },
  {
    ...row('005', 'certificates that nobody checks', ['warn', `${AT}.disableTLS`, 'anybody on the way can answer']),
    bad: having({ url: 'https://loadtester.test/', disableTLS: true }),
    good: having({ url: 'https://loadtester.test/', disableTLS: false }),
  },
  {
    ...row('005', 'certificates where there are none', ['warn', `${AT}.disableTLS`, 'has no effect with http']),
    bad: having({ disableTLS: true }),
    good: having({}),
  },
  {
    ...row('006', 'two hooks of one name', ['warn', 'spec.analysis.webhooks[1].name', 'two hooks are named "load"']),
    bad: having({}, (it) => it.spec.analysis.webhooks.push({ name: 'load', url: 'http://x.test/' })),
    good: having({}, (it) => it.spec.analysis.webhooks.push({ name: 'other', url: 'http://x.test/' })),
  },
  {
    ...row('007', 'a gate that never opens', ['warn', `${AT}.url`, 'this gate never opens']),
    bad: having({ type: 'confirm-rollout', url: 'http://loadtester.test/gate/halt' }),
    good: having({ type: 'confirm-rollout', url: 'http://loadtester.test/gate/check' }),
  },
  {
    ...row('007', 'a gate that never closes', ['warn', `${AT}.url`, 'this gate never closes']),
    bad: having({ type: 'confirm-promotion', url: 'http://loadtester.test/gate/approve' }),
    good: having({ type: 'rollout', url: 'http://loadtester.test/gate/approve' }),
  },
  {
    ...row('008', 'a gate of an analysis that is skipped', ['warn', AT, 'never asked while skipAnalysis is set']),
    bad: having({ type: 'confirm-promotion' }, (it) => (it.spec.skipAnalysis = true)),
    good: having({ type: 'confirm-promotion' }),
  },
  {
    ...row('008', 'a gate for traffic that does not rise', ['warn', AT, 'iterations raise no traffic']),
    bad: creating(blueGreen((it) => (it.spec.analysis.webhooks[0].type = 'confirm-traffic-increase'))),
    good: having({ type: 'confirm-traffic-increase' }),
  },
  {
    ...row('009', 'a command that cannot fail', ['warn', `${AT}.metadata.cmd`, 'this hook cannot fail']),
    bad: running('curl -s http://podinfo-canary/ | grep ok; curl -X POST http://x/'),
    good: running('curl -sf http://podinfo-canary/'),
  },
  {
    ...row('009', 'a command whose answer nobody reads', ['warn', `${AT}.metadata.cmd`, 'this hook cannot fail']),
    bad: running('cd /tmp && /usr/bin/curl -s http://podinfo-canary/'),
    good: running("curl -sd 'test' http://podinfo-canary/token | grep token"),
  },
];
