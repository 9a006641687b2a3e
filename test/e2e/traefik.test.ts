import { afterAll, beforeAll, describe, it } from 'vitest';
import { traefikGatewayRoad, traefikServiceRoad } from './planes/traefik.ts';
import { checkAffinity } from './scenarios/affinity.ts';
import { checkChosen } from './scenarios/chosen.ts';
import { checkLife } from './scenarios/life.ts';
import { checkMirror } from './scenarios/mirror.ts';
import { checkRollout } from './scenarios/rollout.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld('traefik');
});

afterAll(() => world?.stop());

describe('Traefik by a TraefikService', () => {
  it.concurrent('follows the weights and loses no request', () =>
    checkRollout(world, traefikServiceRoad, 'shop-weights'));
  it.concurrent('keeps each user on one version', () => checkAffinity(world, traefikServiceRoad, 'shop-affinity'));
  it.concurrent('takes over, switches at once and gives back without losing a request', () =>
    checkLife(world, traefikServiceRoad, 'all at once', 'shop-switch'));
  it.concurrent('copies requests', () => checkMirror(world, traefikServiceRoad, 'shop-mirror'));
});

describe('Traefik by an HTTPRoute', () => {
  it.concurrent('follows the weights and loses no request', () =>
    checkRollout(world, traefikGatewayRoad, 'gate-weights'));
  it.concurrent('takes over, shifts by steps and gives back without losing a request', () =>
    checkLife(world, traefikGatewayRoad, 'there and back by steps', 'gate-steps'));
  it.concurrent('leads only the users of an A/B test to the canary', () =>
    checkChosen(world, traefikGatewayRoad, 'A/B test', 'gate-insiders'));
  it.concurrent('leads previews to the canary beside the weights', () =>
    checkChosen(world, traefikGatewayRoad, 'preview', 'gate-preview'));
});
