/** Validation against a CustomResourceDefinition's schema, worded as the API server words it. */
import type { KubeObject } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { equal, isFields, listAt, own } from './json.ts';
import type { StatusCause } from './status.ts';

const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

const shown = (value: unknown): string => JSON.stringify(value);

const fault = (field: string, reason: string, message: string): StatusCause => ({
  reason,
  message,
  field: field === '' ? '<nil>' : field,
});

const invalidValue = (path: string, value: unknown, why: string): StatusCause =>
  fault(path, 'FieldValueInvalid', `Invalid value: ${shown(value)}: ${path} in body ${why}`);

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const hasType = (wanted: string, actual: string): boolean =>
  wanted === actual || (wanted === 'number' && actual === 'integer');

const checkType = (schema: Fields, value: unknown, path: string): StatusCause[] => {
  const actual = typeOf(value);
  if (value === null) {
    return schema['nullable'] === true
      ? []
      : [
          fault(
            path,
            'FieldValueTypeInvalid',
            `Invalid value: "null": ${path} in body must be of type ${String(schema['type'])}: "null"`,
          ),
        ];
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    return actual === 'integer' || actual === 'string'
      ? []
      : [
          fault(
            path,
            'FieldValueTypeInvalid',
            `Invalid value: ${shown(actual)}: ${path} in body must be of type integer,string: ${shown(actual)}`,
          ),
        ];
  }
  const wanted = schema['type'];
  if (typeof wanted !== 'string' || hasType(wanted, actual)) return [];
  return [
    fault(
      path,
      'FieldValueTypeInvalid',
      `Invalid value: ${shown(actual)}: ${path} in body must be of type ${wanted}: ${shown(actual)}`,
    ),
  ];
};

const checkNumber = (schema: Fields, value: number, path: string): StatusCause[] => {
  const causes: StatusCause[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (typeof minimum === 'number' && (schema['exclusiveMinimum'] === true ? value <= minimum : value < minimum)) {
    causes.push(
      invalidValue(
        path,
        value,
        `should be greater than ${schema['exclusiveMinimum'] === true ? '' : 'or equal to '}${minimum}`,
      ),
    );
  }
  if (typeof maximum === 'number' && (schema['exclusiveMaximum'] === true ? value >= maximum : value > maximum)) {
    causes.push(
      invalidValue(
        path,
        value,
        `should be less than ${schema['exclusiveMaximum'] === true ? '' : 'or equal to '}${maximum}`,
      ),
    );
  }
  if (typeof multipleOf === 'number' && value % multipleOf !== 0)
    causes.push(invalidValue(path, value, `should be a multiple of ${multipleOf}`));
  return causes;
};

const isDateTime = (value: string): boolean =>
  /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));

const checkText = (schema: Fields, value: string, path: string): StatusCause[] => {
  const causes: StatusCause[] = [];
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof maxLength === 'number' && [...value].length > maxLength) {
    causes.push(fault(path, 'FieldValueTooLong', `Too long: may not be more than ${maxLength} bytes`));
  }
  if (typeof minLength === 'number' && [...value].length < minLength)
    causes.push(invalidValue(path, value, `should be at least ${minLength} chars long`));
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value))
    causes.push(invalidValue(path, value, `should match '${pattern}'`));
  if (format === 'date-time' && !isDateTime(value))
    causes.push(
      fault(
        path,
        'FieldValueTypeInvalid',
        `Invalid value: ${shown(value)}: ${path} in body must be of type date-time: ${shown(value)}`,
      ),
    );
  return causes;
};

const checkEnum = (schema: Fields, value: unknown, path: string): StatusCause[] => {
  const values = listAt(schema, 'enum');
  if (values.length === 0 || values.some((one) => equal(one, value))) return [];
  const list = values.map((one) => shown(one)).join(', ');
  return [fault(path, 'FieldValueNotSupported', `Unsupported value: ${shown(value)}: supported values: ${list}`)];
};

const checkList = (schema: Fields, value: readonly unknown[], path: string): StatusCause[] => {
  const causes: StatusCause[] = [];
  const { minItems, maxItems } = schema;
  if (typeof maxItems === 'number' && value.length > maxItems) {
    causes.push(fault(path, 'FieldValueTooMany', `Too many: ${value.length}: must have at most ${maxItems} items`));
  }
  if (typeof minItems === 'number' && value.length < minItems)
    causes.push(invalidValue(path, value.length, `should have at least ${minItems} items`));
  value.forEach((item, index) => causes.push(...check(own(schema, 'items'), item, `${path}[${index}]`)));
  const keys =
    schema['x-kubernetes-list-type'] === 'map' ? listAt(schema, 'x-kubernetes-list-map-keys').map(String) : [];
  value.forEach((item, index) => {
    const same = (other: unknown): boolean =>
      keys.length > 0 && keys.every((key) => equal(own(other, key), own(item, key)));
    if (!value.slice(0, index).some(same)) return;
    const id = Object.fromEntries(keys.map((key) => [key, own(item, key)]));
    causes.push(fault(`${path}[${index}]`, 'FieldValueDuplicate', `Duplicate value: ${shown(id)}`));
  });
  return causes;
};

/** A null where null is not allowed counts as missing. */
const isMissing = (schema: Fields, value: Fields, key: string): boolean => {
  if (!Object.hasOwn(value, key)) return true;
  return value[key] === null && own(own(own(schema, 'properties'), key), 'nullable') !== true;
};

const checkCount = (schema: Fields, value: Fields, path: string): StatusCause[] => {
  const causes: StatusCause[] = [];
  const { minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  if (typeof minProperties === 'number' && count < minProperties)
    causes.push(invalidValue(path, count, `should have at least ${minProperties} properties`));
  if (typeof maxProperties === 'number' && count > maxProperties) {
    causes.push(fault(path, 'FieldValueTooMany', `Too many: ${count}: must have at most ${maxProperties} properties`));
  }
  return causes;
};

const checkFields = (schema: Fields, value: Fields, path: string): StatusCause[] => {
  const required = listAt(schema, 'required').map(String);
  const missing = required.filter((key) => isMissing(schema, value, key));
  const causes = missing.map((key) => fault(join(path, key), 'FieldValueRequired', 'Required value'));
  causes.push(...checkCount(schema, value, path));
  for (const [key, item] of Object.entries(value)) {
    if (missing.includes(key)) continue;
    const known = own(own(schema, 'properties'), key);
    causes.push(...check(known ?? own(schema, 'additionalProperties'), item, join(path, key)));
  }
  return causes;
};

const combined = (path: string, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: "": "${path}" ${why}`,
  field: '<nil>',
});

const checkCombinations = (schema: Fields, value: unknown, path: string): StatusCause[] => {
  const causes: StatusCause[] = [];
  const results = (name: string): StatusCause[][] => listAt(schema, name).map((one) => check(one, value, path));
  const anyOf = results('anyOf');
  if (anyOf.length > 0 && !anyOf.some((one) => one.length === 0))
    causes.push(combined(path, 'must validate at least one schema (anyOf)'), ...(fewest(anyOf) ?? []));
  const oneOf = results('oneOf');
  const valid = oneOf.filter((one) => one.length === 0).length;
  if (oneOf.length > 0 && valid === 0) {
    causes.push(
      combined(path, 'must validate one and only one schema (oneOf). Found none valid'),
      ...(fewest(oneOf) ?? []),
    );
  } else if (valid > 1) {
    causes.push(combined(path, `must validate one and only one schema (oneOf). Found ${valid} valid alternatives`));
  }
  const allOf = results('allOf');
  if (allOf.some((one) => one.length > 0))
    causes.push(combined(path, 'must validate all the schemas (allOf)'), ...allOf.flat());
  if (isFields(schema['not']) && check(schema['not'], value, path).length === 0)
    causes.push(combined(path, 'must not validate the schema (not)'));
  return causes;
};

const fewest = (results: readonly StatusCause[][]): StatusCause[] | undefined =>
  [...results].sort((a, b) => a.length - b.length)[0];

const check = (schema: unknown, value: unknown, path: string): StatusCause[] => {
  if (!isFields(schema)) return [];
  const types = checkType(schema, value, path);
  if (value === null) return types;
  if (types.length > 0) return [...types, ...checkEnum(schema, value, path)];
  const causes = [...checkEnum(schema, value, path)];
  if (typeof value === 'string') causes.push(...checkText(schema, value, path));
  if (typeof value === 'number') causes.push(...checkNumber(schema, value, path));
  if (Array.isArray(value)) causes.push(...checkList(schema, value, path));
  else if (isFields(value)) causes.push(...checkFields(schema, value, path));
  return [...causes, ...checkCombinations(schema, value, path)];
};

/** Findings of an object against its schema; metadata is judged elsewhere. */
export const validateSchema = (schema: Fields, object: KubeObject): StatusCause[] => {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object;
  const properties = { ...(own(schema, 'properties') as Fields | undefined) };
  for (const key of ['apiVersion', 'kind', 'metadata']) delete properties[key];
  const required = listAt(schema, 'required').filter(
    (key) => !['apiVersion', 'kind', 'metadata'].includes(String(key)),
  );
  return check({ ...schema, properties, required }, rest, '');
};
