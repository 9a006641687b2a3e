/** CANARY-DUP-001 to -004 and CANARY-PROV-015: two Canaries, or a Canary and somebody else, that would write the same objects. */
import { KINDS } from '../../api/kinds.ts';
import type { Lookup, Settings } from '../input.ts';
import { isGiven, type Raw, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, NOTHING, type Rule, when } from '../rule.ts';
import { shown } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { isOwnedBy, workloadKindOf } from './lookups.ts';

/** What another Canary claims. */
interface Claim {
  readonly name: string;
  readonly target: string;
  readonly apex: string;
  readonly scaler: string;
  /** Empty: it starts from none. */
  readonly ingress: string;
  /** Applied by the same GitOps owner: a rename in Git, where the old object goes last. */
  readonly sameOwner: boolean;
}

const OWNER_LABELS = ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name', 'argocd.argoproj.io/instance'];
const OWNER_ANNOTATIONS = ['meta.helm.sh/release-name', 'argocd.argoproj.io/tracking-id'];

/** Who applies an object: a Flux Kustomization, a Helm release, an Argo CD application; empty: nobody known. */
const gitOwnerOf = (metadata: Raw): string => {
  const labels = recordOf(metadata['labels']);
  const annotations = recordOf(metadata['annotations']);
  for (const key of OWNER_LABELS) if (textOf(labels[key]) !== '') return `${key}=${textOf(labels[key])}`;
  for (const key of OWNER_ANNOTATIONS) {
    const [owner = ''] = textOf(annotations[key]).split(':', 1);
    if (owner !== '') return `${key}=${owner}`;
  }
  return '';
};

const targetKey = (spec: Raw): string => {
  const { kind, name } = recordOf(spec['targetRef']);
  return `${textOf(kind)} ${textOf(name)}`;
};

const scalerKey = (spec: Raw): string => {
  const { kind, name } = recordOf(spec['autoscalerRef']);
  return textOf(name) === '' ? '' : `${textOf(kind)} ${textOf(name)}`;
};

/** The Ingress that a Canary of this provider starts from. */
const ingressOf = (provider: string, spec: Raw, settings: Settings): string =>
  settings.capabilitiesOf(provider)?.needs === 'ingressRef' ? textOf(recordOf(spec['ingressRef'])['name']) : '';

const claimsOf = (view: CanaryView, { others, settings }: Context<CanaryView>): readonly Claim[] => {
  const owner = gitOwnerOf(recordOf(view.raw['metadata']));
  const claims: Claim[] = [];
  for (const canary of others.all(KINDS.canary, view.namespace)) {
    const { name, deletionTimestamp } = canary.metadata;
    if (name === view.name || isGiven(deletionTimestamp)) continue;
    const spec = recordOf(canary['spec']);
    const targetName = textOf(recordOf(spec['targetRef'])['name']);
    claims.push({
      name: shown(name),
      target: targetKey(spec),
      apex: textOf(recordOf(spec['service'])['name']) || targetName,
      scaler: scalerKey(spec),
      ingress: ingressOf(textOf(spec['provider']) || settings.meshProvider, spec, settings),
      sameOwner: owner !== '' && owner === gitOwnerOf(canary.metadata as unknown as Raw),
    });
  }
  return claims;
};

const sameTarget = (view: CanaryView, claim: Claim): boolean => claim.target === targetKey(view.spec);

const canaries = ({ namespace, targetName }: CanaryView): readonly Lookup[] =>
  targetName === '' ? [] : [{ kind: KINDS.canary, namespace }];

/** The first Canary that claims the same; one is enough to know what to do. */
const clash =
  (
    isSame: (view: CanaryView, claim: Claim, settings: Settings) => boolean,
    draft: (view: CanaryView, other: string) => Draft,
  ): Rule<CanaryView>['check'] =>
  (view, context) => {
    const claims = claimsOf(view, context).filter((claim) => isSame(view, claim, context.settings));
    const claim = claims.find(({ sameOwner }) => !sameOwner) ?? claims[0];
    return when(claim !== undefined, () => ({
      ...draft(view, claim?.name ?? ''),
      reason: 'FieldValueDuplicate',
      soft: claim?.sameOwner === true,
    }));
  };

const onTarget = clash(sameTarget, ({ spec }, other) => ({
  path: 'spec.targetRef',
  message: `Canary ${other} already targets ${shown(targetKey(spec))}; two would overwrite each other's traffic and replicas. Delete one.`,
  value: [other, targetKey(spec)],
}));

// Who has the same target has the same Services and scaler too, and is told once.
const onServices = clash(
  (view, claim) => !sameTarget(view, claim) && claim.apex === view.apexName,
  ({ apexName }, other) => ({
    path: 'spec.service.name',
    message: `Canary ${other} already generates Services ${apexName}, ${apexName}-primary, ${apexName}-canary. Set another service.name.`,
    value: [other, apexName],
  }),
);

const onScaler = clash(
  (view, claim) => !sameTarget(view, claim) && claim.scaler !== '' && claim.scaler === scalerKey(view.spec),
  ({ scalerName }, other) => ({
    path: 'spec.autoscalerRef.name',
    message: `Canary ${other} also pauses ${scalerName}; one rollout would wake the other's canary. Give each its own autoscaler.`,
    value: [other, scalerName],
  }),
);

const onIngress = clash(
  (view, { ingress }, settings) => ingress !== '' && ingress === ingressOf(view.provider, view.spec, settings),
  ({ spec }, other) => {
    const name = shown(recordOf(spec['ingressRef'])['name']);
    return {
      path: 'spec.ingressRef',
      message: `Canary ${other} starts from Ingress ${name} too: both would write ${name}-canary. Give each its own Ingress.`,
      value: [other, name],
    };
  },
);

const primaryLookups: Rule<CanaryView>['needs'] = (view) => {
  const kind = workloadKindOf(view);
  return kind === undefined || view.targetName === ''
    ? []
    : [{ kind, namespace: view.namespace, name: `${view.targetName}-primary` }];
};

const foreignPrimary: Rule<CanaryView>['check'] = (view, { others }) => {
  const kind = workloadKindOf(view);
  const primary = kind === undefined ? undefined : others.one(kind, view.namespace, `${view.targetName}-primary`);
  if (primary === undefined || isOwnedBy(primary, 'Canary', view.name)) return NOTHING;
  return [
    {
      path: 'spec.targetRef.name',
      message: `${view.targetKind} ${view.targetName}-primary exists and was not made by this Canary; it would be used as the primary. Rename it.`,
      value: view.targetName,
      reason: 'FieldValueDuplicate',
    },
  ];
};

const row = (id: string, path: string, about: string) => ({ id: `CANARY-DUP-${id}`, class: 'X' as const, path, about });

export const DUPLICATE_RULES: readonly Rule<CanaryView>[] = [
  {
    ...row('001', 'spec.targetRef', 'two Canaries on one target'),
    contradicts: true,
    needs: canaries,
    check: onTarget,
  },
  {
    ...row('002', 'spec.service.name', 'two Canaries with the same Services'),
    contradicts: true,
    needs: canaries,
    check: onServices,
  },
  {
    ...row('003', 'spec.autoscalerRef.name', 'two Canaries on one autoscaler'),
    contradicts: true,
    needs: canaries,
    check: onScaler,
  },
  {
    ...row('015', 'spec.ingressRef', 'two Canaries on one Ingress'),
    id: 'CANARY-PROV-015',
    needs: (view) => (textOf(recordOf(view.spec['ingressRef'])['name']) === '' ? [] : canaries(view)),
    check: onIngress,
  },
  { ...row('004', 'spec.targetRef.name', 'the primary exists already'), needs: primaryLookups, check: foreignPrimary },
];
