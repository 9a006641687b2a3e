/** CANARY-HOOK-002: addresses that a controller must not call because a namespace asks it to. */
import { listOf, recordOf } from '../raw.ts';
import { type Draft, each, type Rule } from '../rule.ts';
import { quoted } from '../text.ts';
import { urlOf } from '../url.ts';
import type { CanaryView } from '../view.ts';

/** Link-local and metadata services of clouds, and the API server itself. Hosts as a URL normalises them. */
const FORBIDDEN =
  /^(?:169\.254\.\d+\.\d+|\[(?:fe[89ab][0-9a-f]:.*|fd00:ec2::254|::ffff:a9fe:.*)\]|metadata\.google\.internal\.?|kubernetes\.default(?:\..*)?)$/;
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\]|(?:.*\.)?localhost\.?)$/;

const judgeHook = (hook: unknown, index: number): Draft | undefined => {
  const { url } = recordOf(hook);
  const host = urlOf(url)?.hostname ?? '';
  const isLoopback = LOOPBACK.test(host);
  if (!isLoopback && !FORBIDDEN.test(host)) return undefined;
  const because = isLoopback
    ? 'is the controller itself, not your service'
    : 'must not be called on behalf of a namespace';
  return {
    path: `spec.analysis.webhooks[${index}].url`,
    message: `${quoted(host)} ${because}. Use the name of a Service.`,
    value: url,
    soft: isLoopback,
    reason: 'FieldValueForbidden',
  };
};

export const HOOK_HOST_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-HOOK-002',
    class: 'D',
    path: 'spec.analysis.webhooks[].url',
    about: 'a link-local, metadata or loopback address, or the API server',
    check: ({ analysis }) => each(listOf(analysis['webhooks']), judgeHook),
  },
];
