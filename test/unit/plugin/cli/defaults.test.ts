import { describe, expect, it } from 'vitest';
import { ACTING } from '../../../../plugin/cli/commands/acting.ts';
import { SERVING } from '../../../../plugin/cli/commands/serving.ts';
import { flagsOf } from '../../../../plugin/cli/spec.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/engine/settings.ts';
import { FLAGS as WEBHOOK_FLAGS } from '../../../../webhook/flags.ts';

/** The controller's defaults; a terminal or a webhook that took others would judge the same Canary otherwise. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'mesh-provider': DEFAULT_SETTINGS.meshProvider,
  'metrics-server': DEFAULT_SETTINGS.metricsServer,
  'selector-labels': DEFAULT_SETTINGS.selectorLabels.join(','),
  'ingress-annotations-prefix': DEFAULT_SETTINGS.ingressAnnotationsPrefix,
};

/** Every default that a program's help names for one of these flags. */
const named = (program: string, flags: Readonly<Record<string, object>>) =>
  Object.entries(flags)
    .filter(([flag]) => flag in DEFAULTS)
    .map(([flag, spec]) => [program, flag, (spec as { default?: string }).default] as const);

const ROWS = [
  ...[...ACTING, ...SERVING].flatMap((command) => named(`kubectl canary ${command.name}`, flagsOf(command))),
  ...named('the webhook', WEBHOOK_FLAGS),
];

describe('defaults of flags', () => {
  it.each(ROWS)('%s --%s is what the engine takes', (_program, flag, value) => {
    expect(value).toBe(DEFAULTS[flag]);
  });

  it('are named by run, controller and webhook', () => {
    const programs = ROWS.filter(([, flag]) => flag === 'mesh-provider').map(([program]) => program);
    expect(programs).toEqual(
      expect.arrayContaining(['kubectl canary run', 'kubectl canary controller', 'the webhook']),
    );
  });
});
