import { COMMAND_ANNOTATION } from '../../../shared/api/command.ts';
import { annotationOf, annotationPatch } from '../patch.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Mutation } from './mutation.ts';

const readObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Writes the request's own user into a command that this request added or changed, so that nobody speaks for another.
 * A command that stays as it was keeps its `by`: re-applying a manifest is not giving the command again.
 */
export const stampCommand = (request: AdmissionRequest): Mutation | undefined => {
  if (request.kind !== 'Canary' || request.operation === 'DELETE' || request.user === '') return undefined;
  const text = annotationOf(request.object, COMMAND_ANNOTATION);
  if (text === undefined || text === annotationOf(request.oldObject, COMMAND_ANNOTATION)) return undefined;
  const command = readObject(text);
  if (command === undefined || command['by'] === request.user) return undefined;
  const stamped = JSON.stringify({ ...command, by: request.user });
  return {
    id: 'MUT-STAMP-001',
    patch: annotationPatch(request.object, { set: { [COMMAND_ANNOTATION]: stamped } }),
    audit: `command on Canary ${request.name} stamped with its giver`,
  };
};
