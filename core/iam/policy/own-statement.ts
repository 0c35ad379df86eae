/** Statements that rolemedic wrote. Their Sid identifies them for a revert; they may carry an end date. */
import { canonicalJson } from '../../base/index.ts'
import { list, type Statement } from './policy-document.ts'

/** True when the statement has an end date in the past, so that it grants nothing. */
export function hasExpired(statement: Statement, nowMs: number): boolean {
  const dates = Object.entries(statement.Condition?.['DateLessThan'] ?? {})
  const end = list(dates.find(([key]) => isEnd(key))?.[1])[0]
  return typeof end === 'string' && Date.parse(end) <= nowMs
}

/** True when both grant the same, apart from Sid and end date. An approver may have added the end date to the draft. */
export const isSameGrant = (a: Statement, b: Statement): boolean => grantOf(a) === grantOf(b)

/** True when both allow the same actions on the same resources, apart from Sid and conditions. */
export function hasSameReach(a: Statement, b: Statement): boolean {
  const [{ Condition: _, ...one }, { Condition: __, ...other }] = [a, b]
  return isSameGrant(one, other)
}

function grantOf(statement: Statement): string {
  const { Sid: _, ...rest } = withoutExpiry(statement)
  return canonicalJson(rest)
}

/** The statement without its end date, and without `Condition` if nothing else is in it. */
export function withoutExpiry(statement: Statement): Statement {
  const { Condition, ...rest } = statement
  if (Condition === undefined) return statement
  const left = Object.entries(Condition).flatMap(([operator, tests]) => {
    const kept =
      operator === 'DateLessThan' ? Object.entries(tests).filter(([key]) => !isEnd(key)) : Object.entries(tests)
    return kept.length === 0 ? [] : [[operator, Object.fromEntries(kept)] as const]
  })
  return left.length === 0 ? rest : { ...rest, Condition: Object.fromEntries(left) }
}

const isEnd = (key: string): boolean => key.toLowerCase() === 'aws:currenttime'
