import type { Canary } from '../../../../shared/api/canary.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

export const gateway = (...more: Modifier<Canary>[]): Canary =>
  aCanary(
    withSpec({ provider: 'gatewayapi:v1' }),
    withService({ gatewayRefs: [{ name: 'gw', namespace: 'infra' }] }),
    withWeights(),
    ...more,
  );

export const withMatch = (...match: NonNullable<Canary['spec']['analysis']['match']>): Modifier<Canary> =>
  withAnalysis({ iterations: 3, stepWeight: undefined, maxWeight: undefined, match });

export const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });
export const COOKIES = { canary: 'pin=abcdefghij' };
export const BROUGHT = { name: 'Cookie', type: 'RegularExpression', value: '.*pin.*abcdefghij.*' };
export const EVERYTHING = { path: { type: 'PathPrefix', value: '/' } };

export const rules = (board: Board): Loose[] => board.object('HTTPRoute').spec.rules;
export const weights = (rule: Loose): number[] => rule.backendRefs.map((one: Loose) => one.weight);

export const routed = (canary: Canary, ...given: Parameters<typeof at>): Board => {
  const board = new Board(canary);
  board.route(at(...given));
  return board;
};
