import { describe, expect, it } from 'vitest';
import {
  COMMAND_ANNOTATION,
  type Command,
  isAcknowledged,
  parseCommand,
  pendingCommand,
  serializeCommand,
  VERBS,
} from '../../../shared/api/command.ts';

const promote: Command = {
  id: 'a1',
  verb: 'promote',
  revision: 'b02e',
  by: 'anna',
  at: '2026-01-02T03:04:05Z',
  step: 4,
  full: true,
};

describe('the command annotation', () => {
  it.each(VERBS)('says %s and is read back as written', (verb) => {
    const command: Command = {
      ...promote,
      verb,
      gate: 'load review',
      weight: 20,
      for: '30m',
      reason: 'why "so"',
      force: false,
      count: 2,
    };
    expect(parseCommand(serializeCommand(command))).toEqual(command);
  });

  it('is written in one field order, whatever order it was made in', () => {
    const { id, verb, at, ...rest } = promote;
    expect(serializeCommand({ ...rest, at, verb, id })).toBe(serializeCommand(promote));
  });

  it.each([
    ['no annotation', undefined],
    ['an empty annotation', '  '],
  ])('%s is no command', (_, text) => {
    expect(parseCommand(text)).toBeUndefined();
  });

  it.each([
    ['text', 'promote', 'not JSON'],
    ['a list', '[]', 'not an object'],
    ['null', 'null', 'not an object'],
    ['no id', '{"verb":"pause","at":"x"}', 'id is missing'],
    ['an empty id', '{"id":"","verb":"pause","at":"x"}', 'id is missing'],
    ['no time', '{"id":"1","verb":"pause"}', 'at is missing'],
    ['an unknown verb', '{"id":"1","verb":"explode","at":"x"}', 'unknown verb "explode"'],
    ['a fractional weight', '{"id":"1","verb":"set-weight","at":"x","weight":1.5}', 'weight must be a whole number'],
    ['a negative step', '{"id":"1","verb":"promote","at":"x","step":-1}', 'step must be a whole number'],
    ['a worded flag', '{"id":"1","verb":"promote","at":"x","full":"yes"}', 'full must be true or false'],
    ['a numeric reason', '{"id":"1","verb":"promote","at":"x","reason":7}', 'reason must be a text'],
  ])('%s cannot be obeyed and says why', (_, text, why) => {
    expect(parseCommand(text)).toEqual({ invalid: expect.stringContaining(why) });
  });

  it('keeps working when a newer writer adds a field', () => {
    expect(parseCommand('{"id":"1","verb":"pause","at":"x","colour":"blue"}')).toEqual({
      id: '1',
      verb: 'pause',
      at: 'x',
    });
  });

  it('is pending until the driver has recorded its id', () => {
    const annotations = { [COMMAND_ANNOTATION]: serializeCommand(promote) };
    expect(pendingCommand(annotations, undefined)).toEqual(promote);
    expect(pendingCommand(annotations, { commands: [{ id: 'older' }] })).toEqual(promote);
    expect(pendingCommand(annotations, { commands: [{ id: 'older' }, { id: 'a1' }] })).toBeUndefined();
    expect(pendingCommand({ [COMMAND_ANNOTATION]: 'broken' }, undefined)).toBeUndefined();
    expect(isAcknowledged({ commands: [{ id: 'a1' }] }, 'a1')).toBe(true);
  });
});
