import { describe, expect, it } from 'vitest';
import { specProblemOf } from '../../../../shared/rollout/soundness.ts';
import { withAnalysis } from '../../../make/canary.ts';
import { canaryIn, decidedBy, worldOf } from './command-world.ts';

const QA = { name: 'qa', type: 'confirm-promotion' } as const;

describe('gates that nobody can read', () => {
  it('stop everything, in the condition Stalled, until they are set right', () => {
    const canary = canaryIn('Progressing', withAnalysis({ gates: [QA, QA] }));
    const { capabilities } = worldOf(canary);
    const specProblem = specProblemOf(canary, { capabilities, needsPort: true });
    expect(specProblem).toMatch(/^two gates are called "qa"/);
    const { status, actions } = decidedBy(worldOf(canary, { specProblem }));
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', message: specProblem }),
    );
    expect(actions).toEqual([]);
  });
});
