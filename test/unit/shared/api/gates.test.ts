import { describe, expect, it } from 'vitest';
import type { AnalysisGate } from '../../../../shared/api/canary.ts';
import { gatesOf, readGates } from '../../../../shared/api/gates.ts';
import { ANNOTATIONS } from '../../../../shared/api/names.ts';
import { aCanary, withAnalysis, withSpec } from '../../../make/canary.ts';

const QA: AnalysisGate = { name: 'qa', type: 'confirm-promotion', timeout: '2h', onTimeout: 'approve' };
const START: AnalysisGate = { name: 'start', type: 'confirm-rollout' };

const annotated = (text: string, gates?: unknown) => {
  const canary = aCanary(withAnalysis({ gates: gates as AnalysisGate[] | undefined }));
  return { ...canary, metadata: { ...canary.metadata, annotations: { [ANNOTATIONS.gates]: text } } };
};

describe('native gates', () => {
  it('are those of the spec, then those of the annotation', () => {
    expect(readGates(annotated(JSON.stringify([START]), [QA]))).toEqual({ gates: [QA, START] });
    expect(gatesOf(aCanary())).toEqual([]);
    expect(gatesOf(annotated(' '))).toEqual([]);
  });

  it('hold revisions that are promoted without analysis too', () => {
    const canary = annotated(JSON.stringify([START]));
    expect(gatesOf(withSpec({ analysis: undefined } as never)(canary))).toEqual([START]);
  });

  it.each<[text: string, invalid: string]>([
    ['[', 'annotation kubectl-canary/gates is not JSON'],
    ['{}', 'annotation kubectl-canary/gates is not a list'],
    ['[1]', 'annotation kubectl-canary/gates[0] is not an object'],
    [
      '[{"name":"a","type":"confirm-rollout","timeOut":"1h"}]',
      'annotation kubectl-canary/gates[0]: "timeOut" is not a field of a gate; known: name, type, timeout, onTimeout',
    ],
    ['[{"type":"confirm-rollout"}]', 'annotation kubectl-canary/gates[0]: name must be a text of 1 to 100 characters'],
    [
      '[{"name":"a","type":"rollout"}]',
      'annotation kubectl-canary/gates[0]: type must be one of confirm-rollout, confirm-traffic-increase, confirm-promotion',
    ],
    [
      '[{"name":"a","type":"confirm-rollout","timeout":"soon"}]',
      'annotation kubectl-canary/gates[0]: timeout must be a duration such as 2h',
    ],
    [
      '[{"name":"a","type":"confirm-rollout","timeout":"0s"}]',
      'annotation kubectl-canary/gates[0]: timeout must be a duration such as 2h',
    ],
    [
      '[{"name":"a","type":"confirm-rollout","onTimeout":"wait"}]',
      'annotation kubectl-canary/gates[0]: onTimeout must be one of reject, approve',
    ],
    [
      '[{"name":"qa","type":"confirm-rollout"}]',
      'two gates are called "qa": approve and reject could not tell them apart',
    ],
  ])('%s is refused, and no gate is guessed', (text, invalid) => {
    const canary = annotated(text, [QA]);
    expect(readGates(canary)).toEqual({ invalid });
    expect(gatesOf(canary)).toEqual([]);
  });

  it('of the spec are held to the same', () => {
    expect(readGates(annotated('', [{ ...QA, timeout: 'soon' }]))).toEqual({
      invalid: 'spec.analysis.gates[0]: timeout must be a duration such as 2h',
    });
  });
});
