import { hpa } from './hpa.ts';
import { scaledObject } from './scaled-object.ts';
import type { ScalerCodec } from './scaler.ts';

const CODECS: readonly ScalerCodec[] = [hpa, scaledObject];

/** The codec of an `autoscalerRef`, by kind alone: the reference never reads its apiVersion. Undefined: unknown kind. */
export const scalerCodecOf = (kind: string): ScalerCodec | undefined =>
  CODECS.find((codec) => codec.kind.kind === kind);

export const SCALER_KINDS: readonly string[] = CODECS.map((codec) => codec.kind.kind);
