import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { CANARY_REF, RUNNING, useLooker } from '../looker.ts';

const at = useLooker();
const { look, setStatus, second } = at;

describe('get', () => {
  it('lists, sorted by name', async () => {
    await second();
    await setStatus(RUNNING);
    expect((await look('get')).out.split('\n').map((line) => line.split(/ {3,}/).slice(0, 3))).toEqual([
      ['NAME', 'STATUS', 'STEP'],
      ['cart', '○ New', '-'],
      ['podinfo', '● Progressing', '2/5'],
      [''],
    ]);
  });

  it.each<[argv: string[], names: string[]]>([
    [['--phase', 'progressing'], ['podinfo']],
    [['--phase', 'Failed,Progressing'], ['podinfo']],
    [['--failed'], []],
    [['--waiting'], []],
    [['-l', 'team=shop'], ['podinfo']],
    [['-l', 'team!=shop'], ['cart']],
    [
      ['--sort-by', '.status.canaryWeight', '-A'],
      ['cart', 'podinfo'],
    ],
  ])('%j keeps %j', async (argv, names) => {
    await second();
    await setStatus(RUNNING);
    const { code, out } = await look('get', '-o', 'name', ...argv);
    expect([code, out]).toEqual([0, names.map((name) => `canary.flagger.app/${name}\n`).join('')]);
  });

  it('says with kubectl words that there is nothing, and ends with 0', async () => {
    expect(await look('get', '-n', 'nowhere')).toEqual({
      code: 0,
      out: '',
      err: 'No resources found in nowhere namespace.\n',
    });
    expect((await look('get', '-A', '-l', 'x=y')).err).toBe('No resources found\n');
  });

  it('prints the object unchanged when one is named, else a List', async () => {
    const one = JSON.parse((await look('get', 'podinfo', '-o', 'json')).out) as KubeObject;
    expect(one).toEqual({
      ...(await at.stage.canary()),
      metadata: expect.not.objectContaining({ managedFields: expect.anything() }),
    });
    const list = JSON.parse((await look('get', '-o', 'json')).out) as { kind: string; items: unknown[] };
    expect([list.kind, list.items.length]).toEqual(['List', 1]);
    expect((await look('get', 'canary/podinfo', '-o', 'yaml')).out).toMatch(
      /^apiVersion: flagger.app\/v1beta1\nkind: Canary\n/,
    );
  });

  it('prints paths and columns', async () => {
    await setStatus(RUNNING);
    expect((await look('get', 'podinfo', '-o', 'jsonpath={.status.phase}')).out).toBe('Progressing');
    expect(
      (await look('get', '-o', 'custom-columns=NAME:.metadata.name,W:.status.canaryWeight,X:.spec.none')).out,
    ).toBe('NAME      W    X\npodinfo   20   <none>\n');
    expect((await look('get', '-o', 'custom-columns=NAME:.metadata.name', '--no-headers')).out).toBe('podinfo\n');
  });

  it('goes on with each change under -w, and ends in order', async () => {
    const running = at.terminal.run('get', '-w', '--no-headers');
    await at.stage.clock.settle();
    await setStatus(RUNNING);
    await at.stage.clock.settle();
    at.terminal.interrupt();
    expect(await at.stage.pass(running)).toBe(130);
    expect(
      at.terminal
        .out()
        .trim()
        .split('\n')
        .map((line) => line.split(/ {3,}/)[1]),
    ).toEqual(['○ New', '● Progressing']);
    expect(at.terminal.err()).toBe('');
  });

  it('survives a server that cuts every watch', async () => {
    const running = at.terminal.run('get', '-w', '-o', 'json', '--output-watch-events');
    await at.stage.clock.settle();
    at.stage.server.cutWatches();
    await at.stage.clock.advance(2000);
    await setStatus(RUNNING);
    await at.stage.clock.advance(2000);
    await at.stage.server.kube.remove(CANARY_REF);
    await at.stage.clock.advance(2000);
    at.terminal.interrupt();
    await at.stage.pass(running);
    const types = at.terminal
      .out()
      .split('\n')
      .filter((line) => line.startsWith('{"type"'))
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['MODIFIED', 'DELETED']);
  });
});
