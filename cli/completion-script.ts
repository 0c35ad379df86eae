import { never } from '../core/base/index.ts'
import type { Documented } from './command.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

export function completionScript(shell: Shell, commands: readonly Documented[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands)
    case 'zsh':
      return zsh(commands)
    case 'fish':
      return fish(commands)
    case 'powershell':
      return pwsh(commands)
    default:
      return never(shell)
  }
}

const namesOf = (commands: readonly Documented[]): string =>
  [...commands.map(({ description }) => description.name), 'help'].join(' ')

const flagsOf = ({ description }: Documented): string =>
  [...Object.keys(description.options), 'help'].map(name => `--${name}`).join(' ')

const valuesOf = ({ description }: Documented) =>
  Object.entries(description.options).flatMap(([name, { values }]) => (values === undefined ? [] : [{ name, values }]))

/** For an option with a FILE, and where nothing else applies, the shell completes file names. */
function bash(commands: readonly Documented[]): string {
  const cases = commands.map(command => {
    const values = valuesOf(command).map(
      ({ name, values }) =>
        `        --${name}) COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$begun$current")); COMPREPLY=("\${COMPREPLY[@]#"$begun"}"); return ;;\n`,
    )
    return `    ${command.description.name})
      case "$previous" in
${values.join('')}      esac
      words="${[...command.description.subcommands, flagsOf(command)].join(' ')}" ;;
`
  })
  return `# bash completion of rolemedic
_rolemedic() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous words= sign= begun= at=$((COMP_CWORD-1))
  # To bash, = and : are words of their own: --format=text, --action sts:AssumeRole.
  case "$current" in
    =|:) sign="$current" current= ;;
    *) case "\${COMP_WORDS[at]}" in =|:) sign="\${COMP_WORDS[at]}" at=$((at-1)) ;; esac ;;
  esac
  if [ "$sign" = : ]; then begun="\${COMP_WORDS[at]}:" at=$((at-1)); fi
  if [ "\${COMP_WORDS[at]}" = = ]; then at=$((at-1)); fi
  previous="\${COMP_WORDS[at]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    help) words="${namesOf(commands)}" ;;
${cases.join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _rolemedic rolemedic
`
}

/** Escapes text for single quotes in zsh and fish. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function zsh(commands: readonly Documented[]): string {
  const listed = commands.map(({ description, summary }) => `    ${quoted(`${description.name}:${summary}`)}\n`)
  const cases = commands.map(({ description }) => {
    const options = Object.entries(description.options).map(([name, { value, values, multiple, about }]) => {
      const text = about.replaceAll(/[[\]:]/g, ' ')
      const taken =
        value === undefined ? '' : values === undefined ? `=:${value}:_files` : `=:${value}:(${values.join(' ')})`
      return quoted(
        `${multiple === true ? '*' : ''}--${name}${taken.startsWith('=') ? '=' : ''}[${text}]${taken.slice(1)}`,
      )
    })
    const operands =
      description.subcommands.length > 0
        ? quoted(`1:command:(${description.subcommands.join(' ')})`)
        : "'*:file:_files'"
    return `    ${description.name}) _arguments '--help[explains the command]' ${[...options, operands].join(' ')} ;;\n`
  })
  return `#compdef rolemedic
_rolemedic() {
  local -a commands=(
${listed.join('')}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  words=("\${(@)words[2,-1]}")
  (( CURRENT-- ))
  case $command in
    help) _describe command commands ;;
${cases.join('')}  esac
}
# As a file of $fpath, the first call completes; sourced, it only registers.
if [[ $funcstack[1] == _rolemedic ]]; then
  _rolemedic "$@"
else
  if (( ! $+functions[compdef] )); then
    autoload -Uz compinit && compinit -i
  fi
  compdef _rolemedic rolemedic
fi
`
}

function fish(commands: readonly Documented[]): string {
  const lines = commands.flatMap(({ description, summary }) => {
    const { name, options, subcommands } = description
    const within = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c rolemedic -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(subcommands.length === 0 ? [] : [`complete -c rolemedic -f ${within} -a ${quoted(subcommands.join(' '))}`]),
      ...Object.entries(options).map(([option, { value, values, about }]) => {
        const taken = value === undefined ? '' : values === undefined ? ' -r -F' : ` -x -a ${quoted(values.join(' '))}`
        return `complete -c rolemedic ${within} -l ${option}${taken} -d ${quoted(about)}`
      }),
    ]
  })
  const help = [
    `complete -c rolemedic -f -n __fish_use_subcommand -a help -d 'explains a command'`,
    `complete -c rolemedic -f -n '__fish_seen_subcommand_from help' -a ${quoted(namesOf(commands))}`,
    `complete -c rolemedic -l help -d 'explains the command'`,
  ]
  return `# fish completion of rolemedic\n${[...help, ...lines].join('\n')}\n`
}

/** For single quotes of PowerShell. */
const single = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** https://learn.microsoft.com/powershell/module/microsoft.powershell.core/register-argumentcompleter */
function pwsh(commands: readonly Documented[]): string {
  const list = (words: readonly string[]): string => `@(${words.map(single).join(', ')})`
  const options = commands.map(
    command =>
      `    ${single(command.description.name)} = ${list([...command.description.subcommands, ...flagsOf(command).split(' ')])}\n`,
  )
  const values = commands.flatMap(command =>
    valuesOf(command).map(
      ({ name, values }) => `    ${single(`${command.description.name} --${name}`)} = ${list(values ?? [])}\n`,
    ),
  )
  return `# PowerShell completion of rolemedic
Register-ArgumentCompleter -Native -CommandName rolemedic -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = ${list([...namesOf(commands).split(' '), '--help', '--version'])}
  $options = @{
${options.join('')}  }
  $values = @{
${values.join('')}  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $offered = $commands
  if ($before.Count -gt 1) {
    $command = $before[1]
    $offered = $options[$command]
    if ($command -eq 'help') { $offered = $commands }
    $of = "$command $($before[-1])"
    if ($values.ContainsKey($of)) { $offered = $values[$of] }
  }
  $offered | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}
