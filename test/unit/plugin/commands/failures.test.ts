import { describe, expect, it } from 'vitest';
import type { Kube } from '../../../../shared/engine/ports.ts';
import { CanaryError, type ErrorCode } from '../../../../shared/errors.ts';
import { useLooker } from '../looker.ts';

const at = useLooker();
const { look } = at;

describe('failures of the server end with their code and one line of what', () => {
  const failing = (code: ErrorCode, message: string, because?: string): Kube => {
    const fail = async () => {
      throw new CanaryError(code, message, because === undefined ? {} : { because });
    };
    return { ...at.stage.server.kube, get: fail, list: fail };
  };

  it.each<[code: ErrorCode, exit: number, message: string, text: RegExp]>([
    ['API_UNREACHABLE', 3, 'cannot reach the API server', /^error: cannot reach the API server\n$/],
    [
      'API_UNAUTHORIZED',
      3,
      'the API server does not accept these credentials',
      /^error: the API server does not accept/,
    ],
    [
      'KIND_MISSING',
      4,
      'the resource type canaries.flagger.app is not installed in this cluster',
      /^error: the Canary resource type is not installed in this cluster\ntry: {3}helm install/,
    ],
    [
      'API_FORBIDDEN',
      5,
      'you may not list canaries.flagger.app in namespace "test"',
      /\(user dev@corp\)\nbecause: .*forbidden/,
    ],
  ])('%s: %i', async (code, exit, message, text) => {
    at.terminal = at.stage.terminal({
      kube: failing(
        code,
        message,
        code === 'API_FORBIDDEN' ? 'canaries.flagger.app is forbidden: User "dev@corp" cannot list' : undefined,
      ),
    });
    expect((await look('get')).code).toBe(exit);
    expect(at.terminal.err()).toMatch(text);
    expect((await look('why', 'podinfo')).code).toBe(exit);
    expect((await look('rollback', 'podinfo')).code).toBe(exit);
  });

  it('a bug ends with 70, its stack in a file', async () => {
    const kube = {
      ...at.stage.server.kube,
      list: async () => (undefined as unknown as { items: { length: number } }).items,
    } as unknown as Kube;
    at.terminal = at.stage.terminal({ kube });
    const { code, err } = await look('get');
    expect(code).toBe(70);
    expect(err).toMatch(/^error: a bug in kubectl canary: .*\ntry: {3}report it with the stack in \S+\n$/);
    expect(err).not.toContain('    at ');
  });

  it('an unknown name comes with the nearest one', async () => {
    expect(await look('get', 'podinf')).toMatchObject({
      code: 4,
      err: 'error: canary "podinf" not found in namespace "test" (context sim)\ntry:   kubectl canary get -n test        did you mean "podinfo"?\n',
    });
  });

  it.each(['get', 'why', 'status', 'history', 'events', 'gates', 'watch', 'describe', 'run', 'promote', 'rollback'])(
    '%s: an empty name, as of an unset variable, and a path are no names',
    async (command) => {
      const err = 'error: the name of the canary is empty\ntry:   kubectl canary get\n';
      expect(await look(command, '')).toEqual({ code: 2, out: '', err });
      expect(await look(command, 'canary/')).toEqual({ code: 2, out: '', err });
      for (const name of ['.', '..', 'canary/..', 'canary/a/b', '%2e'])
        expect(await look(command, name)).toMatchObject({
          code: 2,
          err: expect.stringMatching(/^error: "[^"]+" cannot be the name of a canary\n/),
        });
    },
  );

  it.each(['..', '../kube-system', 'a/b', 'Shop', 'shop_1'])('%s is no namespace', async (namespace) => {
    expect(await look('get', '-n', namespace)).toMatchObject({
      code: 2,
      err: `error: invalid value "${namespace}" for --namespace: must be a namespace\n`,
    });
  });

  it.each([
    [['get', '-o', 'jsonpath'], '-o jsonpath= needs a template after the ='],
    [['get', '-o', 'custom-columns'], '-o custom-columns= needs a template after the ='],
    [['get', '-o', 'jsonpath-file'], '-o jsonpath-file= needs a file after the ='],
    [['history', '-o', 'jsonpath'], 'unknown output format "jsonpath"; known: text, wide, json, yaml'],
    [['history', '--limit', '-1'], '--limit must be at least 1'],
  ])('%j is refused', async (argv, message) => {
    expect(await look(...argv)).toEqual({ code: 2, out: '', err: `error: ${message}\n` });
  });

  it('another kind is no Canary', async () => {
    expect(await look('why', 'deploy/podinfo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"deploy/podinfo" is no canary'),
    });
  });
});

describe('what a person may not read is not said to be absent', () => {
  const forbidden = async () => {
    throw new CanaryError('API_FORBIDDEN', 'you may not');
  };
  const onlyCanaries = (): Kube => {
    const { kube } = at.stage.server;
    const isOurs = ({ plural }: { plural: string }) => plural === 'canaries';
    return {
      ...kube,
      get: (ref, options) => (isOurs(ref.kind) ? kube.get(ref, options) : forbidden()),
      list: (kind, options) => (isOurs(kind) ? kube.list(kind, options) : forbidden()),
    };
  };

  it('describe: workloads and Services; why and version: the driver', async () => {
    at.terminal = at.stage.terminal({ kube: onlyCanaries() });
    const { code, out } = await look('describe', 'podinfo');
    expect(code).toBe(0);
    expect(out).toMatch(/Deployment podinfo +canary +could not be read\n/);
    expect(out).toMatch(/Deployment podinfo-primary +primary +could not be read\n/);
    expect(out).toMatch(/podinfo-canary +could not be read\n/);
    expect((await look('why', 'podinfo')).out).not.toContain('none alive');
    expect((await look('version')).out).toMatch(/Canary type +not known.*\ncontroller +not known.*\n$/);
    expect(JSON.parse((await look('version', '-o', 'json')).out)).toMatchObject({
      cluster: { unread: ['crd', 'controller'] },
    });
  });

  it('a verb waits for the answer of a driver that it cannot see', async () => {
    await at.setStatus({ phase: 'Progressing', canaryWeight: 10, revision: 'b' });
    at.terminal = at.stage.terminal({ kube: onlyCanaries() });
    expect(await look('pause', 'podinfo')).toMatchObject({
      code: 124,
      err: expect.stringContaining('did not answer within 10 s; the command stays written'),
    });
  });
});
