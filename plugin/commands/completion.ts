import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import type { Run } from '../cli/spec.ts';
import { unknownWord } from '../cli/usage.ts';
import type { Io } from '../io.ts';
import { programFile } from '../program-file.ts';

const HELPER = 'kubectl_complete-canary';

const BASH = `# kubectl completes "kubectl canary" by itself when ${HELPER} is on PATH; this is for kubectl-canary typed directly.
_kubectl_canary() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(${HELPER} "\${words[@]}" 2>/dev/null)
}
complete -F _kubectl_canary kubectl-canary
`;

const ZSH = `#compdef kubectl-canary
_kubectl_canary() {
  local -a candidates
  local line
  for line in "\${(@f)$(${HELPER} "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}"; do
    [[ $line == :* || -z $line ]] && continue
    candidates+=("\${line%%$'\\t'*}:\${line#*$'\\t'}")
  done
  _describe 'kubectl canary' candidates
}
compdef _kubectl_canary kubectl-canary
`;

const FISH = `complete -c kubectl-canary -f -a '(${HELPER} (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v ":*")'
`;

const POWERSHELL = `Register-ArgumentCompleter -Native -CommandName kubectl-canary -ScriptBlock {
  param($word, $ast, $position)
  $typed = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $typed += '' }
  & ${HELPER} @typed 2>$null | Where-Object { -not $_.StartsWith(':') } | ForEach-Object {
    $parts = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $parts[-1])
  }
}
`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };

/** Writes the helper that kubectl looks for; it calls the program where it is installed now. */
const install = async (folder: string, io: Io): Promise<number> => {
  const file = join(folder, HELPER);
  const target = join(dirname(programFile()), `${HELPER}.cjs`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${target}" "$@"\n`);
    await chmod(file, 0o755);
  } catch (error) {
    throw new CanaryError('INPUT_UNREADABLE', `cannot write ${file}`, { because: messageOf(error) });
  }
  const isOnPath = (io.env['PATH'] ?? '').split(':').includes(folder);
  io.stdout.write(`${file}\n`);
  if (!isOnPath) io.stderr.write(`warning: ${folder} is not on PATH; kubectl will not find it there\n`);
  return 0;
};

export const run: Run = async (input, io) => {
  const shell = input.words[0] as string;
  if (shell === 'install') return install(input.text('path') ?? join(homedir(), '.local', 'bin'), io);
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined)
    throw unknownWord(
      'shell',
      shell,
      [...Object.keys(SCRIPTS), 'install'],
      'kubectl canary completion bash|zsh|fish|powershell|install',
    );
  io.stdout.write(script);
  return 0;
};
