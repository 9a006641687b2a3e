import { describe, expect, it } from 'vitest';
import { isAnalysisPhase, isRestPhase, PHASES } from '../../../../shared/api/phase.ts';

describe('of all phases', () => {
  it('two are those of an analysis', () => {
    expect(PHASES.filter(isAnalysisPhase)).toEqual(['Progressing', 'WaitingPromotion']);
  });

  it('three are those of a Canary at rest', () => {
    expect(PHASES.filter(isRestPhase)).toEqual(['Initialized', 'Succeeded', 'Failed']);
  });

  it('none is what a status without one has', () => {
    expect([isAnalysisPhase(undefined), isRestPhase(undefined)]).toEqual([false, false]);
  });
});
