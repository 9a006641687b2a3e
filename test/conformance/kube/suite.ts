import { afterAll, beforeAll, describe } from 'vitest';
import type { KubeUnderTest } from './fixture.ts';
import { dryRunAndRaw, reading } from './reading.ts';
import { watchingChanges } from './watching.ts';
import { patching, writing } from './writing.ts';

/** What every implementation of the Kube port must do, whatever server is behind it. */
export const kubeSuite = (name: string, start: () => Promise<KubeUnderTest>): void => {
  describe(`the Kube port: ${name}`, () => {
    let under: KubeUnderTest | undefined;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under?.stop());
    const get = (): KubeUnderTest => {
      if (under === undefined) throw new Error('the implementation did not start');
      return under;
    };
    describe('reading', () => reading(get));
    describe('writing', () => writing(get));
    describe('patching', () => patching(get));
    describe('dry runs and raw paths', () => dryRunAndRaw(get));
    describe('watching', () => watchingChanges(get));
  });
};
