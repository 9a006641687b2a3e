import { describe, expect, it } from 'vitest';
import { type Command, serializeCommand } from '../../../../shared/api/command.ts';
import { withStatus } from '../../../make/canary.ts';
import { answerTo, at, canaryIn, command, decidedBy, REVISION, told, worldOf } from './command-world.ts';

/** No step is due: what moves is moved by a command. */
const resting = (text: Command | string) => worldOf(canaryIn('Progressing', withStatus({ dueAt: at(60) }), told(text)));

describe('the answer to a command', () => {
  it('is told by an event of our own, before what it leads to', () => {
    const { status, reports } = decidedBy(resting(command('resume')));
    expect(reports).toStrictEqual([
      { tell: 'event', type: 'Normal', reason: 'Resumed', message: 'It was not paused (asked by bo)' },
    ]);
    expect(status?.commands).toEqual([
      { id: 'c1', verb: 'resume', at: at(-1), by: 'bo', result: 'obeyed', message: 'It was not paused', doneAt: at(0) },
    ]);
  });

  it('that is a no warns, and keeps the reason', () => {
    const { status, reports } = decidedBy(resting(command('retry', { reason: 'hope' })));
    const why = 'only a failed rollout can be tried again (phase Progressing)';
    expect(reports).toStrictEqual([
      {
        tell: 'event',
        type: 'Warning',
        reason: 'CommandRefused',
        message: `retry of podinfo.test refused: ${why} (asked by bo: hope)`,
      },
    ]);
    expect(status?.commands?.[0]).toMatchObject({ id: 'c1', result: 'refused', message: why });
  });

  it('names somebody where nobody signed', () => {
    const { events } = decidedBy(resting({ id: 'c1', verb: 'resume', at: at(-1) }));
    expect(events).toEqual(['Resumed: It was not paused (asked by somebody)']);
  });

  it('leaves a status that has nothing else to write as it is', () => {
    const world = worldOf(
      canaryIn('Promoting', withStatus({ failedChecks: 2 }), told(command('promote', { full: true }))),
      {
        primary: {
          readiness: { ready: false, message: 'starting', deadlineExceeded: false, isServing: true },
          runsTarget: true,
          hasCopy: true,
        },
      },
    );
    expect(decidedBy(world).status).toMatchObject({
      phase: 'Promoting',
      revision: REVISION,
      failedChecks: 2,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
  });
});

describe('a command for a revision', () => {
  it('is obeyed where nothing is known of a revision yet', () => {
    const canary = canaryIn('Initializing', told(command('resume', { revision: 'any' })));
    const { revision: _, ...status } = canary.status ?? {};
    expect(answerTo(worldOf({ ...canary, status }))).toBe('obeyed');
  });

  it('is one for what waits to be rolled out, where something waits', () => {
    const of = (revision: string) =>
      answerTo(
        worldOf(
          canaryIn(
            'Waiting',
            withStatus({ waitingFor: { what: 'gate', since: at(-5), revision: REVISION } }),
            told(command('rollback', { revision })),
          ),
        ),
      );
    expect([of(REVISION), of('old')]).toEqual([
      'obeyed',
      `refused: it was meant for revision old, the present one is ${REVISION}`,
    ]);
  });
});

describe('the id of a command', () => {
  const withId = (length: number) => resting(command('set-weight', { id: 'x'.repeat(length), weight: 40 }));

  it('of 200 characters is the longest that is kept', () => {
    const { status, events } = decidedBy(withId(200));
    expect(status?.canaryWeight).toBe(40);
    expect(events.filter((one) => one.startsWith('CommandUnreadable'))).toEqual([]);
  });

  it('that is longer is obeyed by nobody, refused by nobody, and told once', () => {
    const { status, reports } = decidedBy(withId(201));
    expect(status?.commands).toBeUndefined();
    expect(status?.canaryWeight ?? 20).toBe(20);
    const message = 'kubectl-canary/command: id is too long';
    expect(reports).toStrictEqual([
      { tell: 'event', type: 'Warning', reason: 'CommandUnreadable', message, once: message },
    ]);
  });

  it('is not needed for an event that says what nobody can read', () => {
    const text = serializeCommand(command('resume')).replace('resume', 'y'.repeat(400));
    const [report] = decidedBy(resting(text)).reports;
    const message = report?.tell === 'event' ? report.message : '';
    expect(message).toMatch(/^kubectl-canary\/command: unknown verb "y+…$/);
    expect(message).toHaveLength(301);
  });
});
