import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { providerRules, webhookRules } from '../../../scripts/generate/chart-rights.ts';
import { renderConfigurations } from '../../../scripts/generate/chart-webhook.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type Kind, refTo } from '../../../shared/api/kube.ts';
import { ROUTERS } from '../../../shared/routing/index.ts';
import type { Router } from '../../../shared/routing/router.ts';
import { WATCHED_KINDS } from '../../../webhook/admission/lookups.ts';
import { readRepositoryFile, sourceFiles } from '../../support/sources.ts';

const ROUTE: Kind = { apiVersion: 'mesh.example.org/v1', kind: 'Route', plural: 'routes', namespaced: true };

describe('rights that come from the code', () => {
  it('give each provider its own kinds, and no Service a second time', () => {
    const kinds = [ROUTE, KINDS.service, ROUTE];
    const router = {
      ...(ROUTERS[0] as Router),
      provider: 'mesh',
      refs: () => kinds.map((kind) => refTo(kind, 'a', 'b')),
    };
    const rule = {
      apiGroups: ['mesh.example.org'],
      resources: ['routes'],
      verbs: ['get', 'list', 'watch', 'create', 'update'],
    };
    expect(providerRules([router])).toEqual({ mesh: [rule] });
  });

  it('leave no provider without an answer', () => {
    const named = ROUTERS.map(({ provider }) => provider);
    expect(Object.keys(providerRules())).toEqual(named.toSorted());
    expect(providerRules()['nginx']).toMatchObject([{ apiGroups: ['networking.k8s.io'], resources: ['ingresses'] }]);
  });

  it('let the webhook watch what it watches, and write nothing', () => {
    const rules = webhookRules();
    const watched = rules.filter(({ verbs }) => verbs.includes('watch')).flatMap(({ resources }) => resources);
    expect(watched).toEqual(WATCHED_KINDS.map(({ plural }) => plural));
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch']));
  });

  it('let a router delete the kinds that it says it removes', () => {
    const router = {
      ...(ROUTERS[0] as Router),
      provider: 'mesh',
      removes: [ROUTE],
      refs: () => [refTo(ROUTE, 'a', 'b')],
    };
    expect(providerRules([router])['mesh']?.[0]?.verbs).toContain('delete');
  });

  /** Owner references remove what routers make; one that deletes says so, and none patches. */
  it('are enough for what the sources of the routers do', () => {
    const files = sourceFiles(['shared/routing']);
    const having = (words: string): string[] =>
      files.flatMap(({ path, text }) => (text.includes(words) ? [basename(path, '.ts')] : []));
    // The parts of a router are named after it.
    const removing = having('removes: [');
    const deleting = having("do: 'delete'");
    expect(deleting.filter((part) => !removing.some((router) => part.startsWith(router)))).toEqual([]);
    expect(having("do: 'patch'")).toEqual([]);
  });
});

describe('the template of the webhook configurations', () => {
  const template = renderConfigurations();

  it('names no release, no namespace and no certificate of its own', () => {
    expect(template).not.toMatch(/the-(name|service|namespace|only)|3100\d/);
    expect(template).not.toMatch(/^ *caBundle/m);
  });

  it('lets values decide the policy of everything but deletes', () => {
    expect(template.match(/failurePolicy: .*/g)).toEqual([
      'failurePolicy: {{ .Values.webhook.failurePolicy }}',
      'failurePolicy: Ignore',
      'failurePolicy: {{ .Values.webhook.failurePolicy }}',
    ]);
  });

  it('narrows the namespaces of every entry, only where some are named', () => {
    expect(
      template.match(/\{\{- with \$judged \}\}\n *- key: kubernetes\.io\/metadata\.name\n *operator: In/g),
    ).toHaveLength(3);
  });
});

describe('the chart and the rest of the repository', () => {
  const chart = parse(readRepositoryFile('charts/kubectl-canary/Chart.yaml')) as Record<string, string>;
  const program = JSON.parse(readRepositoryFile('package.json')) as {
    name: string;
    version: string;
    bin: Record<string, string>;
  };

  it('speak of one version', () => {
    expect(chart).toMatchObject({ name: program.name, version: program.version, appVersion: program.version });
  });

  it('start the same files in the same image', () => {
    const image = readRepositoryFile('Containerfile');
    expect(image).toContain('COPY dist /app');
    expect(image).toContain(`ENTRYPOINT ["node", "/app/${program.bin['kubectl-canary']?.replace('dist/', '')}"]`);
    const started = /command: \[node, \/app\/(.*)\]/.exec(
      readRepositoryFile('charts/kubectl-canary/templates/webhook/deployment.yaml'),
    )?.[1];
    expect(readRepositoryFile('plugin/commands/webhook.ts')).toContain(`'${started}'`);
  });

  it('run as the user that the image has', () => {
    const values = parse(readRepositoryFile('charts/kubectl-canary/values.yaml')) as {
      securityContext: { context: { runAsUser: number } };
    };
    expect(readRepositoryFile('Containerfile')).toContain(`USER ${values.securityContext.context.runAsUser}`);
  });
});
