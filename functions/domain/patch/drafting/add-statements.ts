/** New statements in a document, under Sids of the bot's own. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { hasEnded, isOwn } from '../../iam/policy/own-statement.ts'
import type { PolicyDocument, Statement } from '../../iam/policy/policy-document.ts'

export type NewStatement = Omit<Statement, 'Sid'>

const withoutSid = ({ Sid: _, ...rest }: Statement): string => canonicalJson(rest)

/** The document with the statements at its end, except those that it holds already. Ended statements of the same Sid make room. */
export function addStatements(
  document: PolicyDocument | null,
  statements: readonly NewStatement[],
  sid: string,
  nowMs: number,
): PolicyDocument {
  const start: PolicyDocument = document ?? { Version: '2012-10-17', Statement: [] }
  const held = new Set(start.Statement.filter(statement => statement.Effect === 'Allow').map(withoutSid))
  const fresh = statements.filter(statement => !held.has(withoutSid(statement)))
  if (fresh.length === 0) return start

  const stale = (statement: Statement) =>
    isOwn(statement) && statement.Sid?.startsWith(sid) === true && hasEnded(statement, nowMs)
  const kept = start.Statement.filter(statement => !stale(statement))
  const sids = freeSids(sid, fresh.length, new Set(kept.map(statement => statement.Sid)))
  const added = fresh.map((statement, index): Statement => ({ Sid: sids[index] ?? sid, ...statement }))
  return { ...start, Statement: [...kept, ...added] }
}

/** `Rolemedic1a2b3c4d` for one statement; letters follow when there are several, or when the name is taken. */
function freeSids(sid: string, count: number, taken: ReadonlySet<string | undefined>): readonly string[] {
  const names = [...(count === 1 ? [sid] : []), ...suffixes().map(suffix => `${sid}${suffix}`)]
  return names.filter(name => !taken.has(name)).slice(0, count)
}

function suffixes(): readonly string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  return [...letters, ...letters.flatMap(first => letters.map(second => `${first}${second}`))]
}
