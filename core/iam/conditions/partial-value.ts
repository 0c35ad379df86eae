/** Compares a value of which only a pattern is known, such as the ARN of a resource that is still to be made. */

import { matchesGlob } from '../policy/glob.ts'
import type { Truth } from './truth.ts'

const COMPARISON = /^(?:for(?:allvalues|anyvalue):)?(string|arn)(not)?(equals|like)(?:ifexists)?$/i

/** `like`: every possible value matches it, `*` is any text. Null: the answer differs between possible values, or is not known. */
export function comparePartly(operator: string, wanted: readonly string[], like: string): 'yes' | 'no' | null {
  const [, kind = '', not, how = ''] = COMPARISON.exec(operator) ?? []
  if (kind === '') return null
  const isArn = kind.toLowerCase() === 'arn'
  const compare = isArn ? compareArns : how.toLowerCase() === 'like' ? compareGlobs : compareLiteral
  const answers = wanted.map(pattern => (pattern.includes('${') ? 'unknown' : compare(pattern, like)))
  if (answers.includes('yes')) return not === undefined ? 'yes' : 'no'
  return answers.includes('unknown') ? null : not === undefined ? 'no' : 'yes'
}

function compareLiteral(wanted: string, like: string): Truth {
  if (!like.includes('*')) return wanted === like ? 'yes' : 'no'
  return matchesGlob(like, wanted) ? 'unknown' : 'no'
}

function compareGlobs(pattern: string, like: string): Truth {
  // A `*` in `like` is any text, so only a `*` of the pattern takes it.
  if (!pattern.includes('?') && matchesGlob(pattern, like)) return 'yes'
  return haveCommonText(pattern, like) ? 'unknown' : 'no'
}

const PARTS = 6

/** Part by part: a wildcard of the pattern ends at a colon, except in the last part. */
function compareArns(pattern: string, like: string): Truth {
  const [wanted, parts] = [partsOf(pattern), partsOf(like)]
  if (wanted === null || parts === null) return 'unknown'
  const answers = wanted.map((part, at) => compareGlobs(part, parts[at] ?? ''))
  if (answers.includes('no')) return 'no'
  return answers.includes('unknown') ? 'unknown' : 'yes'
}

function partsOf(arn: string): readonly string[] | null {
  const parts = arn.split(':')
  return parts.length < PARTS ? null : [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(':')]
}

/** Whether some text matches both; takes the product of their lengths. */
function haveCommonText(one: string, other: string): boolean {
  // At each place: whether some text matches `one` up to here and `other` up to there.
  let row: readonly boolean[] = Array.from({ length: other.length + 1 }, (_, at) => /^\**$/.test(other.slice(0, at)))
  for (const letter of one) {
    const next = [letter === '*' && row[0] === true]
    for (let at = 1; at <= other.length; at += 1) {
      const facing = other[at - 1]
      const isOneEach = letter === facing || letter === '?' || facing === '?'
      const isStar = letter === '*' || facing === '*'
      next.push((isOneEach && row[at - 1] === true) || (isStar && (row[at] === true || next[at - 1] === true)))
    }
    row = next
  }
  return row.at(-1) === true
}
