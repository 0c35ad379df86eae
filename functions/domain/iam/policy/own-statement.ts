/** Statements that the bot wrote: they bear a Sid by which they are found and taken out again, and may carry an end. */
import { list, type Statement } from './policy-document.ts'

const OWN_SID = /^Rolemedic[0-9a-f]{8}[a-z]*$/
export const isOwnStatement = (statement: Statement): boolean => OWN_SID.test(statement.Sid ?? '')

/** True for a statement of the bot's own whose time limit has passed: it grants nothing any more. */
export function hasExpired(statement: Statement, nowMs: number): boolean {
  const dates = Object.entries(statement.Condition?.['DateLessThan'] ?? {})
  const end = list(dates.find(([key]) => key.toLowerCase() === 'aws:currenttime')?.[1])[0]
  return typeof end === 'string' && Date.parse(end) <= nowMs
}
