import { describe, expect, it } from 'vitest';
import {
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
  selectorText,
} from '../../../../shared/sim/selectors.ts';

const LABELS = { app: 'web', tier: 'front' };

describe('a label selector', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app!=web', false],
    ['app!=other', true],
    ['missing!=x', true],
    ['app in (web, api)', true],
    ['app in (api)', false],
    ['app notin (api),tier', true],
    ['tier', true],
    ['!tier', false],
    ['!missing,app=web', true],
    ['app=', false],
  ])('%j takes these labels: %s', (text, expected) => {
    expect(parseLabelSelector(text)(LABELS)).toBe(expected);
  });

  it.each(['a===b', 'app in web', 'a b', '(x)'])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow('unable to parse requirement');
  });

  it('as an object knows equalities and expressions', () => {
    const expression = (operator: string, values: string[] = []) => ({
      matchExpressions: [{ key: 'app', operator, values }],
    });
    expect(matchesSelector({ matchLabels: { app: 'web' } }, LABELS)).toBe(true);
    expect(matchesSelector({ matchLabels: { app: 'api' } }, LABELS)).toBe(false);
    expect(matchesSelector(expression('In', ['web']), LABELS)).toBe(true);
    expect(matchesSelector(expression('NotIn', ['web']), LABELS)).toBe(false);
    expect(matchesSelector(expression('Exists'), LABELS)).toBe(true);
    expect(matchesSelector(expression('DoesNotExist'), LABELS)).toBe(false);
    expect(matchesSelector({}, LABELS)).toBe(true);
  });

  it('reads an inherited name as absent', () => {
    expect(parseLabelSelector('constructor')({})).toBe(false);
  });

  it('prints as the text of a scale', () => {
    const selector = {
      matchLabels: { b: '2', a: '1' },
      matchExpressions: [
        { key: 'c', operator: 'In', values: ['x', 'y'] },
        { key: 'd', operator: 'DoesNotExist' },
      ],
    };
    expect(selectorText(selector)).toBe('!d,a=1,b=2,c in (x,y)');
  });
});

describe('a field selector', () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'n' },
    involvedObject: { kind: 'Pod', name: 'p' },
    source: { component: 'c' },
  };

  it.each([
    ['metadata.name=e', true],
    ['metadata.name!=e', false],
    ['involvedObject.name=p,involvedObject.kind=Pod', true],
    ['involvedObject.name=q', false],
    ['involvedObject.uid=', true],
    ['source=c', true],
  ])('%s takes this event: %s', (text, expected) => {
    expect(parseFieldSelector(text, 'Event')(event)).toBe(expected);
  });

  it('refuses fields that the kind does not offer', () => {
    expect(() => parseFieldSelector('spec.a=b', 'Event')).toThrow('field label not supported: spec.a');
    expect(() => parseFieldSelector('spec.a=b', 'Deployment')).toThrow('"spec.a" is not a known field selector');
    expect(() => parseFieldSelector('nonsense', 'Event')).toThrow('invalid selector');
  });
});
