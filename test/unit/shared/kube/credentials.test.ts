import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../../make/clock.ts';
import { accessOf, kubeconfig, load } from './config-harness.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the credentials of a kubeconfig user', () => {
  it.each([
    { what: 'a token', user: { token: 't' }, header: 'Bearer t' },
    {
      what: 'a token file, trimmed, next to the kubeconfig',
      user: { tokenFile: 'secret/token', token: 'old' },
      header: 'Bearer from-file',
    },
    { what: 'name and password', user: { username: 'me', password: 'pw' }, header: `Basic ${base64('me:pw')}` },
    { what: 'nothing', user: {}, header: undefined },
  ])('may be $what', async ({ user, header }) => {
    expect((await accessOf(user, { 'secret/token': ' from-file\n' })).headers['Authorization']).toBe(header);
  });

  it('may be a certificate and key, as files beside the kubeconfig or as data, and data wins', async () => {
    const files = { 'pki/cert': 'cert of file', 'pki/key': 'key of file' };
    const paths = { 'client-certificate': 'pki/cert', 'client-key': 'pki/key' };
    const fromFiles = (await accessOf(paths, files)).tls;
    expect([String(fromFiles.cert), String(fromFiles.key)]).toEqual(['cert of file', 'key of file']);
    const data = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const fromData = (await accessOf({ ...paths, ...data }, files)).tls;
    expect([String(fromData.cert), String(fromData.key)]).toEqual(['cert', 'key']);
  });

  it('come with the authority and name of the cluster', async () => {
    const cluster = { 'certificate-authority': 'pki/ca', 'tls-server-name': 'other.test' };
    const { credentials } = await load({ config: kubeconfig({}, cluster), 'pki/ca': 'authority' });
    const { tls } = await credentials.current();
    expect(String(tls.ca)).toBe('authority');
    expect(tls).toMatchObject({ servername: 'other.test', rejectUnauthorized: true });
    const overridden = await load(
      { config: kubeconfig({}, cluster), 'pki/ca': 'authority' },
      { insecureSkipTlsVerify: true },
    );
    expect(await overridden.credentials.current()).toMatchObject({ tls: { rejectUnauthorized: false } });
  });

  it('say which file is missing', async () => {
    const { credentials, folder } = await load({ config: kubeconfig({ tokenFile: 'token' }) });
    const message = `cannot read the credentials of user "dev": ${join(folder, 'token')}: no such file`;
    await expect(credentials.current()).rejects.toMatchObject({ code: 'CREDENTIALS', message });
    const pki = await load({ config: kubeconfig({}, { 'certificate-authority': 'pki/ca' }) });
    await expect(pki.credentials.current()).rejects.toMatchObject({
      code: 'CREDENTIALS',
      message: expect.stringContaining('pki/ca') as string,
    });
  });

  it.each([
    { provider: 'gcp', helper: 'gke-gcloud-auth-plugin' },
    { provider: 'azure', helper: 'kubelogin' },
  ])('of the old $provider provider name the new helper', async ({ provider, helper }) => {
    await expect(
      load({ config: kubeconfig({ 'auth-provider': { name: provider, config: {} } }) }),
    ).rejects.toMatchObject({
      code: 'CREDENTIALS',
      remedy: expect.stringContaining(helper) as string,
    });
  });

  it('of an OIDC provider are its token', async () => {
    const payload = Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString('base64url');
    const token = `${Buffer.from('{}').toString('base64url')}.${payload}.x`;
    const provider = {
      name: 'oidc',
      config: { 'id-token': token, 'client-id': 'c', 'idp-issuer-url': 'https://idp.test' },
    };
    expect((await accessOf({ 'auth-provider': provider })).headers['Authorization']).toBe(`Bearer ${token}`);
  });
});

/** A helper that counts its runs and answers with what is in its environment. */
const HELPER = `#!/bin/sh
echo run >> "$(dirname "$0")/runs"
[ -n "$SAY" ] && echo "$SAY" >&2
[ -n "$CODE" ] && exit "$CODE"
[ -n "$ANSWER" ] && { printf '%s' "$ANSWER"; exit; }
printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-helper-%s","expirationTimestamp":"%s"}}' "$1" "$EXPIRES"
`;

const exec = (env: Record<string, string> = {}, more: object = {}) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './bin/helper',
    args: ['one'],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    interactiveMode: 'IfAvailable',
    ...more,
  },
});

const answer = (status: object, apiVersion = 'client.authentication.k8s.io/v1'): string =>
  JSON.stringify({ apiVersion, kind: 'ExecCredential', status });

const start = async (user: object, options: object = {}) => {
  const clock = createTestClock();
  const connection = await load(
    { config: kubeconfig(user, { 'certificate-authority-data': base64('authority') }), 'bin/helper': HELPER },
    { clock, ...options },
  );
  const runs = async (): Promise<number> =>
    (await readFile(join(connection.folder, 'bin/runs'), 'utf8')).trim().split('\n').length;
  return { ...connection, clock, runs };
};

describe('a credential helper', () => {
  it('is found beside the kubeconfig, told about the call, and asked once', async () => {
    const { credentials, folder, runs, clock } = await start(exec({}, { provideClusterInfo: true }));
    const all = await Promise.all([credentials.current(), credentials.current()]);
    expect(all.map((access) => access.headers['Authorization'])).toEqual([
      'Bearer from-helper-one',
      'Bearer from-helper-one',
    ]);
    await clock.advance(60_000);
    await credentials.current();
    expect(await runs()).toBe(1);
    expect(JSON.parse(await readFile(join(folder, 'bin/info'), 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          server: 'https://api.test:6443',
          'certificate-authority-data': base64('authority'),
        },
      },
    });
  });

  it('is asked again when its answer expires or is refused', async () => {
    const { credentials, clock, runs } = await start(exec({ EXPIRES: '2026-01-01T00:10:00Z' }));
    await credentials.current();
    await clock.advance(9 * 60_000);
    await credentials.current();
    expect(await runs()).toBe(1);
    await clock.advance(55_000);
    await credentials.current();
    expect(await runs()).toBe(2);
    expect(credentials.renew()).toBe(true);
    await credentials.current();
    expect(await runs()).toBe(3);
  });

  it('may give a certificate with its key', async () => {
    const { credentials } = await start(
      exec({ ANSWER: answer({ clientCertificateData: 'cert', clientKeyData: 'key' }) }),
    );
    expect(await credentials.current()).toMatchObject({ headers: {}, tls: { cert: 'cert', key: 'key' } });
  });

  it('has its token replaced by one on the command line', async () => {
    const { credentials } = await start(exec(), { token: 'given' });
    expect((await credentials.current()).headers['Authorization']).toBe('Bearer given');
  });

  it.each([
    {
      what: 'is not there',
      user: exec({}, { command: 'no-such-helper', installHint: 'install it\nlike this' }),
      error: { message: 'the credential helper "no-such-helper" was not found', because: 'install it · like this' },
    },
    {
      what: 'fails',
      user: exec({ CODE: '3', SAY: 'sign in first' }),
      error: { message: /ended with code 3$/, because: 'sign in first' },
    },
    { what: 'prints something else', user: exec({ ANSWER: 'hello' }), error: { message: /did not answer with JSON$/ } },
    {
      what: 'answers in another version',
      user: exec({ ANSWER: answer({ token: 't' }, 'client.authentication.k8s.io/v1beta1') }),
      error: { message: /did not answer with an ExecCredential of/ },
    },
    {
      what: 'answers with nothing',
      user: exec({ ANSWER: answer({ clientCertificateData: 'cert' }) }),
      error: { message: /neither a token nor a certificate/ },
    },
    {
      what: 'has an old version',
      user: exec({}, { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
      error: { message: /is not supported$/ },
    },
    { what: 'has no command', user: exec({}, { command: '' }), error: { message: /without a command$/ } },
    {
      what: 'needs a terminal',
      user: exec({}, { interactiveMode: 'Always' }),
      error: { message: /needs a terminal$/ },
    },
  ])('that $what is an error in one line', async ({ user, error }) => {
    const { credentials } = await start(user);
    const { message, ...more } = error;
    await expect(credentials.current()).rejects.toMatchObject({
      code: 'CREDENTIALS',
      message: expect.stringMatching(message instanceof RegExp ? message : new RegExp(`^${message}$`)) as string,
      ...more,
    });
  });

  it('that never ends is ended after a minute', async () => {
    const { credentials, clock } = await start({
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['600'] },
    });
    const got = credentials.current().catch((reason: unknown) => reason);
    await clock.advance(60_000);
    expect(await got).toMatchObject({
      code: 'CREDENTIALS',
      message: 'the credential helper "sleep" gave no answer within 60 s',
    });
  });

  it('keeps no caller waiting who has given up', async () => {
    const stop = new AbortController();
    const { credentials, clock } = await start({
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['600'] },
    });
    const got = credentials.current(stop.signal).catch((reason: unknown) => reason);
    await clock.advance(1);
    stop.abort(new Error('given up'));
    expect(await got).toMatchObject({ message: 'given up' });
    await clock.advance(60_000);
  });
});
