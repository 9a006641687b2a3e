/** The chat service that hears of Canaries without alerts of their own: flags and environment of the reference. */
import type { EngineSettings } from '../../shared/engine/settings.ts';
import type { Input } from '../cli/input.ts';

export interface GlobalAlerts {
  readonly to: EngineSettings['globalAlerts'];
  /** Why nobody is told although something was set; without secrets. */
  readonly problem: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_USER = 'flagger';

/** Teams wins over Slack, the environment over flags. */
export const globalAlerts = (input: Input, env: Env): GlobalAlerts => {
  const read = (variable: string, flag: string): string => env[variable] || (input.text(flag) ?? '');
  const username = input.text('slack-user') || DEFAULT_USER;
  const channel = input.text('slack-channel') ?? '';
  const teams = read('MSTEAMS_URL', 'msteams-url');
  if (teams !== '') {
    const proxy = read('MSTEAMS_PROXY_URL', 'msteams-proxy-url');
    return {
      to: { type: 'msteams', address: teams, channel, username, ...(proxy === '' ? {} : { proxy }) },
      problem: undefined,
    };
  }
  const slack = read('SLACK_URL', 'slack-url');
  if (slack === '') return { to: undefined, problem: undefined };
  if (channel === '')
    return { to: undefined, problem: 'no alerts are sent: --slack-url is set and --slack-channel is not' };
  const [token, proxy] = [read('SLACK_TOKEN', 'slack-token'), read('SLACK_PROXY_URL', 'slack-proxy-url')];
  const to = {
    type: 'slack',
    address: slack,
    channel,
    username,
    ...(token === '' ? {} : { token }),
    ...(proxy === '' ? {} : { proxy }),
  };
  return { to, problem: undefined };
};
