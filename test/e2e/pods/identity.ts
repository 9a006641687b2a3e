/** Who answers a request: podinfo sends this text back as its `message`. */
import type { KubeObject } from '../../../shared/api/kube.ts';

export type Side = 'primary' | 'canary';

export interface Identity {
  readonly revision: string;
  readonly side: Side;
  readonly pod: string;
}

/** The annotation of the pod template that tells one release from another. */
export const REVISION = 'e2e/revision';

/** The primary's pods are named after its Deployment; all others run what the user applied. */
export const identityOf = ({ metadata }: KubeObject): Identity => ({
  revision: metadata.annotations?.[REVISION] ?? '',
  side: metadata.name.includes('-primary-') ? 'primary' : 'canary',
  pod: metadata.name,
});

export const writeIdentity = ({ revision, side, pod }: Identity): string => [revision, side, pod].join(' ');

/** Undefined when the body is not an answer of one of our pods. */
export const readIdentity = (body: string): Identity | undefined => {
  const message = /"message":\s*"([^"]*)"/.exec(body)?.[1] ?? '';
  const [revision = '', side, pod = ''] = message.split(' ');
  return (side === 'primary' || side === 'canary') && pod !== '' ? { revision, side, pod } : undefined;
};
