/** CANARY-PROV-001 to -019: what a Canary asks of its traffic provider, by what the provider says of itself. */
import type { Canary, MatchEntry } from '../../api/canary.ts';
import { type Capabilities, ROUTE_FIELDS } from '../../api/model.ts';
import {
  tooManyEntries,
  type Unsupported,
  unsupportedEntry,
  unsupportedPreview,
  unsupportedTest,
} from '../../api/unsupported.ts';
import { isGiven, isRecord, listOf, numberOf, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, each, NOTHING, type Rule, when } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';

const A = 'spec.analysis';

/** What the Canary's provider can do for it; undefined: nobody here knows that provider. */
export const capabilitiesFor = (view: CanaryView, { settings }: Context<CanaryView>): Capabilities | undefined => {
  const isReadable = isRecord(view.spec['targetRef']) && typeof (view.service['appProtocol'] ?? '') === 'string';
  return settings.capabilitiesOf(view.provider, isReadable ? (view.raw as unknown as Canary) : undefined);
};

type Check = (view: CanaryView, can: Capabilities) => readonly Draft[];

const withCapabilities =
  (check: Check): Rule<CanaryView>['check'] =>
  (view, context) => {
    const can = capabilitiesFor(view, context);
    return can === undefined ? NOTHING : check(view, can);
  };

const isMatching = ({ analysis }: CanaryView): boolean => listOf(analysis['match']).length > 0;
const isWeighted = ({ analysis }: CanaryView): boolean => (numberOf(analysis['iterations']) ?? 0) <= 0;
const entriesOf = (list: unknown): readonly MatchEntry[] => listOf(list) as readonly MatchEntry[];

const typed = (view: CanaryView): Canary => view.raw as unknown as Canary;

const said = (view: CanaryView, found: Unsupported | undefined, value: unknown): readonly Draft[] =>
  found === undefined ? NOTHING : [{ ...found, value: [view.provider, value] }];

type Need = NonNullable<Capabilities['needs']>;

/** Where the object stands that a provider starts from. */
const NEEDS: Readonly<Record<Need, { path: string; of(view: CanaryView): unknown }>> = {
  ingressRef: { path: 'spec.ingressRef', of: ({ spec }) => recordOf(spec['ingressRef'])['name'] },
  routeRef: { path: 'spec.routeRef', of: ({ spec }) => recordOf(spec['routeRef'])['name'] },
  gatewayRefs: { path: 'spec.service.gatewayRefs', of: ({ service }) => listOf(service['gatewayRefs'])[0] },
  meshName: { path: 'spec.service.meshName', of: ({ service }) => service['meshName'] },
};

const missingNeed: Check = (view, { needs }) => {
  if (needs === undefined) return NOTHING;
  const { path, of } = NEEDS[needs];
  const value = of(view);
  return when(!isGiven(value) || value === '', () => ({
    path,
    message: `provider ${view.provider} needs it: without it no route can be made. Set ${path}.`,
    value: view.provider,
    reason: 'FieldValueRequired',
  }));
};

const REFERENCES = ['ingressRef', 'routeRef', 'gatewayRefs'] as const;

const unusedReference: Check = (view, { needs }) =>
  each(REFERENCES, (name) => {
    if (name === needs || !isGiven(NEEDS[name].of(view))) return undefined;
    return { path: NEEDS[name].path, message: `ignored by provider ${view.provider}. Remove it.` };
  });

/** Forms that the test loses without a word; where none is left, the test as a whole is refused. */
const lostMatch: Check = (view, can) => {
  const entries = entriesOf(view.analysis['match']);
  if (entries.length === 0 || can.iterationsOnly || can.match.length === 0) return NOTHING;
  if (unsupportedTest(typed(view), can) !== undefined) return NOTHING;
  const at = `${A}.match`;
  const found = unsupportedEntry(entries, can, at) ?? tooManyEntries(entries, can, at);
  return said(view, found, view.analysis['match']);
};

const matchNobodyReads: Check = (view, can) =>
  when(isMatching(view) && isWeighted(view) && can.match.length === 0 && !can.iterationsOnly, () => ({
    path: `${A}.match`,
    message: `provider ${view.provider} cannot single out requests: all of them would take part. Remove match.`,
    value: [view.provider, view.analysis['match']],
  }));

const emptyEntry: Check = (view) =>
  each(listOf(view.analysis['match']), (item, index) => {
    const entry = recordOf(item);
    const isEmpty = ['headers', 'queryParams', 'sourceLabels'].every(
      (part) => Object.keys(recordOf(entry[part])).length === 0,
    );
    if (!isEmpty) return undefined;
    return {
      path: `${A}.match[${index}]`,
      message: 'holds no condition: it would match every request, or none. Add a header.',
      value: item,
    };
  });

const noWeights: Check = (view, can) => {
  if (!can.iterationsOnly) return NOTHING;
  const asked = ['stepWeight', 'stepWeights', 'match', 'mirror'].filter((name) => {
    const value = view.analysis[name];
    return isGiven(value) && value !== false && !(Array.isArray(value) && value.length === 0);
  });
  return each(asked, (name) => ({
    path: `${A}.${name}`,
    message: `${view.provider} cannot split traffic. Use iterations alone, or another provider.`,
    value: view.provider,
  }));
};

const mirrorNowhere: Check = (view, can) =>
  when(view.analysis['mirror'] === true && can.mirror === 'none' && !can.iterationsOnly, () => ({
    path: `${A}.mirror`,
    message: `provider ${view.provider} cannot copy requests. Remove mirror.`,
    value: view.provider,
  }));

const mirrorWeight: Check = (view, can) => {
  const asks = view.analysis['mirror'] === true && (numberOf(view.analysis['mirrorWeight']) ?? 0) > 0;
  return when(asks && can.mirror !== 'none' && !can.mirrorWeight, () => ({
    path: `${A}.mirrorWeight`,
    message: `ignored by provider ${view.provider}: all requests are copied. Remove it.`,
  }));
};

const affinity: Check = (view, can) =>
  when(isRecord(view.analysis['sessionAffinity']) && can.sessionAffinity === 'none', () => ({
    path: `${A}.sessionAffinity`,
    message: `no effect with ${view.provider}: users would go to and fro between versions. Remove it, or change the provider.`,
    value: view.provider,
  }));

const primaryCookie: Check = (view, can) => {
  const name = textOf(recordOf(view.analysis['sessionAffinity'])['primaryCookieName']);
  const isRead = can.sessionAffinity === 'canary-and-primary' || can.sessionAffinity === 'none';
  return when(name !== '' && !isRead, () => ({
    path: `${A}.sessionAffinity.primaryCookieName`,
    message: `ignored by provider ${view.provider}: ${quoted(name)} is never set. Remove it.`,
  }));
};

const affinityInTest: Check = (view) =>
  when(isMatching(view) && !isWeighted(view) && isRecord(view.analysis['sessionAffinity']), () => ({
    path: `${A}.sessionAffinity`,
    message: "no effect in an A/B test: a user's own request says where it goes. Remove it.",
  }));

const splitInside: Check = (view, can) => {
  const isSplit = textOf(view.target['apiVersion']).startsWith('serving.knative.dev/');
  if (view.targetName === '') return NOTHING;
  if (isSplit !== (can.splitsTarget === true)) {
    const kind = `${textOf(view.target['apiVersion'])} ${view.targetKind}`.trim();
    return [
      {
        path: 'spec.provider',
        message: `${view.provider} cannot route to a target of kind ${quoted(kind)}. Change one of the two.`,
        value: [view.provider, view.target['apiVersion'], view.targetKind],
      },
    ];
  }
  return when(isSplit && view.scalerName !== '', () => ({
    path: 'spec.autoscalerRef',
    message: `a target of kind ${view.targetKind} scales by itself. Remove autoscalerRef.`,
    value: view.scalerName,
  }));
};

const isSaid = (value: unknown): boolean =>
  isGiven(value) &&
  value !== false &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value as object).length === 0);

/** They have been passed over for years: told, not refused. */
const unreadField: Check = (view, { reads = [] }) =>
  each(ROUTE_FIELDS, (name) => {
    if (reads.includes(name) || !isSaid(view.service[name])) return undefined;
    return { path: `spec.service.${name}`, message: `ignored by provider ${view.provider}. Remove it.` };
  });

const retired: Check = (view, can) =>
  when(can.retired, () => ({
    path: 'spec.provider',
    message: `${view.provider} is no longer maintained upstream. Choose another provider for new applications.`,
  }));

const row = (id: string, type: Rule<CanaryView>['class'], path: string, about: string) => ({
  id: `CANARY-PROV-${id}`,
  class: type,
  path,
  about,
});

export const PROVIDER_RULES: readonly Rule<CanaryView>[] = [
  {
    ...row('001', 'D', 'spec.ingressRef, spec.routeRef, spec.service.gatewayRefs, .meshName', 'nothing to route from'),
    check: withCapabilities(missingNeed),
  },
  {
    ...row('002', 'D', `${A}.match`, 'requests that the provider cannot tell from others'),
    check: withCapabilities((view, can) => [
      ...said(view, unsupportedTest(typed(view), can), view.analysis['match']),
      ...matchNobodyReads(view, can),
    ]),
  },
  {
    ...row('003', 'D', `${A}.match[]`, 'a condition of which the provider knows a part at most'),
    check: withCapabilities(lostMatch),
  },
  { ...row('004', 'D', `${A}.match[]`, 'an entry without a condition'), check: withCapabilities(emptyEntry) },
  {
    ...row('005', 'D', `${A}.stepWeight, .stepWeights, .match, .mirror`, 'shares of traffic that nobody can divide'),
    check: withCapabilities(noWeights),
  },
  { ...row('006', 'D', `${A}.mirror`, 'copies that the provider cannot make'), check: withCapabilities(mirrorNowhere) },
  {
    ...row('007', 'W', `${A}.mirrorWeight`, 'a share of copies that nobody reads'),
    check: withCapabilities(mirrorWeight),
  },
  {
    ...row('008', 'D', `${A}.sessionAffinity`, 'users that the provider cannot pin'),
    check: withCapabilities(affinity),
  },
  {
    ...row('009', 'W', `${A}.sessionAffinity.primaryCookieName`, 'a cookie that is never set'),
    check: withCapabilities(primaryCookie),
  },
  { ...row('010', 'W', `${A}.sessionAffinity`, 'cookies in an A/B test'), check: withCapabilities(affinityInTest) },
  {
    ...row('011', 'D', 'spec.provider, spec.targetRef, spec.autoscalerRef', 'a target that the provider cannot divide'),
    check: withCapabilities(splitInside),
  },
  { ...row('012', 'W', 'spec.provider', 'a project that has ended'), check: withCapabilities(retired) },
  {
    ...row('017', 'W', 'spec.ingressRef, spec.routeRef, spec.service.gatewayRefs', 'an object that nobody starts from'),
    check: withCapabilities(unusedReference),
  },
  {
    ...row('018', 'D', `${A}.preview`, 'a preview that the provider cannot give'),
    check: withCapabilities((view, can) => said(view, unsupportedPreview(typed(view), can), view.analysis['preview'])),
  },
  { ...row('019', 'W', 'spec.service', 'a field that shapes no route'), check: withCapabilities(unreadField) },
];
