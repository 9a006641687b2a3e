/** Questions before a change: read-only mode, protected contexts, several at once, failing checks. */
import { CanaryError } from '../../shared/errors.ts';
import type { Input } from '../cli/input.ts';
import { usageError } from '../cli/usage.ts';
import type { Connection, Io } from '../io.ts';
import { isLive } from '../view/style.ts';

const canAsk = (io: Io): boolean => isLive(io.env, io.stdin.isTTY && io.stderr.isTTY);

const ask = async (io: Io, question: string): Promise<string> => {
  io.stderr.write(question);
  return (await io.stdin.line()).trim();
};

/** Throws REFUSED when this terminal may only look. */
export const refuseReadOnly = (input: Input, io: Io): void => {
  if ((io.env['KUBECTL_CANARY_READ_ONLY'] ?? '') !== '')
    throw new CanaryError('REFUSED', `${input.command.name} refused: KUBECTL_CANARY_READ_ONLY is set`);
};

const matches = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .trim()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(name);

/** In a protected context the user types its name. Throws REFUSED. */
export const confirmContext = async (connection: Connection, io: Io): Promise<void> => {
  const patterns = (io.env['KUBECTL_CANARY_PROTECTED_CONTEXTS'] ?? '')
    .split(',')
    .filter((pattern) => pattern.trim() !== '');
  if (!patterns.some((pattern) => matches(pattern, connection.context))) return;
  if (!canAsk(io))
    throw new CanaryError(
      'REFUSED',
      `context ${connection.context} is protected, and there is no terminal to confirm on`,
    );
  const answer = await ask(io, `context ${connection.context} is protected; type its name to go on: `);
  if (answer !== connection.context) throw new CanaryError('REFUSED', 'not confirmed, nothing was changed');
};

/** A selector that matches several lists them and asks. Throws USAGE off a terminal, REFUSED for a no. */
export const confirmSeveral = async (names: readonly string[], input: Input, io: Io): Promise<void> => {
  if (names.length < 2 || input.flag('yes')) return;
  const list = names.map((name) => `  ${name}\n`).join('');
  if (!canAsk(io)) throw usageError(`the selector matches ${names.length} canaries (${names.join(', ')}); add --yes`);
  const answer = await ask(io, `${list}${input.command.name} all ${names.length}? [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new CanaryError('REFUSED', 'not confirmed, nothing was changed');
};

/** A risky order is asked for. Throws REFUSED. */
export const confirmRisk = async (risk: string, name: string, input: Input, io: Io): Promise<void> => {
  if (!canAsk(io)) {
    throw new CanaryError('REFUSED', `${input.command.name} refused: ${risk}`, {
      remedy: `kubectl canary ${input.command.name} ${name} --full --force --reason TEXT`,
    });
  }
  const answer = await ask(io, `${risk}; ${input.command.name} ${name} all the same? [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new CanaryError('REFUSED', 'not confirmed, nothing was changed');
};
