/** CANARY-HOOK-001 and -003 to -009: hooks that fail always, never, or are never asked. */
import { isRecord, listOf, numberOf, type Raw, recordOf, textOf } from '../raw.ts';
import { type Draft, each, eachRepeated, type Rule } from '../rule.ts';
import { quoted, shown } from '../text.ts';
import { httpUrlOf } from '../url.ts';
import type { CanaryView } from '../view.ts';

const AT = 'spec.analysis.webhooks';
const LONGEST_COMMAND = 2048;
const MOST_RETRIES = 10;

/** The address; undefined where it is none that can be called. */
const addressOf = (url: unknown): URL | undefined => {
  const address = httpUrlOf(url);
  return address?.hash === '' ? address : undefined;
};

/** A draft for each hook that has something wrong. */
const forEachHook =
  (judge: (hook: Raw, at: string, view: CanaryView) => Draft | undefined): Rule<CanaryView>['check'] =>
  (view) =>
    each(listOf(view.analysis['webhooks']), (item, index) =>
      isRecord(item) ? judge(item, `${AT}[${index}]`, view) : undefined,
    );

const noAddress = forEachHook((hook, at) => {
  const { url } = hook;
  if (addressOf(url) !== undefined) return undefined;
  return {
    path: `${at}.url`,
    message: `${quoted(url ?? '')} is not an http(s) URL; every call would fail and count as a failed check. Use http://service.namespace/.`,
    value: url,
  };
});

const credentials = forEachHook((hook, at) => {
  const address = addressOf(hook['url']);
  if (address === undefined || (address.username === '' && address.password === '')) return undefined;
  return {
    path: `${at}.url`,
    message: 'holds credentials, which anybody who may read the Canary can see. Remove them from the URL.',
  };
});

const retries = forEachHook((hook, at) => {
  const count = numberOf(hook['retries']);
  if (count === undefined || (count >= 0 && count <= MOST_RETRIES)) return undefined;
  return {
    path: `${at}.retries`,
    message: `${shown(count)}: each retry waits 1-30s inside the step. Use 0-${MOST_RETRIES}.`,
    value: count,
  };
});

const unverified = forEachHook((hook, at) => {
  if (hook['disableTLS'] !== true) return undefined;
  const isPlain = textOf(hook['url']).startsWith('http:');
  return {
    path: `${at}.disableTLS`,
    message: isPlain
      ? 'has no effect with http. Remove it.'
      : 'certificates are not checked: anybody on the way can answer. Remove it, and use a certificate that is trusted.',
  };
});

const sameName: Rule<CanaryView>['check'] = ({ analysis }) =>
  eachRepeated(
    listOf(analysis['webhooks']).map((item) => textOf(recordOf(item)['name'])),
    (name) => name,
    (name, index) => ({
      path: `${AT}[${index}].name`,
      message: `two hooks are named ${quoted(name)}; events cannot tell them apart. Rename one.`,
      reason: 'FieldValueDuplicate',
    }),
  );

/** Answers of the load tester that never change. */
const CONSTANT_GATE = /\/gate\/(halt|approve)\/?$/;

const constantGate = forEachHook((hook, at) => {
  if (!textOf(hook['type']).startsWith('confirm-')) return undefined;
  const [, answer] = CONSTANT_GATE.exec(addressOf(hook['url'])?.pathname ?? '') ?? [];
  if (answer === undefined) return undefined;
  return {
    path: `${at}.url`,
    message: `this gate never ${answer === 'halt' ? 'opens' : 'closes'}. Use spec.analysis.gates and kubectl canary approve.`,
  };
});

const neverAsked = forEachHook((hook, at, { spec, analysis }) => {
  const type = textOf(hook['type']);
  const because =
    spec['skipAnalysis'] === true && type.startsWith('confirm-')
      ? 'skipAnalysis is set'
      : type === 'confirm-traffic-increase' && (numberOf(analysis['iterations']) ?? 0) > 0
        ? 'iterations raise no traffic'
        : undefined;
  return because === undefined
    ? undefined
    : { path: at, message: `${type} is never asked while ${because}. Remove one of the two.` };
});

const CURL = /^\s*(\S*\/)?curl\s/;
const CURL_FAILS = /\s(-[a-zA-Z]*f[a-zA-Z]*|--fail(-with-body)?)(\s|$)/;

const cannotFail = forEachHook((hook, at) => {
  const line = textOf(recordOf(hook['metadata'])['cmd']).slice(0, LONGEST_COMMAND);
  // A shell answers with the end of its last command: what reads curl's answer may refuse it.
  const command = line.split(/[|;&\n]+/).at(-1) ?? '';
  if (!CURL.test(command) || CURL_FAILS.test(command)) return undefined;
  return {
    path: `${at}.metadata.cmd`,
    message: 'curl succeeds whatever the server answers: this hook cannot fail. Add --fail.',
  };
});

const row = (id: string, type: Rule<CanaryView>['class'], field: string, about: string) => ({
  id: `CANARY-HOOK-${id}`,
  class: type,
  path: field === '' ? `${AT}[]` : `${AT}[].${field}`,
  about,
});

export const HOOK_RULES: readonly Rule<CanaryView>[] = [
  { ...row('001', 'D', 'url', 'an address that cannot be called'), check: noAddress },
  { ...row('003', 'W', 'url', 'credentials in an address'), check: credentials },
  { ...row('004', 'D', 'retries', 'retries without end'), check: retries },
  { ...row('005', 'W', 'disableTLS', 'certificates that are not checked'), check: unverified },
  { ...row('006', 'W', 'name', 'two hooks of one name'), check: sameName },
  { ...row('007', 'W', 'url', 'a gate that never changes its mind'), check: constantGate },
  { ...row('008', 'W', '', 'a hook that is never asked'), check: neverAsked },
  { ...row('009', 'W', 'metadata.cmd', 'a command that cannot fail'), check: cannotFail },
];
