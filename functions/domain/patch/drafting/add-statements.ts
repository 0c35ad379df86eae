/** Adds statements to a document, under rolemedic Sids. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { hasExpired, isOwnStatement } from '../../iam/policy/own-statement.ts'
import type { PolicyDocument, Statement } from '../../iam/policy/policy-document.ts'

export type NewStatement = Omit<Statement, 'Sid'>

const withoutSid = ({ Sid: _, ...rest }: Statement): string => canonicalJson(rest)

/** Appends the statements that the document does not hold yet, and removes expired rolemedic statements with the same Sid. */
export function addStatements(
  document: PolicyDocument | null,
  statements: readonly NewStatement[],
  sid: string,
  nowMs: number,
): PolicyDocument {
  const start: PolicyDocument = document ?? { Version: '2012-10-17', Statement: [] }
  const existing = new Set(start.Statement.filter(statement => statement.Effect === 'Allow').map(withoutSid))
  const missing = statements.filter(statement => !existing.has(withoutSid(statement)))
  if (missing.length === 0) return start

  const isExpired = (statement: Statement) =>
    isOwnStatement(statement) && statement.Sid?.startsWith(sid) === true && hasExpired(statement, nowMs)
  const remaining = start.Statement.filter(statement => !isExpired(statement))
  const sids = freeSids(sid, missing.length, new Set(remaining.map(statement => statement.Sid)))
  const added = missing.map((statement, index): Statement => ({ Sid: sids[index] ?? sid, ...statement }))
  return { ...start, Statement: [...remaining, ...added] }
}

/** `Rolemedic1a2b3c4d` for one statement; with a letter at the end if there are several or the Sid is taken. */
function freeSids(sid: string, count: number, taken: ReadonlySet<string | undefined>): readonly string[] {
  const names = [...(count === 1 ? [sid] : []), ...suffixes().map(suffix => `${sid}${suffix}`)]
  return names.filter(name => !taken.has(name)).slice(0, count)
}

function suffixes(): readonly string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  return [...letters, ...letters.flatMap(first => letters.map(second => `${first}${second}`))]
}
