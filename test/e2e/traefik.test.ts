import { afterAll, beforeAll, describe, it } from 'vitest';
import { traefikGatewayRoad, traefikServiceRoad } from './planes/traefik.ts';
import { checkAffinity } from './scenarios/affinity.ts';
import { checkChosen } from './scenarios/chosen.ts';
import { checkMirror } from './scenarios/mirror.ts';
import { checkRollout } from './scenarios/rollout.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld('traefik');
});

afterAll(() => world.stop());

describe('Traefik by a TraefikService', () => {
  it.concurrent('follows the weights and loses no request', () =>
    checkRollout(world, traefikServiceRoad, 'shop-weights'));
  it.concurrent('keeps each user on one version', () => checkAffinity(world, traefikServiceRoad, 'shop-affinity'));
  it.concurrent('copies requests', () => checkMirror(world, traefikServiceRoad, 'shop-mirror'));
});

describe('Traefik by an HTTPRoute', () => {
  it.concurrent('follows the weights and loses no request', () =>
    checkRollout(world, traefikGatewayRoad, 'gate-weights'));
  it.concurrent('leads only the users of an A/B test to the canary', () =>
    checkChosen(world, traefikGatewayRoad, 'A/B test', 'gate-insiders'));
  it.concurrent('leads previews to the canary beside the weights', () =>
    checkChosen(world, traefikGatewayRoad, 'preview', 'gate-preview'));
});
