import { afterAll, beforeAll, describe, it } from 'vitest';
import { contourGatewayRoad, httpProxyRoad } from './planes/contour.ts';
import { checkAffinity } from './scenarios/affinity.ts';
import { checkChosen } from './scenarios/chosen.ts';
import { checkLife } from './scenarios/life.ts';
import { checkMirror } from './scenarios/mirror.ts';
import { checkRollout } from './scenarios/rollout.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld('contour');
});

afterAll(() => world?.stop());

describe('Envoy behind Contour', () => {
  it.concurrent('follows the weights of an HTTPProxy and loses no request', () =>
    checkRollout(world, httpProxyRoad, 'shop-weights'));
  it.concurrent('keeps each user on one version', () => checkAffinity(world, httpProxyRoad, 'shop-affinity'));
  it.concurrent('keeps each user on one version as an HTTPRoute says', () =>
    checkAffinity(world, contourGatewayRoad, 'gate-affinity'));
  it.concurrent('leads only the users of an A/B test to the canary', () =>
    checkChosen(world, httpProxyRoad, 'A/B test', 'shop-insiders'));
  it.concurrent('leads previews to the canary beside the weights', () =>
    checkChosen(world, httpProxyRoad, 'preview', 'shop-preview'));
  it.concurrent('takes over, switches at once without losing a request, and gives back', () =>
    checkLife(world, httpProxyRoad, 'all at once', 'shop-switch'));
  it.concurrent('takes over an HTTPRoute, shifts by steps without losing a request, and gives back', () =>
    checkLife(world, contourGatewayRoad, 'there and back by steps', 'gate-steps'));
  it.concurrent('copies requests as an HTTPRoute says', () => checkMirror(world, contourGatewayRoad, 'shop-mirror'));
});
