/** The event with which a failed job asks the bot to name what was denied. */

import { denialsIn, type OtherDenial, otherDenialsIn } from '../../core/denial/index.ts'
import { JOB_SCHEMA, type JobEventDetail, MAX_JOB_LOG_CHARS } from '../../functions/domain/deploy/index.ts'

/** The job, as its CI system names it. */
export type CiJob = {
  readonly tool: string
  readonly name: string
  readonly run: string | null
}

/** Null: the log names no denial. */
export function jobEventOf(log: string, { tool, name, run }: CiJob, runUrl: string | null): JobEventDetail | null {
  const words = refusalsIn(log)
  if (words === '') return null
  return {
    ...{ schema: JOB_SCHEMA, status: 'failed', tool, name: plainName(name), log: words },
    ...(run === null ? {} : { run: plainName(run) }),
    ...(runUrl === null ? {} : { runUrl }),
  }
}

/** Only the words of each refusal leave the job: a log can contain secrets. */
function refusalsIn(log: string): string {
  const lines = log.split('\n')
  const others = otherDenialsIn(log).map(one => wordsOf(one, lines))
  const words = [...new Set([...denialsIn(log).map(({ message }) => message), ...others])]
  let length = 0
  const whole = words.filter(each => {
    length += each.length + BETWEEN.length
    return length <= MAX_JOB_LOG_CHARS
  })
  return whole.join(BETWEEN)
}

const BETWEEN = '\n\n'
/** How many lines before and after a refusal may name its call. */
const AROUND = [0, 1, 2, 4, 8, 16]
const MAX_WORDS_CHARS = 4_000

/** The fewest lines in which the bot reads what the whole log says. */
function wordsOf(one: OtherDenial, lines: readonly string[]): string {
  const parts = AROUND.map(around =>
    around === 0
      ? (lines[one.line - 1] ?? '')
      : lines.slice(Math.max(0, one.line - 1 - around), one.line + around).join('\n'),
  )
  const isSame = (text: string) => otherDenialsIn(text).some(other => keyOf(other) === keyOf(one))
  return [one.text, ...parts.map(part => nearby(part, one.text))].find(isSame) ?? one.text
}

/** A line can be a whole document. */
function nearby(part: string, words: string): string {
  if (part.length <= MAX_WORDS_CHARS) return part
  const at = Math.max(0, part.indexOf(words.slice(0, 40)) - MAX_WORDS_CHARS / 2)
  return part.slice(at, at + MAX_WORDS_CHARS)
}

const keyOf = ({ action, call, principal, resource, layer, isExplicit, policyArn }: OtherDenial): string =>
  JSON.stringify([action, call, principal, resource, layer, isExplicit, policyArn])

/** The names that the bot reads have no spaces. */
const plainName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._/@:#+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
