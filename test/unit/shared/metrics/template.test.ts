import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../../shared/metrics/template.ts';
import { type TemplateData, TemplateError } from '../../../../shared/metrics/template-expression.ts';

const data: TemplateData = {
  name: 'podinfo',
  namespace: 'test',
  target: 'web',
  service: 'front',
  ingress: 'edge',
  route: 'way',
  interval: '1m',
  variables: { code: '5..', empty: '', 'with-dash': 'd', 'a.b': 'dotted' },
};
const render = (template: string): string => renderTemplate(template, data);

describe('a query template', () => {
  it.each<[string, string]>([
    ['up', 'up'],
    ['', ''],
    ['up{ a="b" } }', 'up{ a="b" } }'],
    ['up{ns="{{ namespace }}"}', 'up{ns="test"}'],
    ['{{name}} {{ target }} {{ service }} {{ ingress }} {{ route }} {{ interval }}', 'podinfo web front edge way 1m'],
    ['{{ variables.code }}', '5..'],
    ['{{ variables.a.b }}', 'dotted'],
    ['{{ index variables "with-dash" }}', 'd'],
    ['a {{- name -}} b', 'apodinfob'],
    ['a\n{{- /* why */ -}}\nb', 'ab'],
    ['a{{/* }} */}}b', 'ab'],
    ['{{ "}}" }}', '}}'],
    ['{{ `raw "x"` }}{{ "a\\"b" }}', 'raw "x"a"b'],
    ['{{ 3 }}{{ -1.5 }}{{ true }}', '3-1.5true'],
    ['{{ printf "%s-%v-%d-%q-%%" name target 3 "x" }}', 'podinfo-web-3-"x"-%'],
    ['{{ name | printf "%s.%s" "a" }}', 'a.podinfo'],
    ['{{ printf "%s" (printf "%s" name) }}', 'podinfo'],
    ['{{ print "a" 1 "b" }}', 'a1b'],
    ['{{ len name }}{{ len variables }}', '74'],
    ['{{if name}}yes{{end}}', 'yes'],
    ['{{ if variables.empty }}yes{{ else }}no{{ end }}', 'no'],
    ['{{ if eq name "a" "podinfo" }}yes{{ end }}', 'yes'],
    ['{{ if ne name "podinfo" }}yes{{ else if eq target "web" }}web{{ else }}no{{ end }}', 'web'],
    ['{{ if and name variables.empty }}yes{{ else }}no{{ end }}', 'no'],
    ['{{ if or variables.empty target }}yes{{ end }}', 'yes'],
    ['{{ if not (eq name "x") }}{{ if true }}deep{{ end }}{{ end }}', 'deep'],
    ['{{ and 1 "" }}|{{ or "" 0 }}|{{ and 1 2 }}', '|0|2'],
    ['{{ if 0 }}a{{ else }}b{{ end }}', 'b'],
    ['{{ if variables }}a{{ end }}', 'a'],
  ])('%s is rendered', (template, text) => {
    expect(render(template)).toBe(text);
  });
});

describe('a template that cannot be rendered says why, in one line', () => {
  it.each<[string, RegExp]>([
    ['{{ name', /unclosed action/],
    ['{{ "x }}', /unclosed action/],
    ['{{/* x', /unclosed comment/],
    ['{{ }}', /missing value for command/],
    ['{{ if }}a{{ end }}', /missing value for if/],
    ['{{ if name }}a', /unexpected EOF/],
    ['{{ end }}', /unexpected \{\{ end \}\}/],
    ['{{ else }}', /unexpected \{\{ else \}\}/],
    ['{{ if name }}{{ else x }}{{ end }}', /unexpected \{\{ else x \}\}/],
    ['{{ if name }}{{ else }}{{ else }}{{ end }}', /expected \{\{ end \}\}/],
    ['{{ range variables }}{{ end }}', /unexpected \{\{ range variables \}\}/],
    ['{{ foo }}', /function "foo" not defined; known: name, namespace/],
    ['{{ constructor }}', /function "constructor" not defined/],
    ['{{ toString }}', /function "toString" not defined/],
    ['{{ __proto__ }}', /function "__proto__" not defined/],
    ['{{ .Name }}', /unexpected "\.Name"/],
    ['{{ $x }}', /unexpected "\$x"/],
    ['{{ name.first }}', /name has no field first/],
    ['{{ name target }}', /unexpected "target"/],
    ['{{ name | target }}', /target takes no argument/],
    ['{{ name | }}', /missing value for command/],
    ['{{ variables }}', /is a map/],
    ['{{ variables.missing }}', /map has no entry for key "missing"/],
    ['{{ variables.constructor }}', /map has no entry for key "constructor"/],
    ['{{ index variables "no" }}', /map has no entry for key "no"/],
    ['{{ index name "x" }}', /index needs a map/],
    ['{{ index variables }}', /index needs 2 arguments, not 1/],
    ['{{ not }}', /not needs 1 arguments, not 0/],
    ['{{ (name }}', /unclosed left paren/],
    ['{{ printf "%5.2f" 1 }}', /printf knows .* not %5/],
    ['{{ printf "%" }}', /printf knows/],
    ['{{ printf "%s %s" name }}', /more verbs than arguments/],
    ['{{ "\\x41" }}', /invalid string/],
  ])('%s', (template, why) => {
    expect(() => render(template)).toThrow(TemplateError);
    expect(() => render(template)).toThrow(why);
  });

  it.each<[string, string]>([
    ['parentheses', `{{ ${'('.repeat(5000)}name }}`],
    ['conditions', `${'{{ if name }}'.repeat(5000)}${'{{ end }}'.repeat(5000)}`],
  ])('with %s without end, before the stack is full', (_what, template) => {
    expect(() => render(template)).toThrow(/more than 100 levels/);
  });
});

describe('a template that was written to cost time', () => {
  it.each<[string, string]>([
    ['spaces and quotes', `{{ ${'" '.repeat(20_000)} }}`],
    ['spaces', `{{ ${' '.repeat(200_000)}name }}`],
    ['a hundred thousand actions', '{{ name }}'.repeat(100_000)],
    ['a hundred thousand trims', '{{- name -}}  '.repeat(100_000)],
    ['open braces', '{{'.repeat(100_000)],
    ['quotes without end', `{{ ${'"a" '.repeat(50_000)}`],
  ])('of %s ends in time', (_what, template) => {
    const start = performance.now();
    try {
      render(template);
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError);
    }
    expect(performance.now() - start).toBeLessThan(4000);
  });
});
