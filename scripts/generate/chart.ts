/** Everything of the chart that is made from code. */
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { renderReadme } from './chart-readme.ts';
import { providerRules } from './chart-rights.ts';
import { valuesSchema } from './chart-schema.ts';
import { renderConfigurations } from './chart-webhook.ts';
import type { GeneratedFile } from './registry.ts';

const CHART = 'charts/kubectl-canary';
const VALUES = new URL(`../../${CHART}/values.yaml`, import.meta.url);

/** Provider rules, webhook configurations, schema of the values, README. */
export const chartFiles = (): GeneratedFile[] => [
  {
    path: `${CHART}/files/provider-rules.yaml`,
    render: () =>
      `# Generated from shared/routing by "npm run generate": the rights that each provider takes.\n${stringify(providerRules(), { aliasDuplicateObjects: false })}`,
  },
  { path: `${CHART}/templates/webhook/configurations.yaml`, render: renderConfigurations },
  { path: `${CHART}/values.schema.json`, render: () => `${JSON.stringify(valuesSchema(), null, 2)}\n` },
  { path: `${CHART}/README.md`, render: () => renderReadme(readFileSync(VALUES, 'utf8')) },
];
