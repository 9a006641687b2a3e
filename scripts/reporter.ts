/** A Vitest reporter for the gate: a line per test file, and the totals as a file that the gate reads. */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';
import type { Failure, Outcome } from './gate/outcome.ts';

interface ErrorLike {
  readonly message?: string;
  readonly diff?: string;
  readonly stack?: string;
}

/** The first frame that is ours says where. */
const placeOf = (stack: string): string | undefined =>
  stack
    .split('\n')
    .find((line) => line.trim().startsWith('at ') && !line.includes('node_modules') && !line.includes('node:'));

const describeError = (error: ErrorLike): string => {
  const parts = [error.message ?? 'unknown error', error.diff, placeOf(error.stack ?? '')?.trim()];
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
};

const describeErrors = (errors: readonly ErrorLike[]): string => errors.map(describeError).join('\n');

const failureOf = (test: TestCase): Failure => ({
  name: `${test.module.relativeModuleId} > ${test.fullName}`,
  message: describeErrors(test.result().errors ?? []),
});

/** What went wrong outside a test: a file that does not load, a hook that throws. */
const outsideFailures = (module: TestModule): Failure[] => {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return suites.flatMap((suite) => {
    const name = suite.type === 'suite' ? `${module.relativeModuleId} > ${suite.fullName}` : module.relativeModuleId;
    return suite.errors().length === 0 ? [] : [{ name, message: describeErrors(suite.errors()) }];
  });
};

const outcomeOf = (module: TestModule): Outcome => {
  const tests = [...module.children.allTests()];
  const ended = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
  return {
    passed: ended('passed').length,
    failures: [...ended('failed').map(failureOf), ...outsideFailures(module)],
    skipped: ended('skipped').length,
  };
};

const lineOf = (module: TestModule): string => {
  const { passed, failures } = outcomeOf(module);
  const verdict = failures.length === 0 ? 'ok    ' : 'FAILED';
  const seconds = (module.diagnostic().duration / 1000).toFixed(1);
  return `  ${verdict} ${module.relativeModuleId} (${passed + failures.length} tests, ${seconds} s)`;
};

/** The first words of each failure, right beneath its file: the whole of it comes at the end, which may be cut off. */
const whyOf = (module: TestModule): string[] =>
  outcomeOf(module).failures.map(({ name, message }) => {
    const test = name.slice(`${module.relativeModuleId} > `.length) || 'the file';
    return `           ${test}: ${message.split('\n')[0] ?? ''}`;
  });

/** Files quicker than this are not worth a line while they pass. */
const SLOW_MS = 1000;

export default class TotalsReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const why = whyOf(module);
    if (why.length > 0 || module.diagnostic().duration > SLOW_MS) console.log([lineOf(module), ...why].join('\n'));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const outcomes = modules.map(outcomeOf);
    const outside = unhandled.map((error) => ({ name: 'outside any test', message: describeError(error) }));
    const total: Outcome = {
      passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
      failures: [...outcomes.flatMap(({ failures }) => failures), ...outside],
      skipped: outcomes.reduce((sum, { skipped }) => sum + skipped, 0),
    };
    const file = process.env['KUBECTL_CANARY_TOTALS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(total));
  }
}
