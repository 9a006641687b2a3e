/** `npm run demo`: bundles the programs, then plays the story with them as they are shipped. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

// The build reads the command line too, where the flags of the story mean nothing to it.
const flags = process.argv.splice(2);
await import('./build.ts');
const program = fileURLToPath(new URL('../dist/kubectl-canary.cjs', import.meta.url));
const child = spawn(process.execPath, [program, 'demo', ...flags], { stdio: 'inherit' });
// The terminal sends Ctrl-C to both; the story decides when it is over.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
