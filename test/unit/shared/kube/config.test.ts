import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConnection } from '../../../../shared/kube/config.ts';
import { folderWith, kubeconfig, load } from './config-harness.ts';

const context = (name: string, namespace: string, server = `https://${name}.test`) => ({
  'current-context': name,
  contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  clusters: [{ name, cluster: { server } }],
  users: [{ name, user: { token: `token-of-${name}` } }],
});

const tokenOf = async (connection: Awaited<ReturnType<typeof loadConnection>>): Promise<unknown> =>
  (await connection.credentials.current()).headers['Authorization'];

describe('finding a kubeconfig', () => {
  it('takes the only file that it is told to take', async () => {
    const folder = await folderWith({ a: JSON.stringify(context('a', 'one')), b: JSON.stringify(context('b', 'two')) });
    const connection = await loadConnection({ kubeconfig: join(folder, 'b'), env: { KUBECONFIG: join(folder, 'a') } });
    expect(connection).toMatchObject({ server: 'https://b.test', namespace: 'two', contextName: 'b', user: 'b' });
  });

  it('merges the files of KUBECONFIG: first wins, missing ones are skipped', async () => {
    const first = { ...context('a', 'one'), 'current-context': '' };
    const second = {
      ...context('b', 'two'),
      users: [
        { name: 'a', user: { token: 'wrong' } },
        { name: 'b', user: { token: 'right' } },
      ],
    };
    const folder = await folderWith({
      a: JSON.stringify(first),
      b: JSON.stringify(second),
      c: JSON.stringify(context('c', 'three')),
    });
    const env = { KUBECONFIG: ['absent', 'a', 'b', 'c'].map((file) => join(folder, file)).join(':') };
    const current = await loadConnection({ env });
    expect([current.contextName, current.namespace, await tokenOf(current)]).toEqual(['b', 'two', 'Bearer right']);
    const other = await loadConnection({ env, context: 'a' });
    expect([other.namespace, await tokenOf(other)]).toEqual(['one', 'Bearer token-of-a']);
  });

  it('looks into the home folder when nothing else is said', async () => {
    const folder = await folderWith({ '.kube/config': JSON.stringify(context('home', 'x')) });
    expect(await loadConnection({ env: { HOME: folder } })).toMatchObject({ contextName: 'home' });
  });

  it('reads YAML as well', async () => {
    const yaml = [
      'current-context: "lab"',
      'contexts:',
      '- name: lab',
      '  context: {cluster: lab, user: dev}',
      'clusters:',
      '- name: lab',
      '  cluster: {server: "https://api.test"}',
      'users: []',
    ];
    const { server } = await load({ config: yaml.join('\n').replace(', user: dev', '') });
    expect(server).toBe('https://api.test');
  });

  it.each([
    {
      what: 'nothing anywhere',
      files: {},
      env: { HOME: '/nowhere' },
      message: /^no kubeconfig found \(looked for \/nowhere\/\.kube\/config\)$/,
    },
    {
      what: 'a file that must exist',
      files: {},
      kubeconfig: 'absent',
      message: /^cannot read kubeconfig .*absent: no such file$/,
    },
    { what: 'a folder', files: { 'dir/x': '' }, kubeconfig: 'dir', message: /: it is a folder$/ },
    {
      what: 'broken YAML',
      files: { config: 'a: [1,\nb: {' },
      message: /^kubeconfig .*config is not valid YAML \(line \d\)$/,
    },
    { what: 'something else', files: { config: '[1, 2]' }, message: /is not a kubeconfig$/ },
    { what: 'a list that is none', files: { config: 'clusters: 5' }, message: /clusters is not a list$/ },
    {
      what: 'an entry without a name',
      files: { config: 'users: [{user: {token: hunter2}}]' },
      message: /users\[0\] has no name$/,
    },
    {
      what: 'no current context',
      files: { config: JSON.stringify({ ...context('a', 'x'), 'current-context': '' }) },
      message: /has no current-context/,
    },
    {
      what: 'a cluster without address',
      files: { config: JSON.stringify({ ...context('a', 'x'), clusters: [{ name: 'a', cluster: {} }] }) },
      message: /names no API server$/,
    },
    {
      what: 'a cluster that is not there',
      files: { config: JSON.stringify({ ...context('a', 'x'), clusters: [] }) },
      message: /^cluster "a" does not exist$/,
    },
    {
      what: 'a user that is not there',
      files: { config: JSON.stringify({ ...context('a', 'x'), users: [] }) },
      message: /^user "a" does not exist$/,
    },
    {
      what: 'an address that is none',
      files: { config: JSON.stringify(context('a', 'x', 'ftp://me:hunter2@a')) },
      message: /^the address of the API server cannot be read/,
    },
    {
      what: 'a password in the address',
      files: { config: JSON.stringify(context('a', 'x', 'https://me:hunter2@a')) },
      message: /^credentials in the address/,
    },
  ])('says in one line what is wrong with $what', async ({ files, message, ...more }) => {
    const folder = await folderWith(files);
    const env = 'env' in more ? more.env : {};
    const explicit = 'env' in more ? {} : { kubeconfig: join(folder, more.kubeconfig ?? 'config') };
    const error: unknown = await loadConnection({ env, ...explicit }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'KUBECONFIG', exitCode: 3, message: expect.stringMatching(message) as string });
    const { message: text, because } = error as { message: string; because?: string };
    expect(`${text}${because ?? ''}`).not.toMatch(/\n|hunter2/);
  });

  it('names the contexts that there are when one is not', async () => {
    const failing = load({ config: kubeconfig() }, { context: 'prod' });
    await expect(failing).rejects.toMatchObject({
      code: 'CONTEXT_MISSING',
      exitCode: 4,
      message: 'context "prod" does not exist',
      because: expect.stringContaining('known: lab') as string,
    });
  });
});

describe('the flags of a connection', () => {
  it('win over the kubeconfig', async () => {
    const two = {
      ...context('a', 'one'),
      users: [
        { name: 'a', user: { token: 't' } },
        { name: 'b', user: { token: 'of-b' } },
      ],
      clusters: [
        { name: 'a', cluster: { server: 'https://a.test' } },
        { name: 'b', cluster: { server: 'https://b.test/base/' } },
      ],
    };
    const connection = await load(
      { config: JSON.stringify(two) },
      { namespace: 'mine', user: 'b', cluster: 'b', requestTimeoutMs: 7000 },
    );
    expect(connection).toMatchObject({
      server: 'https://b.test/base',
      namespace: 'mine',
      user: 'b',
      requestTimeoutMs: 7000,
    });
    expect(await tokenOf(connection)).toBe('Bearer of-b');
    expect(await tokenOf(await load({ config: JSON.stringify(two) }, { token: 'given' }))).toBe('Bearer given');
  });

  it('can do without a kubeconfig', async () => {
    const connection = await loadConnection({
      env: { HOME: '/nowhere' },
      server: 'https://api.test',
      token: 't',
      insecureSkipTlsVerify: true,
    });
    expect(connection).toMatchObject({ server: 'https://api.test', namespace: 'default', contextName: '' });
    expect(connection.user).toBeUndefined();
    expect(await connection.credentials.current()).toMatchObject({
      headers: { Authorization: 'Bearer t' },
      tls: { rejectUnauthorized: false },
    });
  });

  it.each([
    { flags: { server: 'localhost:8080' }, server: 'http://localhost:8080' },
    { flags: { server: 'api.test:6443', insecureSkipTlsVerify: true }, server: 'https://api.test:6443' },
  ])('take $flags for $server', async ({ flags, server }) => {
    expect(await loadConnection({ env: { HOME: '/nowhere' }, ...flags })).toMatchObject({ server });
  });

  it('impersonate a user with groups, uid and extras, and a user alone', async () => {
    const options = { as: 'me', asGroups: ['a', 'b'], asUid: '7', asUserExtra: { 'example.test/scope': ['x', 'y'] } };
    const { headers } = await (await load({ config: kubeconfig({ token: 't' }) }, options)).credentials.current();
    expect(headers).toEqual({
      Authorization: 'Bearer t',
      'Impersonate-User': 'me',
      'Impersonate-Group': ['a', 'b'],
      'Impersonate-Uid': '7',
      'Impersonate-Extra-example.test%2Fscope': ['x', 'y'],
    });
    await expect(load({ config: kubeconfig() }, { asGroups: ['a'] })).rejects.toMatchObject({ code: 'USAGE' });
    const own = await (await load({ config: kubeconfig({ as: 'x', 'as-groups': ['g'] }) })).credentials.current();
    expect(own.headers).toEqual({ 'Impersonate-User': 'x', 'Impersonate-Group': ['g'] });
  });

  it('send no credentials over plain http, and say so beyond this machine', async () => {
    const local = await load({ config: kubeconfig({ token: 't' }, { server: 'http://127.0.0.1:8001' }) });
    expect(await local.credentials.current()).toMatchObject({ headers: {} });
    expect(local.warnings).toEqual([]);
    const remote = await load({ config: kubeconfig({ token: 't' }, { server: 'http://api.test' }) });
    expect(await remote.credentials.current()).toMatchObject({ headers: {} });
    expect(remote.warnings).toEqual(['http://api.test is not encrypted; no credentials are sent to it']);
  });

  it('take the proxy of the kubeconfig before that of the environment', async () => {
    const env = { HTTPS_PROXY: 'http://environment.test:3128' };
    expect((await load({ config: kubeconfig({}, { 'proxy-url': 'http://own.test:1' }) }, { env })).proxy).toBe(
      'http://own.test:1',
    );
    expect((await load({ config: kubeconfig() }, { env })).proxy).toBe('http://environment.test:3128');
    expect((await load({ config: kubeconfig() }, { env: { ...env, NO_PROXY: 'api.test' } })).proxy).toBeUndefined();
  });
});

describe('inside a pod', () => {
  const account = { token: 'first\n', namespace: 'canary-system\n', 'ca.crt': 'authority' };
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: '/nowhere' };

  it('uses the service account, and reads its token again when it is replaced', async () => {
    const { createTestClock } = await import('../../../make/clock.ts');
    const { writeFile } = await import('node:fs/promises');
    const clock = createTestClock();
    const folder = await folderWith(account);
    const connection = await loadConnection({ env, serviceAccountFolder: folder, clock });
    expect(connection).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'canary-system',
      contextName: 'in-cluster',
    });
    const first = await connection.credentials.current();
    expect(first.headers).toEqual({ Authorization: 'Bearer first' });
    expect(String(first.tls.ca)).toBe('authority');
    await writeFile(join(folder, 'token'), 'second');
    expect((await connection.credentials.current()).headers).toEqual({ Authorization: 'Bearer first' });
    await clock.advance(10_000);
    const second = await connection.credentials.current();
    expect(second.headers).toEqual({ Authorization: 'Bearer second' });
    expect(second.fingerprint).toBe(first.fingerprint);
    await writeFile(join(folder, 'ca.crt'), 'another');
    expect(connection.credentials.renew()).toBe(true);
    expect((await connection.credentials.current()).fingerprint).not.toBe(first.fingerprint);
  });

  it('prefers a kubeconfig that is there', async () => {
    const folder = await folderWith({ ...account, config: kubeconfig() });
    expect(
      await loadConnection({ env: { ...env, KUBECONFIG: join(folder, 'config') }, serviceAccountFolder: folder }),
    ).toMatchObject({ contextName: 'lab' });
  });
});
