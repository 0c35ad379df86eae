/**
 * Protects a language model from text of logs, records and policies. Names stay readable; sentences of others are removed,
 * because they could look like instructions.
 */
import { neutralText } from '../../core/base/index.ts'

export const WITHHELD = '(text from outside, withheld)'

/** Members with rolemedic's own sentences, which contain names from the input. */
const PROSE = new Set([
  'says',
  'do',
  'command',
  'who',
  'summary',
  'finding',
  'why',
  'fact',
  'message',
  'detail',
  'owner',
  'notes',
  'unread',
])
/** AWS names contain no spaces; tag values and window titles may contain some. */
const MAX_WORDS = 3
/** This many words in a row that are also in the input count as a sentence of the input. */
const RUN = 5
/** The words of a withheld name that has fewer. */
const SHORT_RUN = MAX_WORDS + 1
const MAX_NAME_CHARS = 2_048
const MAX_PROSE_CHARS = 4_000

/** AWS's own phrases about denials, which rolemedic's sentences may repeat. */
const AWS_WORDS =
  /is not authorized to perform:? \S{1,128}|on resource:|because no (?:[\w-]{1,20} ){1,3}allows the \S{1,128} action|with an explicit deny in an? (?:(?:identity-based|resource-based|service control|resource control|session|trust|VPC endpoint) policy|permissions boundary)/gi

/** `outside`: everything that the caller gave and that was read for it. */
export function withoutOutsideSentences<T>(value: T, outside: readonly string[]): T {
  const prose: string[] = []
  const named: string[] = []
  visit(value, '', (text, member) => {
    if (PROSE.has(member)) prose.push(text)
    else if (isSentence(neutralText(text, MAX_NAME_CHARS))) named.push(text)
    return text
  })
  const runs = new Set([...runsIn(prose, [...outside, ...named]), ...named.flatMap(shortRuns)])
  return visit(value, '', (text, member) => (PROSE.has(member) ? cleanProse(text, runs) : cleanName(text))) as T
}

function visit(value: unknown, member: string, change: (text: string, member: string) => string): unknown {
  if (typeof value === 'string') return change(value, member)
  if (Array.isArray(value)) return value.map(one => visit(one, member, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [change(key, ''), visit(inner, key, change)]))
}

const isSentence = (text: string): boolean => text.split(' ').length > MAX_WORDS

function cleanName(text: string): string {
  const plain = neutralText(text, MAX_NAME_CHARS)
  return isSentence(plain) ? WITHHELD : plain
}

/** Keeps line breaks, because a command extends to the end of its line. */
function cleanProse(text: string, runs: ReadonlySet<string>): string {
  const lines = text.slice(0, MAX_PROSE_CHARS).split('\n')
  return lines.map(line => withoutRuns(neutralText(line, MAX_PROSE_CHARS), runs)).join('\n')
}

function withoutRuns(line: string, runs: ReadonlySet<string>): string {
  const words = line.split(' ')
  const covered = new Set<number>()
  for (const length of [SHORT_RUN, RUN])
    for (const [at, run] of runsOf(words.map(plainWord), length))
      if (runs.has(run)) for (let index = at; index < at + length; index++) covered.add(index)
  return words.flatMap((word, at) => (covered.has(at) ? (covered.has(at - 1) ? [] : [WITHHELD]) : [word])).join(' ')
}

/** The word sequences that the sentences share with the outside text. */
function runsIn(prose: readonly string[], outside: readonly string[]): ReadonlySet<string> {
  const ours = new Set(prose.flatMap(text => runsOf(wordsOf(text)).map(([, run]) => run)))
  if (ours.size === 0) return ours
  const both = new Set<string>()
  for (const text of outside)
    for (const part of unescaped(text).split(AWS_WORDS))
      for (const [, run] of runsOf(wordsOf(part))) if (ours.has(run)) both.add(run)
  return both
}

/** JSON and YAML have several ways to write a space. */
const unescaped = (text: string): string =>
  text
    .replaceAll(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long?: string, short?: string) =>
      String.fromCharCode(Number.parseInt(long ?? short ?? '20', 16)),
    )
    .replaceAll(/\\[ntr ]/g, ' ')

const wordsOf = (text: string): readonly string[] => neutralText(text, MAX_OUTSIDE_CHARS).split(' ').map(plainWord)
const MAX_OUTSIDE_CHARS = 100_000_000

/** Without the signs around it. A regular expression would take quadratic time on a long run of signs. */
function plainWord(word: string): string {
  const plain = word.toLowerCase()
  let [start, end] = [0, plain.length]
  while (start < end && !NAMING.test(plain.charAt(start))) start += 1
  while (end > start && !NAMING.test(plain.charAt(end - 1))) end -= 1
  return plain.slice(start, end)
}
const NAMING = /[a-z0-9]/

function runsOf(words: readonly string[], length = RUN): readonly (readonly [at: number, run: string])[] {
  return words
    .slice(0, Math.max(0, words.length - length + 1))
    .map((_, at) => [at, words.slice(at, at + length).join(' ')])
}

/** A withheld name that is too short for a run. */
function shortRuns(name: string): readonly string[] {
  const words = wordsOf(name)
  return words.length === SHORT_RUN ? [words.join(' ')] : []
}
