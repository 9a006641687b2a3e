import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRepositoryFile } from '../../support/sources.ts';

const FOLDER = 'charts/kubectl-canary/templates';

describe('the chart', () => {
  it('never lets two replicas drive without Leases, whatever leaderElection.enabled says', () => {
    const root = new URL(`../../../${FOLDER}`, import.meta.url);
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(yaml|tpl)$/.test(name));
    const text = names.map((name) => readRepositoryFile(`${FOLDER}/${name}`)).join('\n');
    expect(text).toContain('.Values.leaderElection.replicaCount');
    expect(text).not.toMatch(/leaderElection\.enabled|enable-leader-election/);
  });
});
