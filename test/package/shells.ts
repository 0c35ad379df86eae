/** What each shell offers when somebody presses Tab, after the documented set-up line. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './installed.ts'

type Asked = { readonly cwd: string; readonly env: { readonly PATH: string; readonly HOME: string } }

/** The words that the shell offers for the last word of `line`. */
type Offered = (line: string, asked: Asked) => string

const ran = (program: string, args: readonly string[], { cwd, env }: Asked): string => {
  const { code, out, err } = run(program, args, { cwd, env: { ...env, LC_ALL: 'C.UTF-8', TERM: 'dumb' } })
  if (code !== 0 || err !== '') throw new Error(`${program} ended with ${code}: ${err}`)
  return out
}

const bash: Offered = (line, asked) =>
  ran(
    'bash',
    [
      ...['--norc', '--noprofile', '-c'],
      `source <(rolemedic completion bash)
complete -p rolemedic >/dev/null || exit 1
COMP_WORDS=(${line}) COMP_CWORD=$(( $(wc -w <<<'${line}') - 1 ))
_rolemedic
printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    asked,
  )

/** zsh completes only at a terminal, which `zpty` provides. `setUp`: the content of ~/.zshrc. */
const zsh =
  (setUp: string): Offered =>
  (line, asked) => {
    // A marker that completion cannot print shows that the prompt is there and that the preceding keys are processed.
    writeFileSync(
      join(asked.cwd, '.zshrc'),
      `${setUp}\nPROMPT='' RPROMPT=''\nunsetopt zle_bracketed_paste 2>/dev/null\n`,
    )
    writeFileSync(
      join(asked.cwd, 'press-tab.zsh'),
      `zmodload zsh/zpty
zpty terminal 'stty -echo; ZDOTDIR=${asked.cwd} zsh -i'
zpty -w terminal 'print re""ady'
zpty -r terminal read '*ready*'
zpty -w -n terminal $'${line}\\t'
zpty -w -n terminal $'\\C-a\\C-k'
zpty -w terminal 'print do""ne; exit'
while zpty -r terminal part; do print -rn -- $part; done
`,
    )
    return ran('zsh', ['-f', 'press-tab.zsh'], asked)
  }

const fish: Offered = (line, asked) =>
  ran('fish', ['--no-config', '-c', `rolemedic completion fish | source; complete -C '${line}'`], asked)

export const SHELLS: { readonly [name: string]: Offered } = {
  bash,
  'zsh, sourced': zsh('source <(rolemedic completion zsh)'),
  'zsh with compinit, sourced': zsh('autoload -Uz compinit && compinit -u; source <(rolemedic completion zsh)'),
  'zsh, from a folder of $fpath': zsh(
    'mkdir -p $HOME/fpath; rolemedic completion zsh >$HOME/fpath/_rolemedic; fpath=($HOME/fpath $fpath); autoload -Uz compinit && compinit -u',
  ),
  fish,
}
