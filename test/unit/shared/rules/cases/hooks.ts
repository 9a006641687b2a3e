import type { Severity } from '../../../../../shared/api/model.ts';
import { canary, creating } from '../world.ts';
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

export const HOOK_CASES: readonly RuleCase[] = HOSTS.map(([says, severity, bad, good]) => ({
  id: 'CANARY-HOOK-002',
  says: `a hook calls ${says}`,
  bad: hook(bad),
  good: hook(good),
  severity,
  path: 'spec.analysis.webhooks[0].url',
  message: 'Use the name of a Service.',
}));
