import { describe, expect, it } from 'vitest';
import { ANNOTATIONS } from '../../../../shared/api/names.ts';
import type { Input } from '../../../../shared/rules/input.ts';
import { admissionModeOf } from '../../../../shared/rules/input.ts';
import { isDenied, judge, needs, startReview } from '../../../../shared/rules/judge.ts';
import { severityOf } from '../../../../shared/rules/severity.ts';
import { canary, changing, creating, deployment, kedaCanary, type Loose, scaledObject } from './world.ts';

const severities = (input: Input) => Object.fromEntries(judge(input).map(({ id, severity }) => [id, severity]));
const unmatched = (more: Partial<Input> = {}) =>
  creating(
    kedaCanary((it) => (it.spec.autoscalerRef.primaryScalerQueries.cpu = 'podinfo-primary')),
    [scaledObject()],
    {
      stage: 'validate',
      ...more,
    },
  );
const ignoring = (ids: string, change: (it: Loose) => void) =>
  creating(canary((it) => ((it.metadata.annotations = { [ANNOTATIONS.ignoreRules]: ids }), change(it))));

describe('what is not judged', () => {
  const bad = canary((it) => (it.spec.analysis.stepWeight = 0));
  it.each([
    [
      'an object that is being deleted',
      changing(
        canary(),
        canary((it) => ((it.metadata.deletionTimestamp = 'now'), (it.spec.analysis.stepWeight = 0))),
      ),
    ],
    [
      'an update of metadata alone',
      changing(
        bad,
        canary((it) => ((it.spec.analysis.stepWeight = 0), (it.metadata.labels = { a: 'b' }))),
      ),
    ],
    ['an update of nothing', changing(bad, structuredClone(bad))],
    ['a subresource', creating(bad, [], { subResource: 'status' })],
    [
      'a driver’s annotation',
      changing(
        scaledObject(),
        scaledObject((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': 'x' })),
        [],
        { byDriver: true },
      ),
    ],
  ])('%s passes', (_what, input) => {
    expect(judge(input)).toEqual([]);
    expect(needs(input)).toEqual([]);
  });

  it('a deletion is never denied', () => {
    const input: Input = { ...creating(bad), operation: 'DELETE', oldObject: bad, mode: 'strict' };
    expect(judge(input)).toEqual([]);
    const draft = { path: 'spec', message: 'used by others' };
    for (const type of ['D', 'P', 'W', 'X'] as const) {
      expect(severityOf({ id: 'CANARY-DEL-001', class: type, contradicts: true }, draft, input)).toBe('warn');
    }
  });
});

describe('only what a request made worse is denied', () => {
  const bent = (change: (it: Loose) => void = () => {}) =>
    canary((it) => {
      it.spec.analysis.stepWeight = 0;
      change(it);
    });

  it('warns of what stood there before', () => {
    expect(
      severities(
        changing(
          bent(),
          bent((it) => (it.spec.analysis.threshold = 9)),
        ),
      ),
    ).toEqual({ 'CANARY-STRAT-002': 'warn' });
  });

  it('denies the same rule at the same path with another value', () => {
    expect(
      severities(
        changing(
          bent(),
          bent((it) => (it.spec.analysis.stepWeight = -1)),
        ),
      ),
    ).toEqual({ 'CANARY-STRAT-002': 'deny' });
  });

  it('denies what came with this request', () => {
    expect(severities(changing(canary(), bent()))).toEqual({ 'CANARY-STRAT-002': 'deny' });
  });

  it('warns of another object’s contradiction that stood there before', () => {
    const after = kedaCanary(
      (it) => ((it.spec.autoscalerRef.primaryScalerQueries.cpu = 'podinfo-primary'), (it.spec.analysis.threshold = 9)),
    );
    const before = kedaCanary((it) => (it.spec.autoscalerRef.primaryScalerQueries.cpu = 'podinfo-primary'));
    expect(severities(changing(before, after, [scaledObject()]))).toEqual({ 'CANARY-KEDA-001': 'warn' });
    expect(severities(changing(kedaCanary(), after, [scaledObject()]))).toEqual({ 'CANARY-KEDA-001': 'deny' });
  });

  it('keeps P rules to the same measure', () => {
    const two = (threshold: number) => canary((it) => Object.assign(it.spec.analysis, { iterations: 3, threshold }));
    expect(severities(changing(two(3), two(4), [], { stage: 'mutate' }))).toEqual({ 'CANARY-STRAT-001': 'warn' });
  });
});

describe('rules about other objects', () => {
  it.each([
    ['by default, on a contradiction', {}, 'deny'],
    ['in a strict namespace', { mode: 'strict' }, 'deny'],
    ['in a namespace that wants warnings', { mode: 'warn' }, 'warn'],
    ['for Flux', { fieldManager: 'kustomize-controller' }, 'warn'],
    ['for a Flux HelmRelease', { fieldManager: 'helm-controller' }, 'warn'],
    ['for Argo CD', { fieldManager: 'argocd-controller' }, 'warn'],
    ['for Helm', { fieldManager: 'helm' }, 'warn'],
    ['for kubectl', { fieldManager: 'kubectl-client-side-apply' }, 'deny'],
    ['for Flux in a strict namespace', { fieldManager: 'kustomize-controller', mode: 'strict' }, 'deny'],
  ] as const)('%s', (_when, more, severity) => {
    expect(severities(unmatched(more))).toEqual({ 'CANARY-KEDA-001': severity });
  });

  const absent: Partial<Input> = { related: { lookup: () => ({ missing: true }), list: () => ({ items: [] }) } };

  it('warn where the other object is not there yet', () => {
    expect(severities(unmatched(absent))).toEqual({ 'CANARY-KEDA-016': 'warn' });
    expect(severities(unmatched({ ...absent, mode: 'strict' }))).toEqual({ 'CANARY-KEDA-016': 'deny' });
  });

  it('keep silent where nobody looks', () => {
    expect(judge(unmatched({ related: { lookup: () => ({ unseen: true }), list: () => ({ unseen: true }) } }))).toEqual(
      [],
    );
  });

  it('warn where a rename in Git shows both Canaries at once', () => {
    const flux = { 'kustomize.toolkit.fluxcd.io/name': 'apps' };
    const renamed = canary((it) => ((it.metadata.name = 'new'), (it.metadata.labels = flux)));
    const old = canary((it) => (it.metadata.labels = flux));
    expect(severities(creating(renamed, [old]))).toEqual({ 'CANARY-DUP-001': 'warn' });
    expect(severities(creating(renamed, [canary()]))).toEqual({ 'CANARY-DUP-001': 'deny' });
  });

  it('name two Canaries of one target once, not thrice', () => {
    const twin = kedaCanary((it) => (it.metadata.name = 'twin'));
    expect(severities(creating(twin, [kedaCanary(), scaledObject()]))).toEqual({ 'CANARY-DUP-001': 'deny' });
  });

  it('are left out without other objects', () => {
    const { related: _, ...alone } = unmatched();
    expect(judge(alone)).toEqual([]);
  });

  it('report a look-up that failed once, and go on with the others', () => {
    const found = judge(
      unmatched({
        related: {
          lookup: ({ kind }) => (kind === 'ScaledObject' ? { unknown: 'no answer\nin time' } : { missing: true }),
          list: () => ({ items: [canary((it) => (it.metadata.name = 'other'))] }),
        },
      }),
    );
    expect(found.map(({ id, message }) => [id, message])).toEqual([
      [
        'GEN-002',
        'could not check ScaledObject podinfo-so (no answer in time); accepted unchecked. Run kubectl canary validate later.',
      ],
      ['CANARY-DUP-001', expect.stringContaining('Canary other already targets')],
    ]);
  });
});

describe('a rule that breaks', () => {
  it('is left out, said so, and stops nothing else', () => {
    const broken = scaledObject();
    Object.defineProperty(broken, 'spec', {
      get() {
        throw new Error('out of order');
      },
    });
    const found = judge(
      creating(
        kedaCanary((it) => (it.spec.analysis.iterations = 0)),
        [broken],
      ),
    );
    expect(found.find(({ id }) => id === 'CANARY-STRAT-007')?.severity).toBe('deny');
    expect(found.filter(({ id }) => id === 'GEN-002').map(({ message }) => message)).toContain(
      'could not check rule CANARY-KEDA-001 (out of order); accepted unchecked. Run kubectl canary validate later.',
    );
  });
});

describe('the escape hatch', () => {
  it('turns the denials of the listed rules into warnings', () => {
    const change = (it: Loose) => Object.assign(it.spec.analysis, { stepWeight: 0, stepWeightPromotion: 101 });
    expect(severities(ignoring('canary-strat-002', change))).toEqual({
      'CANARY-STRAT-002': 'warn',
      'CANARY-STRAT-009': 'deny',
    });
  });

  it('does not reach rules about types', () => {
    expect(severities(ignoring('CANARY-TYPE-001', (it) => (it.spec.service.port = 80.5)))).toEqual({
      'CANARY-TYPE-001': 'deny',
    });
  });
});

describe('stages', () => {
  const bad = canary((it) => {
    it.spec.progressDeadlineSeconds = 3600;
    Object.assign(it.spec.analysis, { interval: '1h', stepWeight: 0 });
  });
  it('asks before the schema only what the schema would refuse', () => {
    expect(severities(creating(bad, [], { stage: 'mutate' }))).toEqual({ 'CANARY-DUR-002': 'deny' });
  });
  it('asks after the schema all the rest', () => {
    expect(severities(creating(bad, [], { stage: 'validate' }))).toEqual({ 'CANARY-STRAT-002': 'deny' });
  });
});

describe('what must be looked up', () => {
  const asked = (input: Input) =>
    needs(input).map(({ kind, namespace, name }) => `${kind.kind} ${namespace}/${name ?? '*'}`);

  it('is asked once, and single objects not at all where all are listed', () => {
    expect(asked(creating(kedaCanary())).sort()).toEqual([
      'Canary test/*',
      'Deployment test/podinfo',
      'Deployment test/podinfo-primary',
      'HorizontalPodAutoscaler test/*',
      'ScaledObject test/*',
    ]);
  });

  it('is nothing for a change of annotations', () => {
    expect(
      asked(
        changing(
          kedaCanary(),
          kedaCanary((it) => (it.metadata.annotations = { a: 'b' })),
        ),
      ),
    ).toEqual([]);
  });

  it('is the Canaries where a pause was taken away', () => {
    const paused = scaledObject((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': '0' }));
    expect(asked(changing(paused, scaledObject()))).toEqual(['Canary test/*']);
  });
});

describe('findings', () => {
  it('are sorted by path, then id', () => {
    const found = judge(
      creating(
        canary((it) => Object.assign(it.spec.analysis, { stepWeight: 0.5, threshold: 0, maxWeight: 0 })),
        [deployment()],
      ),
    );
    expect(found.map(({ path, id }) => `${path} ${id}`)).toEqual([
      'spec.analysis.maxWeight CANARY-STRAT-005',
      'spec.analysis.stepWeight CANARY-STRAT-002',
      'spec.analysis.stepWeight CANARY-TYPE-001',
      'spec.analysis.threshold CANARY-STRAT-011',
    ]);
  });

  it('of the object alone come before any look-up', () => {
    const review = startReview(creating(canary((it) => (it.spec.analysis.stepWeight = 0))));
    expect(isDenied(review.alone)).toBe(true);
    expect(review.finish()).toEqual(review.alone);
  });

  it('quote at most 80 characters of what a user wrote, on one line', () => {
    const [found] = judge(creating(canary((it) => (it.spec.provider = `x\n${'y'.repeat(5000)}`)))).filter(
      ({ id }) => id === 'CANARY-TYPE-004',
    );
    expect(found?.message).toMatch(/^"x y{77}…" is not a known provider\./);
  });
});

describe('an object full of mistakes', () => {
  it('costs a few findings of each rule, not one for each mistake', () => {
    const flood = creating(
      canary((it) => {
        it.spec.analysis.stepWeights = Array.from({ length: 50_000 }, () => 0.5);
        it.spec.analysis.webhooks = Array.from({ length: 50_000 }, () => ({
          type: 'nothing',
          timeout: '1h',
          retries: 0.5,
        }));
      }),
    );
    const counts = new Map<string, number>();
    for (const { id } of judge(flood)) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 60)).toEqual([]);
    expect(counts.get('CANARY-STRAT-004')).toBe(20);
  });
});

describe('a key of a map that is a name of JavaScript', () => {
  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('%s is a key like any other', (key) => {
    const poisoned = kedaCanary((it) => {
      it.spec.autoscalerRef.primaryScalerQueries = JSON.parse(JSON.stringify({ KEY: '' }).replace('KEY', key));
    });
    const found = judge(creating(poisoned, [scaledObject()])).map(({ id, path }) => [id, path]);
    const path = `spec.autoscalerRef.primaryScalerQueries[${key}]`;
    expect(found).toContainEqual(['CANARY-KEDA-001', path]);
    expect(found).toContainEqual(['CANARY-KEDA-004', path]);
  });
});

describe('the mode of a namespace', () => {
  it.each([
    ['warn', 'warn'],
    ['strict', 'strict'],
    ['STRICT', 'default'],
    [undefined, 'default'],
  ])('%s means %s', (label, mode) => {
    expect(admissionModeOf(label)).toBe(mode);
  });
});
