import { describe, expect, it } from 'vitest';
import { compileJsonPath, compilePath } from '../../../../plugin/view/jsonpath.ts';

const LIST = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'x' } },
      status: { phase: 'Failed', weight: 10 },
      ok: true,
    },
    { metadata: { name: 'b', labels: {} }, status: { phase: 'Succeeded', weight: 0 }, ok: false, none: null },
    { metadata: { name: 'c' }, status: { phase: 'Failed', weight: 30 } },
  ],
};

describe("kubectl's JSONPath", () => {
  it.each<[template: string, text: string]>([
    ['{.kind}', 'List'],
    ['.kind', 'List'],
    ['{$.kind}', 'List'],
    ['{.items[*].metadata.name}', 'a b c'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1].metadata.name}', 'c'],
    ['{.items[0,2].metadata.name}', 'a c'],
    ['{.items[1:].metadata.name}', 'b c'],
    ['{.items[:2].metadata.name}', 'a b'],
    ['{.items[::2].metadata.name}', 'a c'],
    ['{.items[?(@.status.phase=="Failed")].metadata.name}', 'a c'],
    ['{.items[?(@.status.phase != "Failed")].metadata.name}', 'b'],
    ['{.items[?(@.status.weight>5)].metadata.name}', 'a c'],
    ['{.items[?(@.status.weight <= 10)].metadata.name}', 'a b'],
    ['{.items[?(@.ok==true)].metadata.name}', 'a'],
    ['{.items[?(@.metadata.labels)].metadata.name}', 'a b'],
    ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'x'],
    ["{.items[0].metadata.labels['app.kubernetes.io/name']}", 'x'],
    ["{.items[0]['metadata']['name']}", 'a'],
    ["{.items[0].status['phase','weight']}", 'Failed 10'],
    ['{..phase}', 'Failed Succeeded Failed'],
    ['{.items[0].status}', '{"phase":"Failed","weight":10}'],
    ['{.items[0].*.name}', 'a'],
    ['{.nothing.here}', ''],
    ['{.items[9].metadata.name}', ''],
    ['{.items[1].none}', '<nil>'],
    ['{.items[0].ok}', 'true'],
    ['phase: {.items[0].status.phase}!', 'phase: Failed!'],
    ['{range .items[*]}{.metadata.name}={.status.weight}{"\\n"}{end}', 'a=10\nb=0\nc=30\n'],
    ["{range .items[*]}{.metadata.name}{'\\t'}{end}", 'a\tb\tc\t'],
    ['{range .items[*]}[{range .metadata}{.name}{end}]{end}', '[a][b][c]'],
  ])('%s', (template, text) => {
    expect(compileJsonPath(template)(LIST)).toBe(text);
  });

  it.each(['{.items[}', '{range .items[*]}', '{end}', '{', '{.items[?(]}', '{.items[x]}'])(
    '%s is refused in one line',
    (template) => {
      expect(() => compileJsonPath(template)(LIST)).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('\n') }),
      );
    },
  );

  it.each<[path: string, values: unknown[]]>([
    ['.metadata.name', ['a']],
    ['metadata.name', ['a']],
    ['{.metadata.name}', ['a']],
    ['.status.nope', []],
    ['.status.weight', [10]],
  ])('a bare path %s names values', (path, values) => {
    expect(compilePath(path)(LIST.items[0])).toEqual(values);
  });
});
