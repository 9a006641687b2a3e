import type { AdmissionRequest, Answer } from './review.ts';
import { causesOf, inOrder, messageOfDenials, warningsOf } from './wording.ts';

/** True when the answer refuses the request. */
export const isDenied = (answer: Answer): boolean => answer.findings.some((finding) => finding.severity === 'deny');

const statusOf = (request: AdmissionRequest, answer: Answer) => {
  const denials = inOrder(answer.findings.filter((finding) => finding.severity === 'deny'));
  return {
    status: 'Failure',
    code: 422,
    reason: 'Invalid',
    message: messageOfDenials(`${request.kind} "${request.name}"`, denials),
    details: { group: request.group, kind: request.kind, name: request.name, causes: causesOf(denials) },
  };
};

const patchOf = (answer: Answer) =>
  answer.patch === undefined || answer.patch.length === 0
    ? {}
    : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(answer.patch)).toString('base64') };

/** The AdmissionReview that carries `answer`, as JSON text. A denial is data too: its HTTP status is 200 like any other. */
export const writeReview = (request: AdmissionRequest, answer: Answer): string => {
  const denied = isDenied(answer);
  const warnings = warningsOf(
    answer.findings.filter((finding) => finding.severity === 'warn'),
    denied ? [] : answer.notes,
  );
  const response = {
    uid: request.uid,
    allowed: !denied,
    ...(denied ? { status: statusOf(request, answer) } : patchOf(answer)),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(answer.audit === undefined ? {} : { auditAnnotations: answer.audit }),
  };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
};
