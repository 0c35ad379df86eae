/** Statements that rolemedic wrote. Their Sid identifies them for a revert; they may carry an end date. */
import { list, type Statement } from './policy-document.ts'

const OWN_SID = /^Rolemedic[0-9a-f]{8}[a-z]*$/
export const isOwnStatement = (statement: Statement): boolean => OWN_SID.test(statement.Sid ?? '')

/** True when the statement's end date has passed: it grants nothing any more. */
export function hasExpired(statement: Statement, nowMs: number): boolean {
  const dates = Object.entries(statement.Condition?.['DateLessThan'] ?? {})
  const end = list(dates.find(([key]) => key.toLowerCase() === 'aws:currenttime')?.[1])[0]
  return typeof end === 'string' && Date.parse(end) <= nowMs
}
