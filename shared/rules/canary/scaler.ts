/** CANARY-KEDA-010 to -019: the autoscaler, its replicas, its pauses, and others that scale the same workload. */
import { KINDS } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/kube.ts';
import { isGiven, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, NOTHING, type Others, type Rule, when } from '../rule.ts';
import { boundsOf, clashOf, overridesOf } from '../scaled-object/bounds.ts';
import { isPausedForGood, PAUSE_KEYS } from '../scaled-object/pause.ts';
import { scaleTargetOf } from '../scaled-object/triggers.ts';
import { quoted, shown } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { bothScalerLookups, isOwnedBy, scaledObjectLookups, scalerKindOf, scalerLookups, scalerOf } from './lookups.ts';

const AT = 'spec.autoscalerRef';
const REPLICAS = `${AT}.primaryScalerReplicas`;
const LONGEST_NAME = 46;
const LONGEST_HPA_NAME = 55;

const crossed: Rule<CanaryView>['check'] = (view) => {
  const { min, max } = overridesOf(view.scaler);
  return when(min !== undefined && max !== undefined && min > max, () => ({
    path: REPLICAS,
    message: `minReplicas ${shown(min)} is greater than maxReplicas ${shown(max)}; KEDA would refuse the primary. Lower minReplicas.`,
    value: [min, max],
  }));
};

const crossesSource: Rule<CanaryView>['check'] = (view, { others }) => {
  const scaler = scalerOf(view, others);
  if (scaler === undefined) return NOTHING;
  const source = boundsOf(view.scalerKind, recordOf(scaler['spec']));
  const clash = clashOf(overridesOf(view.scaler), source);
  return when(clash !== undefined, () => ({
    path: REPLICAS,
    message: `with the bounds of ${view.scalerName} ${clash}. Give both minReplicas and maxReplicas so that they fit.`,
  }));
};

const scalesOther: Rule<CanaryView>['check'] = (view, { others }) => {
  const scaler = scalerOf(view, others);
  const scaled = scaler === undefined ? undefined : scaleTargetOf(recordOf(scaler['spec']));
  if (scaled === undefined || (scaled.name === view.targetName && scaled.kind === view.targetKind)) return NOTHING;
  const other = `${shown(scaled.kind)} ${shown(scaled.name)}`;
  return [
    {
      path: AT,
      message: `${view.scalerKind} ${view.scalerName} scales ${other}, not ${view.targetKind} ${view.targetName}; pausing it would stop ${shown(scaled.name)}. Name the scaler of ${view.targetName}.`,
      value: [view.scalerName, view.targetKind, view.targetName],
    },
  ];
};

/** KEDA names the HorizontalPodAutoscaler after the ScaledObject unless told otherwise. */
const longName: Rule<CanaryView>['check'] = (view, { others }) => {
  const { scalerName } = view;
  const scaler = scalerOf(view, others);
  const advanced = recordOf(recordOf(recordOf(scaler)['spec'])['advanced']);
  const own = textOf(recordOf(advanced['horizontalPodAutoscalerConfig'])['name']);
  const fits = own === '' ? scalerName.length <= LONGEST_NAME : own.length <= LONGEST_HPA_NAME;
  return when(!fits, () => ({
    path: `${AT}.name`,
    message:
      own === ''
        ? `${quoted(scalerName)} has ${scalerName.length} characters; "keda-hpa-NAME-primary" must fit 63. Shorten it to 46 or set advanced.horizontalPodAutoscalerConfig.name.`
        : `its HPA name ${quoted(own)} has ${own.length} characters; with -primary it must fit 63. Shorten advanced.horizontalPodAutoscalerConfig.name to 55.`,
    value: [scalerName, own],
    soft: scaler === undefined,
  }));
};

const unscalable: Rule<CanaryView>['check'] = ({ spec, targetKind }) =>
  when(isGiven(spec['autoscalerRef']) && (targetKind === 'DaemonSet' || targetKind === 'Service'), () => ({
    path: AT,
    message: `a ${targetKind} cannot be scaled. Remove autoscalerRef.`,
    value: targetKind,
    reason: 'FieldValueForbidden',
  }));

/** Scalers of the namespace that people made: KEDA's own HorizontalPodAutoscalers left out. */
const scalersOf = (view: CanaryView, workload: string, others: Others): readonly KubeObject[] =>
  [...others.all(KINDS.scaledObject, view.namespace), ...others.all(KINDS.hpa, view.namespace)].filter((scaler) => {
    const scaled = scaleTargetOf(recordOf(scaler['spec']));
    return scaled?.name === workload && scaled.kind === view.targetKind && !isOwnedBy(scaler, 'ScaledObject');
  });

const rivals: Rule<CanaryView>['check'] = (view, { others }) => {
  const primary = `${view.targetName}-primary`;
  const onTarget = view.scalerName === '' ? [] : scalersOf(view, view.targetName, others);
  const wrong = [
    ...onTarget.filter(({ kind, metadata }) => kind !== view.scalerKind || metadata.name !== view.scalerName),
    ...scalersOf(view, primary, others).filter((scaler) => !isOwnedBy(scaler, 'Canary', view.name)),
  ];
  return wrong.slice(0, 5).map((scaler): Draft => {
    const workload = onTarget.includes(scaler) ? view.targetName : primary;
    return {
      path: AT,
      message: `${scaler.kind} ${shown(scaler.metadata.name)} also scales ${workload}; the two would fight. Delete it.`,
      value: [scaler.kind, scaler.metadata.name],
    };
  });
};

const absent: Rule<CanaryView>['check'] = (view, { others }) => {
  const kind = scalerKindOf(view);
  const written = textOf(view.scaler['apiVersion']);
  const found: Draft[] = [];
  if (scalerOf(view, others) === undefined) {
    found.push({
      path: AT,
      message: `${view.scalerKind} ${view.scalerName} not found (yet); initialisation waits for it. Create it in namespace ${view.namespace}.`,
      value: view.scalerName,
      reason: 'FieldValueNotFound',
      soft: true,
    });
  }
  if (kind !== undefined && written !== '' && written !== kind.apiVersion) {
    found.push({
      path: `${AT}.apiVersion`,
      message: `${quoted(written)} is not read. Write ${kind.apiVersion}.`,
      value: written,
    });
  }
  return found;
};

const annotationsOf = (view: CanaryView, others: Others) => recordOf(scalerOf(view, others)?.metadata.annotations);

const pausedAtStart = (view: CanaryView, { others, old }: Context<CanaryView>): readonly Draft[] => {
  if (view.phase !== '' || (old !== undefined && old.phase !== '')) return NOTHING;
  const annotations = annotationsOf(view, others);
  const key = PAUSE_KEYS.find((name) => isGiven(annotations[name]));
  return when(key !== undefined, () => ({
    path: AT,
    message: `${view.scalerName} is paused (${shown(key)}); Flagger would start the primary paused too. Remove the annotation first.`,
    value: [view.scalerName, key],
  }));
};

const pausedForGood: Rule<CanaryView>['check'] = (view, { others }) =>
  when(isPausedForGood(annotationsOf(view, others)), () => ({
    path: AT,
    message: `${view.scalerName} stays paused during rollouts (autoscaling.keda.sh/paused); the canary would not scale. Remove the annotation.`,
    value: view.scalerName,
  }));

const forgotten: Rule<CanaryView>['check'] = (view, { others }) => {
  const [scaler] = scalersOf(view, view.targetName, others);
  if (scaler === undefined) return NOTHING;
  return [
    {
      path: AT,
      message: `${scaler.kind} ${shown(scaler.metadata.name)} scales ${view.targetName}, which is parked at 0 between releases. Name it in autoscalerRef.`,
      reason: 'FieldValueRequired',
    },
  ];
};

const withOverrides: Rule<CanaryView>['needs'] = (view) =>
  isGiven(view.scaler['primaryScalerReplicas']) ? scalerLookups(view) : [];
const withoutScaler: Rule<CanaryView>['needs'] = (view) =>
  isGiven(view.spec['autoscalerRef']) || view.targetKind !== 'Deployment' ? [] : bothScalerLookups(view);

const row = (id: string, type: Rule<CanaryView>['class'], path: string, about: string) => ({
  id: `CANARY-KEDA-${id}`,
  class: type,
  path,
  about,
});

export const SCALER_RULES: readonly Rule<CanaryView>[] = [
  { ...row('010', 'D', REPLICAS, 'a minimum above the maximum'), check: crossed },
  {
    ...row('011', 'X', REPLICAS, 'bounds that cross those of the autoscaler'),
    needs: withOverrides,
    check: crossesSource,
  },
  {
    ...row('012', 'X', AT, 'the autoscaler scales something else'),
    contradicts: true,
    needs: scalerLookups,
    check: scalesOther,
  },
  {
    ...row('013', 'D', `${AT}.name`, 'a name too long for what KEDA generates'),
    needs: scaledObjectLookups,
    check: longName,
  },
  { ...row('014', 'D', AT, 'a target that cannot be scaled'), check: unscalable },
  { ...row('015', 'X', AT, 'two autoscalers on one workload'), needs: bothScalerLookups, check: rivals },
  { ...row('016', 'X', AT, 'the autoscaler is not there'), needs: scalerLookups, check: absent },
  { ...row('017', 'X', AT, 'paused before the first start'), needs: scaledObjectLookups, check: pausedAtStart },
  { ...row('018', 'X', AT, 'paused for good'), needs: scaledObjectLookups, check: pausedForGood },
  { ...row('019', 'W', AT, 'an autoscaler that is not named'), needs: withoutScaler, check: forgotten },
];
