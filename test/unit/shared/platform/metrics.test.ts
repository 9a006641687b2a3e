import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../../shared/platform/metrics.ts';

const plain = () => createMetrics({ processMetrics: false });

describe('the metrics registry', () => {
  it('renders gauges, counters and histograms', async () => {
    const metrics = await plain();
    metrics.set('flagger_canary_weight', { workload: 'podinfo', namespace: 'test' }, 30);
    metrics.add('flagger_canary_failures_total', {
      name: 'podinfo',
      namespace: 'test',
      deployment_strategy: 'canary',
      analysis_status: 'completed',
    });
    metrics.observe('flagger_canary_duration_seconds', { name: 'podinfo', namespace: 'test' }, 0.3);
    const text = await metrics.render();
    expect(text).toContain('flagger_canary_weight{workload="podinfo",namespace="test"} 30');
    expect(text).toContain(
      'flagger_canary_failures_total{name="podinfo",namespace="test",deployment_strategy="canary",analysis_status="completed"} 1',
    );
    expect(text).toContain('flagger_canary_duration_seconds_bucket{le="0.5",name="podinfo",namespace="test"} 1');
    expect(text).toContain('flagger_canary_duration_seconds_bucket{le="0.25",name="podinfo",namespace="test"} 0');
  });

  it('forgets every series that carries the labels, and no other', async () => {
    const metrics = await plain();
    for (const metric of ['a', 'b'])
      metrics.set('flagger_canary_metric_analysis', { name: 'podinfo', namespace: 'test', metric }, 1);
    metrics.set('flagger_canary_metric_analysis', { name: 'other', namespace: 'test', metric: 'a' }, 1);
    metrics.forget('flagger_canary_metric_analysis', { name: 'podinfo', namespace: 'test' });
    const lines = (await metrics.render())
      .split('\n')
      .filter((line) => line.startsWith('flagger_canary_metric_analysis{'));
    expect(lines).toEqual(['flagger_canary_metric_analysis{name="other",namespace="test",metric="a"} 1']);
  });

  it('takes an unknown name, or a gauge counted up, for the fault it is', async () => {
    const metrics = await plain();
    expect(() => metrics.set('flagger_typo', {}, 1)).toThrow('flagger_typo');
    expect(() => metrics.add('flagger_canary_total', { namespace: 'a' })).toThrow('flagger_canary_total');
    expect(() => metrics.forget('constructor', {})).toThrow('constructor');
  });

  it('shows the process too unless told not to', async () => {
    expect(await (await createMetrics()).render()).toContain('process_cpu_seconds_total');
    expect(await (await plain()).render()).not.toContain('process_cpu_seconds_total');
  });
});
