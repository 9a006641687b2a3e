import { pino } from 'pino';
import type { Clock, Log, LogFields } from '../engine/ports.ts';
import { CanaryError } from '../errors.ts';
import { isSecretField, redact } from './redact.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

const OTHER_NAMES: Readonly<Record<string, LogLevel>> = { warning: 'warn', fatal: 'error', panic: 'error' };

/** Reads a `--log-level`; `warning`, `fatal` and `panic` are taken too. Throws USAGE for anything else. */
export const parseLogLevel = (text: string): LogLevel => {
  const name = text.toLowerCase();
  const level = LOG_LEVELS.find((one) => one === name) ?? OTHER_NAMES[name];
  if (level === undefined) throw new CanaryError('USAGE', `unknown log level "${text}"; use ${LOG_LEVELS.join(', ')}`);
  return level;
};

export interface LogOptions {
  readonly clock: Clock;
  readonly level?: LogLevel;
  /** Takes one line that ends in a newline; standard error by default. */
  readonly write?: (line: string) => void;
}

const cleaned = (fields: LogFields = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecretField(name) ? '***' : typeof value === 'string' ? redact(value) : value,
    ]),
  );

/** JSON lines with `level`, `ts`, `msg` and the given fields. Secrets are taken out of messages and fields. */
export const createLog = ({ clock, level = 'info', write }: LogOptions): Log => {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: write ?? ((line: string) => process.stderr.write(line)) },
  );
  return {
    debug: (message, fields) => logger.debug(cleaned(fields), redact(message)),
    info: (message, fields) => logger.info(cleaned(fields), redact(message)),
    warn: (message, fields) => logger.warn(cleaned(fields), redact(message)),
    error: (message, fields) => logger.error(cleaned(fields), redact(message)),
  };
};

/** Says nothing: for commands that talk to a person, and for tests. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
