import { SECRET_PARAMETER } from '../api/secret-parameter.ts';

/** Takes out of a text what nobody else may read: passwords in URLs, bearer tokens, keys in queries, webhook paths. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, '$1***@'],
  [/\b(Bearer|Basic|Api-Token|Splunk) +[\w.~+/=-]{6,}/gi, '$1 ***'],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, '***'],
  [SECRET_PARAMETER, '$1***'],
  [
    /(\/\/(?:hooks\.slack\.com|[\w.-]+\.webhook\.office\.com|(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks))\/[^\s"']+/gi,
    '$1/***',
  ],
];

/** `text` without secrets. */
export const redact = (text: string): string => RULES.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);

const SECRET_FIELD = /(token|secret|password|passwd|authorization|cookie|api[-_]?key|credential)$/i;

/** True when a field of this name holds a secret whatever its value looks like. */
export const isSecretField = (name: string): boolean => SECRET_FIELD.test(name);
