import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../../shared/api/model.ts';
import { prometheusRequest, readPrometheus } from '../../../../shared/metrics/prometheus.ts';

const answered = (body: unknown, status = 200): HttpResult => ({
  ok: true,
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: {},
  attempts: 1,
});
const vector = (...values: unknown[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
});
const read = (body: unknown, status = 200) => readPrometheus(answered(body, status));

describe('an instant query', () => {
  it('is asked in its place, whatever the address ends with', () => {
    expect(prometheusRequest({ url: 'http://prometheus:9090/sub//' }, 'up{a="b c"}')).toEqual({
      method: 'GET',
      url: 'http://prometheus:9090/sub/api/v1/query?query=up%7Ba%3D%22b%20c%22%7D',
      timeoutMs: 5000,
      retries: 0,
    });
  });

  it('has headers and trust where its server says so', () => {
    expect(
      prometheusRequest({ url: 'http://p', headers: { Authorization: 'x' }, insecureSkipVerify: true }, 'up'),
    ).toMatchObject({ headers: { Authorization: 'x' }, insecureSkipVerify: true });
  });
});

describe('a value', () => {
  it.each<[string, unknown, number]>([
    ['of a vector', vector('99.5'), 99.5],
    ['of the last sample of a vector', vector('1', '2'), 2],
    ['of a scalar', { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } }, 7],
    ['in exponents', vector('1.5e-3'), 0.0015],
    ['beyond all numbers', vector('+Inf'), Infinity],
    ['below all numbers', vector('-Inf'), -Infinity],
    ['of zero', vector('0'), 0],
  ])('%s', (_what, body, value) => {
    expect(read(body)).toEqual({ value });
  });
});

describe('no value', () => {
  it.each<[string, unknown]>([
    ['is an empty vector', vector()],
    ['is one that is not a number', vector('NaN')],
    ['is a scalar that is not a number', { status: 'success', data: { resultType: 'scalar', result: [1, 'NaN'] } }],
  ])('%s', (_what, body) => {
    expect(read(body)).toEqual({ empty: 'no values found' });
  });
});

describe('an answer that is none is told in one line', () => {
  it.each<[string, HttpResult, string]>([
    ['nobody there', { ok: false, error: 'connection refused', attempts: 1 }, 'request failed: connection refused'],
    [
      'an error of the server',
      answered({ status: 'error', error: 'invalid parameter "query":\n 1:3 parse error' }, 400),
      'error response: invalid parameter "query": 1:3 parse error',
    ],
    ['an error without words', answered({ status: 'error' }, 422), 'error response: status 422'],
    ['an error page', answered('<html>', 502), 'error response: status 502'],
    ['another server', answered('<html>hello'), 'error response: the answer is not that of a Prometheus server'],
    ['JSON of another server', answered('null'), 'error response: the answer is not that of a Prometheus server'],
    ['an error with status 200', answered({ status: 'error', error: 'oh' }), 'error response: oh'],
    [
      'a matrix',
      answered({ status: 'success', data: { resultType: 'matrix', result: [] } }),
      'query returned a matrix, a vector is needed',
    ],
    [
      'a text',
      answered({ status: 'success', data: { resultType: 'string', result: [1, 'x'] } }),
      'query returned a string, a vector is needed',
    ],
    ['nothing', answered({ status: 'success' }), 'query returned a nothing, a vector is needed'],
    [
      'a vector that is no list',
      answered({ status: 'success', data: { resultType: 'vector', result: {} } }),
      'query returned a vector, a vector is needed',
    ],
    [
      'a sample without a value',
      answered({ status: 'success', data: { resultType: 'vector', result: [null] } }),
      'query returned a sample without a value',
    ],
    [
      'a histogram',
      answered({ status: 'success', data: { resultType: 'vector', result: [{ histogram: [1, {}] }] } }),
      'query returned a sample without a value',
    ],
    ['an empty value', answered(vector('')), 'query returned a sample without a value'],
    ['a value with letters', answered(vector('12abc')), 'query returned "12abc", which is no number'],
    [
      'a value that every object has',
      answered(vector('constructor')),
      'query returned "constructor", which is no number',
    ],
  ])('%s', (_what, result, error) => {
    expect(readPrometheus(result)).toEqual({ error });
  });

  it('however long it is', () => {
    const { error } = readPrometheus(answered({ status: 'error', error: 'x'.repeat(100_000) }, 400)) as {
      error: string;
    };
    expect(error.length).toBeLessThan(400);
  });
});
