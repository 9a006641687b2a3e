/** By hand: `tsx test/apiserver/control-plane/main.ts up [--keda] [--audit]` and `… down FOLDER`. */
import { startControlPlane } from './start.ts';
import { endControlPlane } from './state.ts';

const USAGE = 'usage: main.ts up [--keda] [--audit] | down FOLDER';

const main = async ([verb, ...rest]: readonly string[]): Promise<void> => {
  if (verb === 'up') {
    const options = { keda: rest.includes('--keda'), audit: rest.includes('--audit'), leaveRunning: true };
    const cluster = await startControlPlane(options);
    for (const [name, value] of Object.entries(cluster.environment)) console.log(`export ${name}=${value}`);
    console.log(`# kubectl: ${cluster.programs.paths.kubectl}\n# end it:  main.ts down ${cluster.folder}`);
  } else if (verb === 'down' && rest[0] !== undefined) {
    await endControlPlane(rest[0]);
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
};

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
