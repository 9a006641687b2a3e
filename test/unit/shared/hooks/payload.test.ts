import { describe, expect, it } from 'vitest';
import type { AnalysisWebhook, Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { HttpRequest, HttpResult } from '../../../../shared/api/model.ts';
import { eventRequest, hookRequest, hookVerdict } from '../../../../shared/hooks/payload.ts';
import { aCanary, withStatus } from '../../../make/canary.ts';

const HOOK: AnalysisWebhook = { name: 'load', url: 'http://tester/' };
const withHash = (status: Partial<CanaryStatus> = {}): Canary =>
  aCanary(withStatus({ lastAppliedSpec: '4cb74184589', ...status }));
const requestOf = (hook: Partial<AnalysisWebhook> = {}, canary = withHash()): HttpRequest =>
  hookRequest({ ...HOOK, ...hook }, canary, 'Progressing') as HttpRequest;

describe('a hook', () => {
  it('is posted as receivers know it, its fields in their order', () => {
    expect(requestOf({ metadata: { cmd: 'hey' } })).toEqual({
      method: 'POST',
      url: 'http://tester/',
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"podinfo","namespace":"test","phase":"Progressing","checksum":"7c9d467496","metadata":{"cmd":"hey"}}',
      timeoutMs: 10_000,
      retries: 0,
    });
  });

  it.each<[string, Partial<AnalysisWebhook>]>([
    ['without metadata', {}],
    ['with empty metadata', { metadata: {} }],
  ])('%s has no such field', (_what, hook) => {
    expect(JSON.parse(requestOf(hook).body ?? '')).not.toHaveProperty('metadata');
  });

  it.each<[Partial<CanaryStatus>, string]>([
    [{}, '7c9d467496'],
    [{ trackedConfigs: {}, lastAppliedSpec: 'x' }, '76485df54b'],
    [{ trackedConfigs: { 'secret/b': '9fc3a7c76acaa7c6', 'configmap/a': '484637c76acaa7c6' } }, '54d755b97c'],
  ])('has the checksum that other receivers compute of %j', (status, checksum) => {
    expect(JSON.parse(requestOf({}, withHash(status)).body ?? '')).toMatchObject({ checksum });
  });

  it('of a Canary without a status has one all the same', () => {
    expect(JSON.parse(requestOf({}, aCanary()).body ?? '')).toMatchObject({ checksum: '758df7c9fc' });
  });

  it.each<[string | undefined, number]>([
    [undefined, 10_000],
    ['', 10_000],
    ['5', 10_000],
    ['15s', 15_000],
    ['2m', 120_000],
    ['0s', 600_000],
  ])('with timeout %s may take %d ms', (timeout, timeoutMs) => {
    expect(requestOf(timeout === undefined ? {} : { timeout }).timeoutMs).toBe(timeoutMs);
  });

  it('with a timeout that nobody can read fails without being called', () => {
    expect(hookRequest({ ...HOOK, timeout: '55' }, withHash(), 'Progressing')).toEqual({
      error: 'time: missing unit in duration "55"',
    });
  });

  it('is tried again and trusted as it says', () => {
    expect(requestOf({ retries: 3, disableTLS: true })).toMatchObject({ retries: 3, insecureSkipVerify: true });
    expect(requestOf({ retries: -3 }).retries).toBe(0);
  });
});

describe('an event', () => {
  const event = { message: 'Advance', type: 'Normal' as const, time: 1_700_000_000_123, phase: 'Progressing' };
  const bodyOf = (hook: Partial<AnalysisWebhook> = {}) =>
    JSON.parse(eventRequest({ ...HOOK, ...hook }, withHash(), event).body ?? '');

  it("is told beside the hook's own words, which give way to ours", () => {
    expect(bodyOf({ metadata: { team: 'a', eventType: 'mine' } })).toMatchObject({
      phase: 'Progressing',
      metadata: { team: 'a', eventMessage: 'Advance', eventType: 'Normal', timestamp: '1700000000123' },
    });
  });

  it.each<[string | undefined, number]>([
    [undefined, 10_000],
    ['3s', 3000],
    ['0s', 10_000],
    ['55', 10_000],
  ])('with timeout %s may take %d ms: nobody waits for it for ever', (timeout, timeoutMs) => {
    expect(eventRequest({ ...HOOK, ...(timeout !== undefined && { timeout }) }, withHash(), event).timeoutMs).toBe(
      timeoutMs,
    );
  });
});

describe('the answer to a hook', () => {
  const answered = (status: number, body = 'because', attempts = 1): HttpResult => ({
    ok: true,
    status,
    body,
    headers: {},
    attempts,
  });
  const verdict = (result: HttpResult, url = 'http://tester/') => hookVerdict(url, result);

  it.each([200, 201, 202])('%d is a yes', (status) => {
    expect(verdict(answered(status))).toEqual({ passed: true, error: '' });
  });

  it.each([203, 204, 301, 400, 404, 501])('%d is a no, for the reason in its body', (status) => {
    expect(verdict(answered(status, ' because\n'))).toEqual({ passed: false, error: 'because' });
  });

  it.each([429, 500, 502, 503])('%d is a no that was tried again', (status) => {
    expect(verdict(answered(status, 'because', 3))).toEqual({
      passed: false,
      error: 'POST http://tester/ giving up after 3 attempt(s)',
    });
  });

  it('that never came is a no with its cause', () => {
    expect(verdict({ ok: false, error: 'connection refused', attempts: 2 })).toEqual({
      passed: false,
      error: 'POST http://tester/ giving up after 2 attempt(s): connection refused',
    });
  });

  it('is told in part where it is long, and without credentials', () => {
    expect(verdict(answered(400, 'x'.repeat(5000))).error).toHaveLength(1000);
    expect(verdict(answered(500), 'https://me:secret@tester/path?a=b@c').error).toBe(
      'POST https://tester/path?a=b@c giving up after 1 attempt(s)',
    );
  });

  it.each<[string, string]>([
    ['https://tester/x?token=abc123', 'https://tester/x?token=***'],
    ['https://tester/x?a=1&api_key=abc&sig=d%2Fe#f', 'https://tester/x?a=1&api_key=***&sig=***#f'],
    ['https://tester/x?gate=open&monkey=1', 'https://tester/x?gate=open&monkey=1'],
  ])('that never came does not tell the keys in %s', (url, shown) => {
    expect(verdict({ ok: false, error: 'reset', attempts: 1 }, url).error).toBe(
      `POST ${shown} giving up after 1 attempt(s): reset`,
    );
  });
});
