import { describe, expect, it } from 'vitest';
import type { Canary, WaitingFor } from '../../../../shared/api/canary.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withSpec } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { answerTo, at, command, decidedBy, givenUpBy, NOW, told } from './command-world.ts';
import { moves, primaryOf } from './phases/phase-world.ts';
import { running } from './phases/progress-world.ts';
import { linesOf } from './report-lines.ts';

const WAIT: WaitingFor = { what: 'ConfigMaps and Secrets that the copy needs', since: at(0), until: at(60) };
const TOLD = 'Warning Synced to Progressing once (x): x';

/** After the last step, with a ConfigMap gone. */
const copying = (waitingFor?: WaitingFor, ...more: Modifier<Canary>[]): World => ({
  ...running({ canaryWeight: 50, ...(waitingFor && { waitingFor }) }, ...more),
  configs: { problem: 'x' },
});

const skipping = (waitingFor?: WaitingFor): World => copying(waitingFor, withSpec({ skipAnalysis: true }));

describe('a copy whose ConfigMap is gone', () => {
  it('waits for it, an interval at a time', () => {
    const first = decidedBy(copying());
    expect(moves(first.actions)).toEqual([]);
    expect(first.status).toMatchObject({ phase: 'Progressing', canaryWeight: 50, waitingFor: WAIT, dueAt: at(10) });
    expect([first.dueAt, linesOf(first)]).toEqual([NOW + 10_000, [TOLD]]);
    const known = { ...WAIT, since: at(-50), until: at(1) };
    expect(decidedBy(copying(known)).status).toMatchObject({ waitingFor: known, dueAt: at(10) });
  });

  it('is given up at its deadline, with an alert', () => {
    const late = givenUpBy(copying({ ...WAIT, until: at(0) }));
    expect(linesOf(late).slice(0, 2)).toEqual([TOLD, 'alert error: Progress deadline exceeded x']);
    expect(late.status).toMatchObject({ phase: 'Failed', history: [{}, {}, { reason: 'ProgressDeadlineExceeded' }] });
  });

  it('is made once it is back', () => {
    const { actions, status } = decidedBy({ ...copying(WAIT), configs: undefined });
    expect([moves(actions), status?.phase]).toEqual([['promote'], 'Promoting']);
    expect(status?.waitingFor?.what).not.toBe(WAIT.what);
  });

  it('goes on where it is made already', () => {
    const { status } = decidedBy({ ...copying(), ...primaryOf({ hasCopy: true, runsTarget: true }) });
    expect(status?.phase).toBe('Promoting');
  });

  it('without an analysis waits too, and writes nothing while it does', () => {
    const first = decidedBy(skipping());
    expect([moves(first.actions), first.status?.waitingFor, first.dueAt]).toEqual([[], WAIT, NOW + 10_000]);
    expect(decidedBy(skipping(WAIT)).status).toBeUndefined();
    expect(givenUpBy(skipping({ ...WAIT, until: at(0) })).status?.phase).toBe('Failed');
  });

  it('is refused to whoever asks for it at once', () => {
    expect(answerTo(copying(undefined, told(command('promote', { full: true }))))).toBe('refused: x');
  });
});
