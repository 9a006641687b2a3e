import { expect, it } from 'vitest';
import { isProblem } from '../../../../shared/rollout/world.ts';

it.each<[unknown, boolean]>([
  [{ problem: 'forbidden' }, true],
  [{ kind: 'Deployment' }, false],
  ['present', false],
  [undefined, false],
  [null, false],
])('of the fact %j it is %j that it could not be had', (fact, expected) => {
  expect(isProblem(fact)).toBe(expected);
});
