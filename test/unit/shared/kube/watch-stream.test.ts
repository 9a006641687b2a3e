import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { WatchEvent } from '../../../../shared/engine/ports.ts';
import type { KubeClient } from '../../../../shared/kube/client.ts';
import { createTestClock, settle } from '../../../make/clock.ts';
import { until } from '../../../make/until.ts';
import { object, start, status } from './client-harness.ts';

const line = (type: string, more: object = object): string => `${JSON.stringify({ type, object: more })}\n`;

const collect = async (
  kube: KubeClient,
  idleTimeoutMs?: number,
): Promise<{ events: WatchEvent[]; error?: unknown }> => {
  const events: WatchEvent[] = [];
  const options = {
    resourceVersion: '5',
    timeoutSeconds: 300,
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
  try {
    for await (const event of kube.watch(KINDS.configMap, options)) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
};

/** A server whose watch answers with these pieces and then ends. */
const streaming = (...pieces: (string | Buffer)[]) =>
  start((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const write = (index: number): void => {
      const piece = pieces[index];
      if (piece === undefined) response.end();
      else response.write(piece, () => setImmediate(write, index + 1));
    };
    write(0);
  });

describe('a watch', () => {
  it('asks for bookmarks and for an end', async () => {
    const { kube, server } = await streaming();
    expect(await collect(kube)).toEqual({ events: [] });
    expect(server.requests[0]?.path).toBe(
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300',
    );
  });

  it('reads events however the bytes are cut', async () => {
    const text =
      line('ADDED', { ...object, data: { a: 'ä€😀' } }) +
      line('BOOKMARK', { metadata: { resourceVersion: '9' } }) +
      line('DELETED');
    const bytes = Buffer.from(text.slice(0, -1));
    const { kube } = await streaming(
      ...Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) => bytes.subarray(index * 7, index * 7 + 7)),
    );
    const { events, error } = await collect(kube);
    expect(error).toBeUndefined();
    expect(events).toEqual([
      { type: 'ADDED', object: { ...object, data: { a: 'ä€😀' } } },
      { type: 'BOOKMARK', resourceVersion: '9' },
      { type: 'DELETED', object },
    ]);
  });

  it.each([
    {
      what: 'an expired version',
      last: line('ERROR', status(410, 'Expired', 'too old resource version: 1 (9)')),
      error: { code: 'API_EXPIRED' },
    },
    {
      what: 'another error',
      last: line('ERROR', status(500, 'InternalError', 'broken')),
      error: { code: 'API_UNAVAILABLE', because: 'broken' },
    },
    { what: 'an error without a code', last: '{"type":"ERROR","object":{}}\n', error: { code: 'API_UNAVAILABLE' } },
    { what: 'a line that is no JSON', last: '{"type":\n', error: { code: 'API_UNREACHABLE' } },
    { what: 'half a line at the end', last: '{"type":"ADDED","obj', error: { code: 'API_UNREACHABLE' } },
    { what: 'an event without an object', last: '{"type":"ADDED"}\n', error: { code: 'API_UNREACHABLE' } },
    { what: 'an unknown type', last: line('RENAMED'), error: { code: 'API_UNREACHABLE' } },
    { what: 'null', last: 'null\n', error: { code: 'API_UNREACHABLE' } },
  ])('fails on $what, after the events before it', async ({ last, error }) => {
    const { kube } = await streaming(line('ADDED'), last);
    const got = await collect(kube);
    expect(got.events).toEqual([{ type: 'ADDED', object }]);
    expect(got.error).toMatchObject(error);
  });

  it('fails where the connection is cut', async () => {
    const { kube } = await start((response) => {
      response.writeHead(200).write(line('ADDED'));
      setImmediate(() => response.destroy());
    });
    expect((await collect(kube)).error).toMatchObject({ code: 'API_UNREACHABLE' });
  });

  const quiet = async (clock: ReturnType<typeof createTestClock>) => {
    const open: { response?: import('node:http').ServerResponse } = {};
    const made = await start(
      (response) => {
        response.writeHead(200).flushHeaders();
        open.response = response;
      },
      {},
      { clock },
    );
    return { ...made, write: (text: string) => open.response?.write(text) };
  };

  it('is given up when it is silent for too long, and not before', async () => {
    const clock = createTestClock();
    const { kube, server, write } = await quiet(clock);
    let ended = false;
    const got = collect(kube, 10_000).finally(() => (ended = true));
    await server.received(1);
    await until(() => clock.waits().includes(10_000), 'the watchdog');
    await clock.advance(9000);
    write(line('ADDED'));
    await settle();
    await settle();
    await clock.advance(9000);
    expect(ended).toBe(false);
    await clock.advance(1000);
    expect(await got).toMatchObject({
      events: [{ type: 'ADDED' }],
      error: { code: 'API_UNREACHABLE', message: expect.stringContaining('was silent for 10 s') as string },
    });
    expect(clock.pending()).toBe(0);
  });

  it('is given up when the server does not end it in time', async () => {
    const clock = createTestClock();
    const { kube, server } = await quiet(clock);
    const got = collect(kube);
    await server.received(1);
    await until(() => clock.waits().includes(330_000), 'the limit');
    await clock.advance(330_000);
    expect((await got).error).toMatchObject({
      code: 'API_UNREACHABLE',
      message: expect.stringContaining('did not end') as string,
    });
  });

  it('lets go of its connection when the reader stops reading', async () => {
    let closed = false;
    const { kube } = await start((response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200).write(line('ADDED'));
    });
    for await (const event of kube.watch(KINDS.configMap, { resourceVersion: '5', timeoutSeconds: 300 })) {
      expect(event.type).toBe('ADDED');
      break;
    }
    await until(() => closed, 'the end of the connection');
  });

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const { kube, server } = await start((response) => response.writeHead(200).flushHeaders());
    const read = async (): Promise<void> => {
      for await (const event of kube.watch(KINDS.configMap, {
        resourceVersion: '5',
        timeoutSeconds: 300,
        signal: stop.signal,
      }))
        void event;
    };
    const reading = read();
    await server.received(1);
    stop.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
  });
});
