/** The description of a command. Help, completion, the reference page and the manual page are generated from it. */
import type { ParseArgsOptionDescriptor } from 'node:util'
import type { Io } from './io.ts'

export type Option = ParseArgsOptionDescriptor & {
  /** The name of the value in the help, such as `FILE`. Absent: the option is a flag. */
  readonly value?: string
  /** All values that the option accepts; completion offers them. */
  readonly values?: readonly string[]
  /** Parses the value. Throws UsageError for an invalid one. Absent: any text is valid. */
  readonly read?: (text: string) => unknown
  readonly about: string
}
export type Options = { readonly [name: string]: Option }

export type Example = {
  readonly run: string
  readonly about: string
  /** Why no test runs the example. Null: a test does. */
  readonly notRun: string | null
}

export type Description = {
  readonly name: string
  /** The forms of the command, each with a remark. */
  readonly usage: readonly (readonly [form: string, about: string])[]
  /** Paragraphs below the usage. */
  readonly about: readonly string[]
  readonly operands: readonly (readonly [name: string, about: string])[]
  readonly subcommands: readonly string[]
  readonly options: Options
  readonly examples: readonly Example[]
  readonly exitCodes: readonly (readonly [code: number, meaning: string])[]
  /** Names of the JSON outputs, as `rolemedic schema` lists them. */
  readonly outputs: readonly string[]
}

/** A command as help, completion and the reference show it. */
export type Documented = { readonly description: Description; readonly summary: string }

export type Command = { readonly description: Description; run(args: readonly string[], io: Io): Promise<number> }

export const EXIT_CODES: Description['exitCodes'] = [
  [0, 'done'],
  [1, 'a check failed'],
  [2, 'usage or unreadable input'],
  [3, 'nothing in the input is ours'],
]

const WIDTH = 110
const INDENT = 24

export function helpText({ usage, about, operands, options, examples, exitCodes }: Description): string {
  const rows = [
    ...operands,
    ...Object.entries(options).map(([name, one]) => [optionForm(name, one), one.about] as const),
  ]
  return [
    usage.map(([form, remark]) => (remark === '' ? form : `${form.padEnd(INDENT + 14)}  ${remark}`)).join('\n'),
    ...about.map(paragraph => wrapped(paragraph, WIDTH).join('\n')),
    rows.map(([name, text]) => row(name, text)).join('\n'),
    examples.length === 0 ? '' : `Examples:\n${examples.map(one => `  ${one.run}`).join('\n')}`,
    wrapped(`Exit codes: ${exitCodes.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.`, WIDTH).join('\n'),
  ]
    .filter(part => part !== '')
    .map(part => `${part}\n`)
    .join('\n')
}

export function optionForm(name: string, { short, value, multiple }: Option): string {
  const form = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
  return multiple === true ? `${form} …` : form
}

/** A name in the left column with its text next to it. For a long name, the text starts on the next line. */
function row(name: string, text: string): string {
  const lines = wrapped(text, WIDTH - INDENT)
  const isLong = name.length > INDENT - 4
  const first = isLong ? [`  ${name}`] : []
  const beside = isLong ? '' : `  ${name}`
  return [...first, ...lines.map((line, at) => `${(at === 0 ? beside : '').padEnd(INDENT)}${line}`)].join('\n')
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
