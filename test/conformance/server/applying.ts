import { describe, expect, it } from 'vitest';
import type { Answer } from './client.ts';
import type { Bench } from './fixture.ts';
import { APPLY, deployment, MERGE, ownersOf, refusal } from './fixture.ts';

/** Server-side apply: who owns what, what conflicts, what goes. */
export const applyingTests = (bench: () => Bench): void => {
  const path = (name: string): string => bench().at('apps/v1', 'deployments', name);
  const apply = (name: string, manager: string, body: object, more = '') =>
    bench().client.ask('PATCH', `${path(name)}?fieldManager=${manager}${more}`, { body, type: APPLY });
  const partial = (name: string, rest: object, metadata: object = {}): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...metadata },
    ...rest,
  });

  describe('applying', () => {
    it('creates what is not there, and owns exactly what was said', async () => {
      const answer = await apply('fresh', 'one', deployment('fresh'));
      expect(answer.status).toBe(201);
      expect(answer.body.spec.replicas).toBe(1);
      const container = 'spec.template.spec.containers[name=main]';
      expect(ownersOf(answer)).toEqual({
        'one Apply': [
          'spec.selector',
          `${container}.image`,
          `${container}.name`,
          `${container}.ports[containerPort=80,protocol=TCP].containerPort`,
          'spec.template.metadata.labels.app',
        ].sort(),
      });
    });

    it('changes nothing when applied again', async () => {
      const same = (): Promise<Answer> =>
        bench().client.ask('PATCH', `${bench().at('v1', 'configmaps', 'same')}?fieldManager=one`, {
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'same' }, data: { a: 'b' } },
          type: APPLY,
        });
      const first = await same();
      const second = await same();
      expect([first.status, second.status]).toEqual([201, 200]);
      expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    });

    it('shares a field with whoever applies the same value', async () => {
      await apply('shared', 'one', deployment('shared', { replicas: 2 }));
      const answer = await apply('shared', 'two', partial('shared', { spec: { replicas: 2 } }));
      expect(answer.status).toBe(200);
      expect(ownersOf(answer)['two Apply']).toEqual(['spec.replicas']);
      expect(ownersOf(answer)['one Apply']).toContain('spec.replicas');
    });

    it('refuses to change what somebody else applied', async () => {
      await apply('fought', 'one', deployment('fought', { replicas: 2 }));
      const answer = await apply('fought', 'two', partial('fought', { spec: { replicas: 3 } }));
      expect(refusal(answer)).toEqual({
        status: 409,
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
      });
      expect(answer.body.details.causes).toEqual([
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' },
      ]);
    });

    it('lists all conflicts with one manager', async () => {
      await apply('listed', 'one', {
        ...deployment('listed', { replicas: 2 }),
        metadata: { name: 'listed', labels: { a: '1' } },
      });
      const answer = await apply('listed', 'two', partial('listed', { spec: { replicas: 3 } }, { labels: { a: '2' } }));
      expect(answer.body.message).toBe(
        'Apply failed with 2 conflicts: conflicts with "one":\n- .metadata.labels.a\n- .spec.replicas',
      );
    });

    it('says through which API somebody else wrote', async () => {
      await bench().client.ask('POST', `${bench().at('apps/v1', 'deployments')}?fieldManager=maker`, {
        body: deployment('written', { replicas: 2 }),
      });
      const answer = await apply('written', 'two', partial('written', { spec: { replicas: 3 } }));
      expect(answer.body.message).toBe(
        'Apply failed with 1 conflict: conflict with "maker" using apps/v1: .spec.replicas',
      );
      await bench().client.ask('PATCH', `${path('written')}/scale?fieldManager=scaler`, {
        body: { spec: { replicas: 4 } },
        type: MERGE,
      });
      const scaled = await apply('written', 'two', partial('written', { spec: { replicas: 3 } }));
      expect(scaled.body.message).toBe(
        'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
      );
    });

    it('takes over by force', async () => {
      await apply('taken', 'one', deployment('taken', { replicas: 2 }));
      const answer = await apply('taken', 'two', partial('taken', { spec: { replicas: 3 } }), '&force=true');
      expect(answer.body.spec.replicas).toBe(3);
      expect(ownersOf(answer)['two Apply']).toEqual(['spec.replicas']);
      expect(ownersOf(answer)['one Apply']).not.toContain('spec.replicas');
    });

    it('removes what a manager no longer says and nobody else owns', async () => {
      await apply('shrunk', 'one', deployment('shrunk', {}, { env: [{ name: 'A', value: '1' }] }));
      const answer = await apply('shrunk', 'one', deployment('shrunk'));
      expect(answer.body.spec.template.spec.containers[0]).not.toHaveProperty('env');
    });

    it('keeps what another manager still says', async () => {
      await apply('cared', 'one', deployment('cared', { replicas: 2 }));
      await apply('cared', 'two', partial('cared', { spec: { replicas: 2 } }));
      const answer = await apply('cared', 'one', deployment('cared'));
      expect(answer.body.spec.replicas).toBe(2);
      expect(Object.keys(ownersOf(answer)).sort()).toEqual(['one Apply', 'two Apply']);
    });

    it('forgets a manager who says nothing any more', async () => {
      await apply('left', 'one', deployment('left'));
      await apply('left', 'two', partial('left', {}, { labels: { z: '1' } }));
      const answer = await apply('left', 'two', partial('left', {}));
      expect(answer.body.metadata).not.toHaveProperty('labels');
      expect(Object.keys(ownersOf(answer))).toEqual(['one Apply']);
    });

    it('adds an element to a keyed list beside those of others', async () => {
      await apply('joined', 'one', deployment('joined'));
      const side = { spec: { template: { spec: { containers: [{ name: 'side', image: 'y:1' }] } } } };
      const { body } = await apply('joined', 'two', partial('joined', side));
      expect(body.spec.template.spec.containers.map((one: { name: string }) => one.name)).toEqual(['main', 'side']);
    });

    it('goes on from kubectl apply without a conflict, also over a changed value', async () => {
      const object = deployment('moved', { replicas: 2 }) as { metadata: Record<string, unknown> };
      object.metadata['annotations'] = {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(deployment('moved', { replicas: 2 })),
      };
      await bench().client.ask(
        'POST',
        `${bench().at('apps/v1', 'deployments')}?fieldManager=kubectl-client-side-apply`,
        { body: object },
      );
      const other = await apply('moved', 'two', deployment('moved', { replicas: 3 }));
      expect(other.status).toBe(409);
      const same = await apply('moved', 'kubectl', deployment('moved', { replicas: 3 }));
      expect([same.status, same.body.spec?.replicas]).toEqual([200, 3]);
    });

    it('wants to know who applies', async () => {
      const answer = await bench().client.ask('PATCH', path('anyone'), { body: deployment('anyone'), type: APPLY });
      expect(refusal(answer)).toEqual({
        status: 422,
        reason: 'Invalid',
        message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      });
    });

    it('records plain writes by their manager or their program', async () => {
      await bench().client.ask('POST', bench().at('apps/v1', 'deployments'), { body: deployment('noted') });
      const answer = await bench().client.ask('PATCH', `${path('noted')}?fieldManager=hand`, {
        body: { spec: { replicas: 3 } },
        type: MERGE,
      });
      expect(ownersOf(answer)['hand Update']).toEqual(['spec.replicas']);
      expect(ownersOf(answer)['suite Update']).toContain('spec.strategy.type');
      expect(ownersOf(answer)['suite Update']).not.toContain('spec.replicas');
    });
  });
};
