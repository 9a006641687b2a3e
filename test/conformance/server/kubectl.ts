import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../make/until.ts';
import { deployment } from './fixture.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOnServer {
  /** Runs the real kubectl against the server; killed after `timeoutMs` (code 124). */
  kubectl(args: readonly string[], options?: { input?: string; timeoutMs?: number }): Promise<Outcome>;
  stop(): void | Promise<void>;
}

const web = (more: object = {}): string => JSON.stringify(deployment('web', { replicas: 2, ...more }));

const service = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
});

const definition = (group: string): string =>
  JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { color: { type: 'string', description: 'Which color it has.' } } },
              },
            },
          },
        },
      ],
    },
  });

/** Commands of the real kubectl, and what people read. Needs controllers and something that makes pods ready. */
export const kubectlSuite = (name: string, start: () => Promise<KubectlOnServer>): void => {
  describe(`kubectl on ${name}`, () => {
    const namespace = `kubectl-${randomBytes(3).toString('hex')}`;
    let server: KubectlOnServer;
    /** Runs in the namespace; fails the test when kubectl fails. */
    const run = async (args: string, input?: string): Promise<string> => {
      const { code, stdout, stderr } = await server.kubectl(
        [...args.split(' '), '-n', namespace],
        input === undefined ? {} : { input },
      );
      expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
      return stdout;
    };
    const fail = async (args: string, input?: string): Promise<Outcome> => {
      const outcome = await server.kubectl([...args.split(' '), '-n', namespace], input === undefined ? {} : { input });
      expect(outcome.code).not.toBe(0);
      return outcome;
    };
    const field = (path: string, object = 'deploy/web'): Promise<string> => run(`get ${object} -o jsonpath={${path}}`);

    beforeAll(async () => {
      server = await start();
      const made = await server.kubectl(['create', 'namespace', namespace]);
      expect(made.stdout).toBe(`namespace/${namespace} created\n`);
    });
    afterAll(async () => {
      await server.kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await server.stop();
    });

    it('applies what is new, what is the same, and what has changed', async () => {
      const both = `${web()}\n---\n${service}`;
      expect(await run('apply -f -', both)).toBe('deployment.apps/web created\nservice/web created\n');
      expect(await run('apply -f -', both)).toBe('deployment.apps/web unchanged\nservice/web unchanged\n');
      expect(await run('apply -f -', web({ replicas: 3 }))).toBe('deployment.apps/web configured\n');
      expect(await field('.spec.replicas')).toBe('3');
    });

    it('waits for a rollout and for a condition', async () => {
      expect(await run('rollout status deploy/web --timeout=60s')).toContain(
        'deployment "web" successfully rolled out',
      );
      expect(await run('wait --for=condition=Available deploy/web --timeout=60s')).toBe(
        'deployment.apps/web condition met\n',
      );
    });

    it('prints tables', async () => {
      const [head, row] = (await run('get deploy web -o wide')).split('\n');
      expect(head?.split(/ {2,}/)).toEqual([
        'NAME',
        'READY',
        'UP-TO-DATE',
        'AVAILABLE',
        'AGE',
        'CONTAINERS',
        'IMAGES',
        'SELECTOR',
      ]);
      expect(row?.split(/ +/)).toEqual([
        'web',
        '3/3',
        '3',
        '3',
        expect.stringMatching(/^\d+/),
        'main',
        'example.org/app:1',
        'app=web',
      ]);
      const all = await run('get deploy,svc,rs,po');
      expect(all).toMatch(/deployment\.apps\/web/);
      expect(all).toMatch(/service\/web +ClusterIP/);
      expect(all.match(/pod\/web-[a-z0-9]+-[a-z0-9]+ +1\/1 +Running/g)).toHaveLength(3);
    });

    it('lists over all namespaces', async () => {
      const { stdout } = await server.kubectl(['get', 'deploy', '-A']);
      expect(stdout).toMatch(new RegExp(`^NAMESPACE +NAME[^]*${namespace} +web`));
    });

    it('prints names, fields, JSON and YAML', async () => {
      expect(await run('get deploy,svc -o name')).toBe('deployment.apps/web\nservice/web\n');
      expect(await field('.spec.ports[0].targetPort', 'svc/web')).toBe('80');
      expect(JSON.parse(await run('get deploy web -o json'))).toMatchObject({
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
      });
      expect(await run('get svc web -o yaml')).toContain('sessionAffinity: None');
    });

    it('follows changes', async () => {
      const watching = server.kubectl(
        ['get', 'configmap', '-n', namespace, '-w', '-o', 'name', '--field-selector=metadata.name=followed'],
        { timeoutMs: 5000 },
      );
      await run('create configmap followed --from-literal=a=b --dry-run=client -o name');
      await run(
        'apply -f -',
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'followed' }, data: { a: '1' } }),
      );
      expect((await watching).stdout).toContain('configmap/followed\n');
    });

    it('changes images, annotations, labels and replicas', async () => {
      expect(await run('set image deploy/web main=example.org/app:2')).toBe('deployment.apps/web image updated\n');
      expect(await run('annotate deploy web note=one')).toBe('deployment.apps/web annotated\n');
      expect(await run('label deploy web tier=front')).toBe('deployment.apps/web labeled\n');
      expect(await run('scale deploy web --replicas=1')).toBe('deployment.apps/web scaled\n');
      expect(await field('.spec.template.spec.containers[0].image')).toBe('example.org/app:2');
      expect(await field('.metadata.annotations.note')).toBe('one');
      expect(await field('.metadata.labels.tier')).toBe('front');
      expect(await field('.spec.replicas')).toBe('1');
      expect(await run('label deploy web tier-')).toBe('deployment.apps/web unlabeled\n');
      expect(await field('.metadata.labels.tier')).toBe('');
    });

    it('patches in all three ways', async () => {
      await run(
        'patch deploy web -p {"spec":{"template":{"spec":{"containers":[{"name":"side","image":"example.org/side:1"}]}}}}',
      );
      expect((await field('.spec.template.spec.containers[*].name')).split(' ').sort()).toEqual(['main', 'side']);
      await run('patch deploy web --type=merge -p {"spec":{"minReadySeconds":1}}');
      expect(await field('.spec.minReadySeconds')).toBe('1');
      await run('patch deploy web --type=json -p [{"op":"remove","path":"/spec/minReadySeconds"}]');
      expect(await field('.spec.minReadySeconds')).toBe('');
    });

    it('restarts a rollout and tells its history', async () => {
      expect(await run('rollout restart deploy/web')).toBe('deployment.apps/web restarted\n');
      expect(await run('rollout status deploy/web --timeout=60s')).toContain('successfully rolled out');
      expect((await run('rollout history deploy/web')).trim().split('\n').length).toBeGreaterThanOrEqual(4);
    });

    it('describes', async () => {
      const text = await run('describe deploy web');
      expect(text).toMatch(/^Name: +web$/m);
      expect(text).toMatch(/^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable$/m);
      expect(text).toMatch(/Progressing +True +NewReplicaSetAvailable/);
      expect(await run('describe svc web')).toMatch(/^TargetPort: +80\/TCP$/m);
    });

    it('applies on the server, and says with whom it conflicts', async () => {
      const { stderr } = await fail('apply --server-side --field-manager=other -f -', web({ replicas: 5 }));
      expect(stderr).toContain('Apply failed with');
      expect(stderr).toContain('.spec.replicas');
      expect(await run('apply --server-side --field-manager=other --force-conflicts -f -', web({ replicas: 2 }))).toBe(
        'deployment.apps/web serverside-applied\n',
      );
      expect(await field('.spec.replicas')).toBe('2');
    });

    it('shows what an apply would change', async () => {
      const { code, stdout } = await fail('diff -f -', web({ replicas: 4 }));
      expect(code).toBe(1);
      expect(stdout).toMatch(/^- {2}replicas: 2$/m);
      expect(stdout).toMatch(/^\+ {2}replicas: 4$/m);
    });

    it('creates from a file and replaces', async () => {
      const map = (value: string): string =>
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' }, data: { a: value } });
      expect(await run('create -f -', map('1'))).toBe('configmap/made created\n');
      expect((await fail('create -f -', map('1'))).stderr).toContain('configmaps "made" already exists');
      expect(await run('replace -f -', map('2'))).toBe('configmap/made replaced\n');
      expect(await field('.data.a', 'cm/made')).toBe('2');
    });

    it('deletes and waits until it is gone', async () => {
      expect(await run('delete svc web')).toMatch(/^service "web" deleted/);
      expect((await fail('get svc web')).stderr).toBe('Error from server (NotFound): services "web" not found\n');
      await run('delete deploy web --timeout=60s');
      await run('wait --for=delete pod -l app=web --timeout=60s');
      expect(await run('get pods -l app=web -o name')).toBe('');
    });

    it('says why something is refused', async () => {
      const { stderr } = await fail('apply -f -', web({ selector: { matchLabels: { app: 'other' } } }));
      expect(stderr).toContain(
        'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      );
    });

    it('knows what can be asked for, and by whom', async () => {
      const resources = await run('api-resources --no-headers');
      expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
      expect((await server.kubectl(['auth', 'can-i', 'get', 'pods'])).stdout).toBe('yes\n');
      expect((await server.kubectl(['explain', 'deployment'])).stdout).toMatch(/^KIND: +Deployment$/m);
    });

    it('treats a kind from a definition like any other', async () => {
      const group = `${namespace}.example.org`;
      await run('apply -f -', definition(group));
      await run(`wait --for=condition=Established crd/gadgets.${group} --timeout=30s`);
      const gadget = (spec: object): string =>
        JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'g' }, spec });
      // A server takes a moment to offer the new kind everywhere.
      const isOffered = async (): Promise<boolean> =>
        (await server.kubectl(['get', `gadgets.${group}`, '-n', namespace])).code === 0;
      await until(isOffered, 'the kind to be offered', 60_000);
      expect(await run('apply -f -', gadget({ color: 'red' }))).toBe(`gadget.${group}/g created\n`);
      expect(await run('apply -f -', gadget({ color: 'blue' }))).toBe(`gadget.${group}/g configured\n`);
      expect((await run(`get gadgets.${group}`)).split('\n')[1]?.split(/ +/)).toEqual(['g', 'blue']);
      const { stderr } = await fail('apply -f -', gadget({ color: 'red', shape: 'round' }));
      expect(stderr).toContain('strict decoding error: unknown field "spec.shape"');
      const explained = async (): Promise<string> =>
        (await server.kubectl(['explain', `gadgets.${group}.spec.color`])).stdout;
      // What kinds look like is published apart from the kinds, up to some seconds later.
      await until(async () => (await explained()) !== '', 'the kind to be explained', 60_000);
      expect(await explained()).toContain('Which color it has.');
      await run(`delete crd gadgets.${group}`);
    });
  });
};
