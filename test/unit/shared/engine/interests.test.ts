import { describe, expect, it } from 'vitest';
import { Interests } from '../../../../shared/engine/interests.ts';

const of = (interests: Interests, object: string): string[] => [...interests.of(object)].toSorted();

describe('interests', () => {
  it('tell who read an object', () => {
    const interests = new Interests();
    interests.set('a', ['x', 'y']);
    interests.set('b', ['y']);
    expect([of(interests, 'x'), of(interests, 'y'), of(interests, 'z')]).toEqual([['a'], ['a', 'b'], []]);
  });

  it('end with the next pass that does not read it', () => {
    const interests = new Interests();
    interests.set('a', ['x', 'y']);
    interests.set('a', ['y', 'z']);
    expect([of(interests, 'x'), of(interests, 'y'), of(interests, 'z')]).toEqual([[], ['a'], ['a']]);
  });

  it('begin with the reading itself, before the pass is over', () => {
    const interests = new Interests();
    interests.add('a', 'x');
    interests.add('a', 'x');
    expect(of(interests, 'x')).toEqual(['a']);
    interests.set('a', ['x']);
    interests.forget('a');
    expect(of(interests, 'x')).toEqual([]);
  });

  it('of one who is gone are forgotten, of the others not', () => {
    const interests = new Interests();
    interests.set('a', ['x']);
    interests.set('b', ['x']);
    interests.forget('a');
    interests.forget('nobody');
    expect(of(interests, 'x')).toEqual(['b']);
  });
});
