import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../shared/api/model.ts';
import { lineOf, renderDenial, renderWarnings } from '../../../../shared/rules/render.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'CANARY-STRAT-004',
  severity: 'deny',
  path: 'spec.analysis.stepWeights[2]',
  message: '10 does not rise. Use rising values.',
  reason: 'FieldValueInvalid',
  ...more,
});
const runes = (text: string) => [...text].length;

describe('a denial', () => {
  it('is one cause and one line for each denying finding', () => {
    expect(
      renderDenial([
        finding(),
        finding({ severity: 'warn' }),
        finding({ path: 'spec.x', reason: 'FieldValueRequired' }),
      ]),
    ).toEqual({
      message:
        'spec.analysis.stepWeights[2]: 10 does not rise. Use rising values. [CANARY-STRAT-004]\n' +
        'spec.x: 10 does not rise. Use rising values. [CANARY-STRAT-004]',
      causes: [
        {
          reason: 'FieldValueInvalid',
          field: 'spec.analysis.stepWeights[2]',
          message: '10 does not rise. Use rising values. [CANARY-STRAT-004]',
        },
        {
          reason: 'FieldValueRequired',
          field: 'spec.x',
          message: '10 does not rise. Use rising values. [CANARY-STRAT-004]',
        },
      ],
    });
  });

  it('does not exist where everything only warns', () => {
    expect(renderDenial([finding({ severity: 'warn' })])).toBeUndefined();
    expect(renderDenial([])).toBeUndefined();
  });

  it('ends its message after 2 KiB and counts the rest', () => {
    const many = Array.from({ length: 60 }, (_, i) => finding({ path: `spec.list[${i}]`, message: 'é'.repeat(100) }));
    const { message = '', causes = [] } = renderDenial(many) ?? {};
    const lines = message.split('\n');
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(2048);
    expect(lines.at(-1)).toBe(`and ${60 - (lines.length - 1)} more`);
    expect(causes).toHaveLength(50);
  });
});

describe('warnings', () => {
  it('leave denials out and put notes first', () => {
    expect(renderWarnings([finding(), finding({ severity: 'warn', path: '' })], ['a note'])).toEqual([
      'a note',
      '10 does not rise. Use rising values. [CANARY-STRAT-004]',
    ]);
  });

  it('come at most twelve at a time', () => {
    const many = Array.from({ length: 20 }, (_, i) => finding({ severity: 'warn', path: `spec.list[${i}]` }));
    const lines = renderWarnings(many);
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('+8 more: kubectl canary validate');
  });

  it('are each told once', () => {
    expect(renderWarnings([finding({ severity: 'warn' }), finding({ severity: 'warn' })])).toHaveLength(1);
  });

  it('keep to one line of 240 runes, the id included', () => {
    const long = lineOf(
      finding({ severity: 'warn', path: `spec.${'p'.repeat(300)}`, message: `𝒳\n${'𝒳'.repeat(300)}` }),
    );
    expect(runes(long)).toBeLessThanOrEqual(240);
    expect(long).toMatch(/… \[CANARY-STRAT-004\]$/);
    expect(long).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  });
});
