import { expect, test } from 'vitest';
import { readReview } from '../../../../webhook/admission/review.ts';
import { aCanary } from '../../../make/canary.ts';
import { aReview } from '../reviews.ts';

const canary = aCanary();
const review = aReview({ object: canary, dryRun: true });

test('a review becomes data', () => {
  expect(readReview(review, 1800)).toEqual({
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    group: 'flagger.app',
    kind: 'Canary',
    namespace: 'test',
    name: 'podinfo',
    operation: 'CREATE',
    subResource: '',
    user: 'jane',
    fieldManager: 'kubectl-client-side-apply',
    dryRun: true,
    object: canary,
    oldObject: undefined,
    budgetMs: 1800,
  });
});

test('deleting a collection sends no name: the old object has it', () => {
  const { request } = aReview({ oldObject: canary, operation: 'DELETE' });
  expect(readReview({ ...review, request: { ...request, name: '' } }, 1)?.name).toBe('podinfo');
});

test.each([
  ['no object', null],
  ['a text', 'AdmissionReview'],
  ['an older version', { ...review, apiVersion: 'admission.k8s.io/v1beta1' }],
  ['another kind', { ...review, kind: 'Status' }],
  ['no request', { ...review, request: undefined }],
  ['a request that is a list', { ...review, request: [review.request] }],
  ['no uid', { ...review, request: { ...review.request, uid: '' } }],
  ['a uid that is a number', { ...review, request: { ...review.request, uid: 7 } }],
  ['an operation that we do not serve', { ...review, request: { ...review.request, operation: 'CONNECT' } }],
  ['an operation from the prototype', { ...review, request: { ...review.request, operation: 'toString' } }],
])('not a review: %s', (_, value) => {
  expect(readReview(value, 1)).toBeUndefined();
});

test.each([
  ['a text', 'hello'],
  ['a list', []],
  ['no metadata', { kind: 'Canary' }],
  ['metadata of another make', { kind: 'Canary', metadata: 7 }],
])('an object that is %s counts as absent', (_, object) => {
  expect(readReview({ ...review, request: { ...review.request, object } }, 1)?.object).toBeUndefined();
});
