import { describe, expect, it } from 'vitest';
import { NOTIFIERS, notifierOf } from '../../../../shared/notify/index.ts';
import { type Alert, alertRequest, hears, type Notifier } from '../../../../shared/notify/notifier.ts';

const ALERT: Alert = {
  subject: 'podinfo.test',
  message: 'Failed checks threshold reached 3',
  severity: 'error',
  fields: [{ name: 'Target', value: 'Deployment/podinfo.test' }],
};
const TO = { address: 'https://chat.example/hook/abc?x=1', channel: 'general', username: 'flagger', token: 's3cret' };

const requestOf = (type: string, alert: Alert = ALERT, to = TO) => {
  const request = alertRequest(notifierOf(type) as Notifier, alert, to);
  if ('error' in request) throw new Error(request.error);
  return { ...request, json: JSON.parse(request.body ?? '') as Record<string, unknown> };
};

describe('alerts to chat services', () => {
  it('knows five services by the type of an AlertProvider, and no other', () => {
    expect(NOTIFIERS.map((one) => one.type).sort()).toEqual(['discord', 'gchat', 'msteams', 'rocket', 'slack']);
    expect(notifierOf('pager')).toBeUndefined();
  });

  it.each(['slack', 'discord', 'rocket', 'msteams', 'gchat'])(
    '%s gets one POST of JSON with subject and message, within 5 s, tried once',
    (type) => {
      const request = requestOf(type);
      expect(request).toMatchObject({ method: 'POST', timeoutMs: 5000, retries: 0 });
      expect(request.body).toContain('podinfo.test');
      expect(request.body).toContain('Failed checks threshold reached 3');
      expect(request.body).toContain('Deployment/podinfo.test');
    },
  );

  it('sends the token to Slack alone', () => {
    expect(requestOf('slack').headers).toMatchObject({ Authorization: 'Bearer s3cret' });
    for (const type of ['discord', 'rocket', 'msteams', 'gchat'])
      expect(requestOf(type).headers).not.toHaveProperty('Authorization');
  });

  it.each([
    ['https://discord.example/api/x', 'https://discord.example/api/x/slack'],
    ['https://discord.example/api/x?wait=true', 'https://discord.example/api/x/slack?wait=true'],
    ['https://discord.example/api/x/slack', 'https://discord.example/api/x/slack'],
  ])('calls Discord at its Slack path: %s', (address, called) => {
    expect(requestOf('discord', ALERT, { ...TO, address }).url).toBe(called);
  });

  it.each([
    ['slack', 'error', 'danger'],
    ['slack', 'warn', 'good'],
    ['rocket', 'error', '#FF0000'],
    ['rocket', 'info', '#0076D7'],
  ] as const)('colours %s at %s', (type, severity, color) => {
    expect(requestOf(type, { ...ALERT, severity }).json).toMatchObject({ attachments: [{ color }] });
  });

  it('refuses an address that is no URL without showing it', () => {
    const refused = alertRequest(notifierOf('slack') as Notifier, ALERT, { ...TO, address: 'xoxb-secret' });
    expect(refused).toEqual({ error: 'invalid Slack hook URL' });
  });

  it.each([
    ['info', 'info', true],
    ['info', 'error', true],
    ['warn', 'info', false],
    ['warn', 'warn', true],
    ['error', 'warn', false],
    ['error', 'error', true],
  ] as const)('an entry of %s hears of %s: %s', (least, severity, expected) => {
    expect(hears(least, severity)).toBe(expected);
  });
});
