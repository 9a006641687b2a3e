/** Texts as Kubernetes objects that know where each of their fields stands. */
import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../shared/api/kube.ts';
import type { Source } from './sources.ts';

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface FileObject {
  readonly object: KubeObject;
  /** Where a path such as `spec.analysis.stepWeights[2]` stands; the nearest present parent of an absent one. */
  placeOf(path: string): Place;
}

export interface Unreadable extends Place {
  readonly message: string;
}

export interface Read {
  readonly objects: readonly FileObject[];
  readonly problems: readonly Unreadable[];
}

type Key = string | number;

/** `a.b[2]["c.d"]` -> its keys. Keys with dots are found later by trying joined ones. */
const keysOf = (path: string): Key[] =>
  [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, index, quoted, bracketed, bare]) =>
      index === undefined ? (quoted ?? bracketed ?? (bare as string)) : Number(index),
  );

interface Found {
  /** The key's own node where there is one: findings point at the field's name. */
  readonly at: Node;
  readonly value: Node | undefined;
}

const child = (node: Node | undefined, key: Key): Found | undefined => {
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key];
    return isNode(item) ? { at: item, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => isPair(one) && isScalar(one.key) && String(one.key.value) === String(key));
  if (pair === undefined || !isNode(pair.key)) return undefined;
  return { at: pair.key, value: isNode(pair.value) ? pair.value : undefined };
};

/** The next step and how many keys it took: annotations have dots in their names. */
const descend = (node: Node | undefined, keys: readonly Key[]): { found: Found; taken: number } | undefined => {
  for (let taken = 1; taken <= keys.length; taken += 1) {
    const found = child(node, taken === 1 ? (keys[0] as Key) : keys.slice(0, taken).join('.'));
    if (found !== undefined) return { found, taken };
  }
  return undefined;
};

const nodeAt = (root: Node, path: string): Node => {
  let keys = keysOf(path);
  let at = root;
  let value: Node | undefined = root;
  while (keys.length > 0) {
    const step = descend(value, keys);
    if (step === undefined) break;
    at = step.found.at;
    value = step.found.value;
    keys = keys.slice(step.taken);
  }
  return at;
};

const isObject = (value: unknown): value is KubeObject =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as KubeObject).kind === 'string' &&
  typeof (value as KubeObject).apiVersion === 'string';

const readDocument = (document: Document.Parsed, file: string, lines: LineCounter): FileObject[] => {
  const value: unknown = document.toJS();
  const root = document.contents;
  if (!isObject(value) || !isNode(root)) return [];
  const placeFrom =
    (from: Node) =>
    (path: string): Place => {
      const { line, col } = lines.linePos(nodeAt(from, path).range?.[0] ?? 0);
      return { file, line, column: col };
    };
  if (!value.kind.endsWith('List') || !Array.isArray(value['items']))
    return [{ object: value, placeOf: placeFrom(root) }];
  return (value['items'] as unknown[]).flatMap((item, index) => {
    const node = child(child(root, 'items')?.value, index)?.value;
    return isObject(item) && node !== undefined ? [{ object: item, placeOf: placeFrom(node) }] : [];
  });
};

/** All documents of one text. A document that cannot be read is a problem and the others are still read. */
export const readObjects = (source: Source): Read => {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const documents = Array.isArray(parsed) ? parsed : [];
  const objects: FileObject[] = [];
  const problems: Unreadable[] = [];
  for (const document of documents) {
    const [first] = document.errors;
    if (first === undefined) {
      try {
        objects.push(...readDocument(document, source.name, lines));
      } catch (error) {
        const { line, col } = lines.linePos(document.range[0]);
        problems.push({
          file: source.name,
          line,
          column: col,
          message: error instanceof Error ? error.message : String(error),
        });
      }
      continue;
    }
    const { line, col } = lines.linePos(first.pos[0]);
    problems.push({ file: source.name, line, column: col, message: first.message.replace(/\s+/g, ' ') });
  }
  return { objects, problems };
};
