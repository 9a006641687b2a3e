/** `npm run check`: types, lint, format, unused code, generated files. Ends with 1 when one of them fails. */
import { runChecks } from './gate/checks.ts';
import { summaryOf } from './gate/outcome.ts';

const start = performance.now();
const outcome = await runChecks(console.log);
console.log(summaryOf([{ lane: 'check', seconds: (performance.now() - start) / 1000, ...outcome }]));
process.exitCode = outcome.failures.length === 0 ? 0 : 1;
