import type { Kind } from '../api/kube.ts';
import { daemonSet } from './daemonset.ts';
import { deployment } from './deployment.ts';
import { knativeService } from './knative-service.ts';
import { service } from './service.ts';
import type { TargetCodec } from './target.ts';

const CODECS: readonly TargetCodec[] = [deployment, daemonSet, service, knativeService];

/** The codec of a `targetRef`; undefined: no such kind can be rolled out. */
export const targetCodecOf = (ref: { apiVersion: string; kind: string }): TargetCodec | undefined =>
  CODECS.find((codec) => codec.kind.kind === ref.kind && codec.kind.apiVersion === ref.apiVersion);

/** Kinds that can be targets. */
export const TARGET_KINDS: readonly Kind[] = CODECS.map((codec) => codec.kind);
