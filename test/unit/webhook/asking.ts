import type { AdmissionRequest } from '../../../webhook/admission/review.ts';
import { readReview } from '../../../webhook/admission/review.ts';
import { aReview, type ReviewParts } from './reviews.ts';

/** A request as a handler gets it. */
export const aRequest = (parts: ReviewParts, budgetMs = 2_000): AdmissionRequest => {
  const request = readReview(JSON.parse(JSON.stringify(aReview(parts))), budgetMs);
  if (request === undefined) throw new Error('the review is not one');
  return request;
};
