import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from '../core/base/index.ts'
import type { Option } from './command.ts'
import { nearest } from './nearest.ts'

type Parsed = Omit<Option, 'about'>

type One<O extends Parsed> = O extends { readonly read: (text: string) => infer T } ? T : string

/** The value of an absent option is false, an empty list, or null. */
type ValueOf<O extends Parsed> = O['type'] extends 'boolean'
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly One<O>[]
    : O extends { readonly default: string }
      ? One<O>
      : One<O> | null

export type Values<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Parsed ? ValueOf<Options[Name]> : never
} & { readonly help: boolean }

export type ParsedArguments<Options> = { readonly values: Values<Options>; readonly positionals: readonly string[] }

const HELP = { type: 'boolean', short: 'h' } as const

/**
 * Parses options and operands of one command, each value by its option. With `--help`, ignores everything else. An error is one
 * line that says where to find help.
 */
export function parseArguments<const Options extends { readonly [name: string]: Parsed }>(
  args: readonly string[],
  options: Options,
  help: string,
): ParsedArguments<Options> {
  const { values, positionals } = parsedBy(args, options, help)
  const isHelp = values['help'] === true
  return withHint(help, () => {
    const read = Object.entries<Parsed>(options).map(([name, option]) => [
      name,
      readValue(option, isHelp ? undefined : values[name]),
    ])
    return { values: { ...Object.fromEntries(read), help: isHelp }, positionals }
  })
}

/** Adds to a usage error where to find help. */
export function withHint<T>(help: string, check: () => T): T {
  try {
    return check()
  } catch (cause) {
    throw cause instanceof UsageError ? new UsageError(`${cause.message} (${help})`, { cause }) : cause
  }
}

function parsedBy(args: readonly string[], options: { readonly [name: string]: Parsed }, help: string) {
  const config: ParseArgsOptionsConfig = { help: HELP }
  for (const [name, { type, short, multiple, default: value }] of Object.entries(options))
    config[name] = {
      type,
      ...(short === undefined ? {} : { short }),
      ...(multiple === undefined ? {} : { multiple }),
      ...(value === undefined ? {} : { default: value }),
    }
  try {
    const parsed = parseArgs({ args: withTexts(args, options), allowPositionals: true, options: config, tokens: true })
    for (const token of parsed.tokens) {
      const { value, multiple } = (token.kind === 'option' && options[token.name]) || {}
      // The last one wins, as a default of an alias is overruled; but an input that was given is not left out without a word.
      if (token.kind !== 'option' || multiple === true || (value !== 'FILE' && value !== 'TEXT')) continue
      if (parsed.values[token.name] !== token.value)
        throw new UsageError(`--${token.name} was given twice, with different values (${help})`)
    }
    return parsed
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const [sentence = ''] = (cause as Error).message.split(/\. |\n/)
    const isUnknown = (cause as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    const [, bare] = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument is ambiguous/.exec(sentence) ?? []
    if (bare !== undefined)
      throw new UsageError(`${bare} has no value; one that begins with a dash goes behind ${bare}= (${help})`, {
        cause,
      })
    throw new UsageError(`${sentence}${isUnknown ? `: ${advice(sentence, options)}` : ''} (${help})`, { cause })
  }
}

/** "- Error: …", as a list or a log has it, is a text: no option has a name of white space. */
function withTexts(args: readonly string[], options: { readonly [name: string]: Parsed }): string[] {
  const words: string[] = []
  const texts: string[] = []
  for (const [at, arg] of args.entries()) {
    if (arg === '--') return [...words, '--', ...texts, ...args.slice(at + 1)]
    const before = words.at(-1) ?? ''
    if (!/^-+\s/.test(arg)) words.push(arg)
    else if (options[before.slice(2)]?.type === 'string') words[words.length - 1] = `${before}=${arg}`
    else texts.push(arg)
  }
  return texts.length === 0 ? words : [...words, '--', ...texts]
}

type Given = ReturnType<typeof parsedBy>['values'][string]

function readValue({ type, multiple, read = text => text }: Parsed, given: Given): unknown {
  if (type === 'boolean') return given === true
  const texts = [given ?? []].flat().map(String)
  if (multiple === true) return texts.map(read)
  const [text] = texts
  return text === undefined ? null : read(text)
}

function advice(sentence: string, options: { readonly [name: string]: Parsed }): string {
  const names = [...Object.keys(options), 'help'].map(name => `--${name}`)
  const near = nearest(/'(--[^'=]+)/.exec(sentence)?.[1] ?? '', names)
  return near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`
}
