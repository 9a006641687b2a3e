import type { IncomingMessage } from 'node:http';

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What became of a request's body. */
export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: 'too large' | 'cut off' };

/** Reads a body and stops counting at `limit` bytes: no more than that is ever held. Never rejects. */
export const readBody = (request: IncomingMessage, limit: number): Promise<Body> =>
  new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      resolve({ ok: false, why: 'too large' });
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data').pause();
      resolve({ ok: false, why: 'too large' });
    });
    request.on('end', () => {
      const first = chunks[0];
      resolve({ ok: true, bytes: chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size) });
    });
    request.on('error', () => resolve({ ok: false, why: 'cut off' }));
    request.on('close', () => resolve({ ok: false, why: 'cut off' }));
  });

/**
 * True when JSON nests deeper than `limit`. Looks at raw bytes, because parsing a nest of a million brackets blocks
 * the process for a second and any recursive walk over the result overflows the stack.
 */
export const isDeeperThan = (bytes: Uint8Array, limit: number): boolean => {
  const end = bytes.length;
  let depth = 0;
  let inText = false;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) i++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
};
