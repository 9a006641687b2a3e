import type { Finding } from '../../shared/api/model.ts';
import type { Input, JudgedKind, Settings, Stage } from '../../shared/rules/input.ts';
import { isDenied, type Review, startReview } from '../../shared/rules/judge.ts';
import { answersAtHand, type LookupOptions, openLookups } from './lookups.ts';
import type { AdmissionRequest, Answer } from './review.ts';
import type { Handler } from './route.ts';

/** What judging needs besides the request. */
export interface Judge {
  readonly settings: Settings;
  readonly isDriver: (request: AdmissionRequest) => boolean;
}

/** Kinds that have rules, and the API group that makes each of them ours. */
const GROUPS: Readonly<Record<JudgedKind, string>> = {
  Canary: 'flagger.app',
  MetricTemplate: 'flagger.app',
  AlertProvider: 'flagger.app',
  ScaledObject: 'keda.sh',
};

const judgedKind = (request: AdmissionRequest): JudgedKind | undefined =>
  Object.hasOwn(GROUPS, request.kind) && GROUPS[request.kind as JudgedKind] === request.group
    ? (request.kind as JudgedKind)
    : undefined;

const inputOf = (judge: Judge, request: AdmissionRequest, stage: Stage): Input | undefined => {
  const kind = judgedKind(request);
  if (kind === undefined) return undefined;
  return {
    kind,
    operation: request.operation,
    stage,
    ...(request.object === undefined ? {} : { object: request.object }),
    ...(request.oldObject === undefined ? {} : { oldObject: request.oldObject }),
    namespace: request.namespace,
    subResource: request.subResource,
    fieldManager: request.fieldManager,
    byDriver: judge.isDriver(request),
    mode: 'default',
    settings: judge.settings,
  };
};

/** What the object alone shows at this stage; nothing for a kind without rules. */
export const judgeAlone = (judge: Judge, request: AdmissionRequest, stage: Stage): readonly Finding[] => {
  const input = inputOf(judge, request, stage);
  return input === undefined ? [] : startReview(input).alone;
};

/**
 * The findings with other objects. What the namespace wants is asked only when they have added something, and a
 * refusal that hangs on another object is not given on the word of a cache.
 */
const finish = async (
  review: Review,
  input: Input,
  request: AdmissionRequest,
  options: LookupOptions,
): Promise<Finding[]> => {
  const needs = review.needs();
  const lookups = openLookups(options, request.budgetMs);
  const related = await lookups.answer(needs);
  const findings = review.finish(related);
  if (findings.length === review.alone.length) return findings;
  const mode = await lookups.modeOf(request.namespace);
  const judged = mode === input.mode ? review : startReview({ ...input, mode });
  const weighed = judged === review ? findings : judged.finish(related);
  if (!isDenied(weighed) || options.cache === undefined) return weighed;
  return judged.finish(await lookups.answer(needs, true));
};

/** The findings, where no other object adds to them as far as is known this instant: nearly always. */
const finishAtOnce = (review: Review, options: LookupOptions): Finding[] | undefined => {
  const needs = review.needs();
  if (needs.length === 0) return review.finish();
  const related = answersAtHand(options, needs);
  const findings = related === undefined ? undefined : review.finish(related);
  return findings?.length === review.alone.length ? findings : undefined;
};

const auditOf = (findings: readonly Finding[]): Answer['audit'] => {
  const ids = [...new Set(findings.map((finding) => finding.id))].sort();
  return ids.length === 0 ? undefined : { rules: ids.join(',') };
};

const answerWith = (findings: readonly Finding[]): Answer => {
  const audit = auditOf(findings);
  return { findings, ...(audit === undefined ? {} : { audit }) };
};

/** The validating hook: what the object alone shows first; only when that denies nothing, other objects are read. */
export const createValidate =
  (judge: Judge, options: LookupOptions): Handler =>
  (request) => {
    const input = inputOf(judge, request, 'validate');
    if (input === undefined) return { findings: [] };
    const review = startReview(input);
    if (isDenied(review.alone)) return answerWith(review.alone);
    const findings = finishAtOnce(review, options);
    return findings === undefined ? finish(review, input, request, options).then(answerWith) : answerWith(findings);
  };
