/** `-v 6`: one line per request; `-v 8`: bodies too, secrets taken out. */
import type { Exchange } from '../shared/kube/transport.ts';
import { redact } from '../shared/platform/redact.ts';
import type { Io } from './io.ts';

const LONGEST = 4000;

const body = (label: string, text: string | undefined): string =>
  text === undefined || text === ''
    ? ''
    : `${label} ${redact(text.slice(0, LONGEST))}${text.length > LONGEST ? '…' : ''}\n`;

export const requestLog =
  (io: Io, verbosity: number) =>
  (exchange: Exchange): void => {
    const isSecret = exchange.resource.startsWith('secrets');
    const bodies = verbosity >= 8 && !isSecret ? body('>', exchange.sent) + body('<', exchange.received) : '';
    io.stderr.write(
      `${exchange.method} ${exchange.path} ${exchange.status === 0 ? 'no answer' : exchange.status} in ${Math.round(exchange.ms)} ms\n${bodies}`,
    );
  };
