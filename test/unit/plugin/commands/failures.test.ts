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

  it('another kind is no Canary', async () => {
    expect(await look('why', 'deploy/podinfo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"deploy/podinfo" is no canary'),
    });
  });
});
