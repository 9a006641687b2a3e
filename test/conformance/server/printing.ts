import { describe, expect, it } from 'vitest';
import type { Bench } from './fixture.ts';
import { deployment } from './fixture.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface Resource {
  resource: string;
  scope: string;
  subresources?: { subresource: string; responseKind: { kind: string } }[];
}

/** What kubectl prints and how it finds kinds. */
export const printingTests = (bench: () => Bench): void => {
  const columns = async (apiVersion: string, plural: string): Promise<string[]> => {
    const { body } = await bench().client.ask('GET', bench().at(apiVersion, plural), { accept: TABLE });
    return body.columnDefinitions.map((one: { name: string; priority: number }) =>
      one.priority === 0 ? one.name : `${one.name}+`,
    );
  };

  describe('printing', () => {
    it.each([
      [
        'apps/v1',
        'deployments',
        ['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers+', 'Images+', 'Selector+'],
      ],
      ['apps/v1', 'replicasets', ['Name', 'Desired', 'Current', 'Ready', 'Age', 'Containers+', 'Images+', 'Selector+']],
      [
        'apps/v1',
        'daemonsets',
        [
          'Name',
          'Desired',
          'Current',
          'Ready',
          'Up-to-date',
          'Available',
          'Node Selector',
          'Age',
          'Containers+',
          'Images+',
          'Selector+',
        ],
      ],
      ['v1', 'services', ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector+']],
      ['v1', 'configmaps', ['Name', 'Data', 'Age']],
      ['v1', 'secrets', ['Name', 'Type', 'Data', 'Age']],
      [
        'v1',
        'pods',
        ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP+', 'Node+', 'Nominated Node+', 'Readiness Gates+'],
      ],
      [
        'v1',
        'events',
        ['Last Seen', 'Type', 'Reason', 'Object', 'Subobject+', 'Source+', 'Message', 'First Seen+', 'Count+', 'Name+'],
      ],
      [
        'autoscaling/v2',
        'horizontalpodautoscalers',
        ['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'],
      ],
      ['networking.k8s.io/v1', 'ingresses', ['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age']],
      ['coordination.k8s.io/v1', 'leases', ['Name', 'Holder', 'Age']],
    ])('has the columns of %s %s', async (apiVersion, plural, names) => {
      expect(await columns(apiVersion, plural)).toEqual(names);
    });

    it('fills the cells of a Deployment', async () => {
      await bench().client.ask('POST', bench().at('apps/v1', 'deployments'), {
        body: deployment('printed', { paused: true }),
      });
      const { body } = await bench().client.ask('GET', bench().at('apps/v1', 'deployments', 'printed'), {
        accept: TABLE,
      });
      expect(body.kind).toBe('Table');
      expect(body.rows[0].cells).toEqual([
        'printed',
        '0/1',
        0,
        0,
        expect.stringMatching(/^\d+s$/),
        'main',
        'example.org/app:1',
        'app=printed',
      ]);
      expect(body.rows[0].object.kind).toBe('PartialObjectMetadata');
      expect(body.rows[0].object.metadata.name).toBe('printed');
    });

    it('gives whole objects in a table when asked', async () => {
      await bench().client.ask('POST', bench().at('v1', 'configmaps'), {
        body: { metadata: { name: 'whole' }, data: { a: 'b' } },
      });
      const { body } = await bench().client.ask(
        'GET',
        `${bench().at('v1', 'configmaps', 'whole')}?includeObject=Object`,
        { accept: TABLE },
      );
      expect(body.rows[0].object.data).toEqual({ a: 'b' });
    });
  });

  describe('discovery', () => {
    it('says in one document what there is', async () => {
      const { headers, body } = await bench().client.ask('GET', '/apis', { accept: AGGREGATED });
      expect(headers['content-type']).toContain('as=APIGroupDiscoveryList');
      const apps = body.items.find((one: { metadata: { name?: string } }) => one.metadata.name === 'apps');
      const resources: Resource[] = apps.versions.find((one: { version: string }) => one.version === 'v1').resources;
      const found = resources.find((one) => one.resource === 'deployments');
      expect(found).toMatchObject({
        scope: 'Namespaced',
        singularResource: 'deployment',
        shortNames: ['deploy'],
        categories: ['all'],
      });
      const scale = found?.subresources?.find((one) => one.subresource === 'scale');
      expect(scale?.responseKind).toEqual({ group: 'autoscaling', version: 'v1', kind: 'Scale' });
    });

    it('says the same group by group', async () => {
      const groups = await bench().client.ask('GET', '/apis');
      expect(groups.body.kind).toBe('APIGroupList');
      expect(groups.body.groups.find((one: { name: string }) => one.name === 'apps').preferredVersion).toEqual({
        groupVersion: 'apps/v1',
        version: 'v1',
      });
      const { body } = await bench().client.ask('GET', '/apis/apps/v1');
      const names = body.resources.map((one: { name: string }) => one.name);
      expect(names).toEqual(expect.arrayContaining(['deployments', 'deployments/scale', 'deployments/status']));
    });

    it('knows the core group', async () => {
      expect((await bench().client.ask('GET', '/api')).body.versions).toEqual(['v1']);
      const { body } = await bench().client.ask('GET', '/api/v1');
      expect(body.resources.find((one: { name: string }) => one.name === 'services')).toMatchObject({
        kind: 'Service',
        namespaced: true,
        shortNames: ['svc'],
      });
    });

    it('offers validation of fields in its OpenAPI documents, which kubectl apply insists on', async () => {
      const index = await bench().client.ask('GET', '/openapi/v3');
      const { serverRelativeURL } = index.body.paths['apis/apps/v1'];
      const { body } = await bench().client.ask('GET', serverRelativeURL);
      const { patch } = body.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
      expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
      expect(patch.parameters.map((one: { name: string }) => one.name)).toEqual(
        expect.arrayContaining(['fieldValidation', 'dryRun']),
      );
    });

    it('tells its version and that it is well', async () => {
      expect((await bench().client.ask('GET', '/version')).body).toMatchObject({
        major: '1',
        gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
      });
      expect((await bench().client.ask('GET', '/readyz')).body).toBe('ok');
    });

    it('answers who asks and what they may do', async () => {
      const who = await bench().client.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
      expect([who.status, who.body.status.userInfo.groups]).toEqual([
        201,
        expect.arrayContaining(['system:authenticated']),
      ]);
      const may = await bench().client.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
        },
      });
      expect(may.body.status.allowed).toBe(true);
    });
  });
};
