import type { CanaryError } from '../../shared/errors.ts';
import type { Style } from './style.ts';

/** `error:`, `because:`, `try:`; each on one line. */
export const failureLines = (error: CanaryError, style: Style): string => {
  const line = (label: string, text: string) => `${label.padEnd(7)}${text.replace(/\s*\n\s*/g, ' ')}`;
  return [
    `${style.paint('bad', 'error:')} ${error.message.replace(/\s*\n\s*/g, ' ')}`,
    ...(error.because === undefined || error.because === error.message
      ? []
      : [`because: ${error.because.replace(/\s*\n\s*/g, ' ')}`]),
    ...(error.remedy === undefined ? [] : [line('try:', error.remedy)]),
    '',
  ].join('\n');
};
