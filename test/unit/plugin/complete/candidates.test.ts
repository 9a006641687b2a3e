import { describe, expect, it } from 'vitest';
import { type Asked, complete, completionText } from '../../../../plugin/complete/candidates.ts';

const WORLD: Readonly<Record<string, string[]>> = {
  canaries: ['cart', 'podinfo', 'podinfo-2'],
  contexts: ['kind-dev', 'prod'],
  namespaces: ['test', 'team'],
};

const typed = async (...words: string[]) => {
  const asked: Asked[] = [];
  const found = await complete(words, async (question) => {
    asked.push(question);
    return (WORLD[question.what] ?? []).map((word) => ({ word }));
  });
  return { words: found.candidates.map(({ word }) => word), directive: found.directive, asked };
};

describe('what could stand where the cursor is', () => {
  it.each<[words: string[], offered: string[], directive: number]>([
    [['sta'], ['status'], 4],
    [['get', 'po'], ['podinfo', 'podinfo-2'], 4],
    [['get', 'podinfo', 'po'], ['podinfo-2'], 4],
    [['status', 'podinfo', ''], [], 4],
    [['get', '-n', 'te'], ['test', 'team'], 4],
    [['get', '--namespace=te'], ['--namespace=test', '--namespace=team'], 4],
    [['--context', 'k'], ['kind-dev'], 4],
    [['get', '-o', 'j'], ['json', 'jsonpath=', 'jsonpath-file='], 6],
    [['promote', '--dry-run='], ['--dry-run=none', '--dry-run=client', '--dry-run=server', '--dry-run=unchanged'], 4],
    [['get', '--phase', 'Prog'], ['Progressing'], 4],
    [['get', '--no-h'], ['--no-headers'], 4],
    [['validate', '-f', ''], [], 0],
    [['validate', ''], [], 0],
    [['completion', 'z'], ['zsh'], 4],
    [['rollback', '--reason', 'x', 'ca'], ['cart'], 4],
    [['nonsense', ''], expect.arrayContaining(['get', 'status']) as string[], 4],
  ])('%j', async (words, offered, directive) => {
    expect(await typed(...words)).toMatchObject({ words: offered, directive });
  });

  it('hands on the flags that were typed, so that the right cluster is asked', async () => {
    expect((await typed('--context', 'prod', 'promote', '-ntest', '-A', 'po')).asked[0]).toMatchObject({
      what: 'canaries',
      command: expect.objectContaining({ name: 'promote' }),
      flags: ['--context=prod', '--namespace=test', '--all-namespaces=true'],
    });
  });

  it('is written as kubectl reads it', () => {
    expect(completionText({ candidates: [{ word: 'a', about: 'what it is' }, { word: 'b' }], directive: 4 })).toBe(
      'a\twhat it is\nb\n:4\n',
    );
  });
});
