/** Edits of policy documents: of one statement, of one document, and of all documents of one patch. */

import { isOwnStatement } from '../../actions/index.ts'
import { canonicalForm, canonicalJson } from '../../base/index.ts'
import {
  type ConditionBlock,
  hasExpired,
  isSameGrant,
  list,
  type PolicyDocument,
  type Statement,
} from '../../iam/index.ts'
import { changeDigest, type PolicyChange, type Target, trustLast } from '../patch.ts'

/** The conditions of both. If both set a key under the same operator, the owner's value (`a`) wins. */
export function mergeConditions(a: ConditionBlock | null, b: ConditionBlock | undefined): ConditionBlock | null {
  if (a === null) return b ?? null
  if (b === undefined) return a
  const operators = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(operators.map(operator => [operator, { ...b[operator], ...a[operator] }]))
}

export type NewStatement = Omit<Statement, 'Sid'>

const withoutSid = ({ Sid: _, ...rest }: Statement): string => canonicalJson(rest)

/**
 * Appends the statements that the document lacks, and removes expired rolemedic statements with the same Sid and the same
 * grant.
 * `joinable`: Sids of statements that the same change adds. If only the resources differ, such a statement receives the new
 * ones.
 */
export function addStatements(
  document: PolicyDocument | null,
  statements: readonly NewStatement[],
  sid: string,
  nowMs: number,
  joinable: ReadonlySet<string> = new Set(),
): PolicyDocument {
  const start: PolicyDocument = document ?? { Version: '2012-10-17', Statement: [] }
  const existing = new Set(start.Statement.filter(statement => statement.Effect === 'Allow').map(withoutSid))
  const missing = existing.size === 0 ? statements : statements.filter(one => !existing.has(withoutSid(one)))
  if (missing.length === 0) return start

  const isExpired = (statement: Statement) =>
    isOwnStatement(statement) &&
    statement.Sid?.startsWith(sid) === true &&
    hasExpired(statement, nowMs) &&
    statements.some(one => isSameGrant(one, statement))
  let remaining = start.Statement.filter(statement => !isExpired(statement))
  const apart: NewStatement[] = []
  for (const statement of missing) {
    const at = remaining.findIndex(
      one => joinable.has(one.Sid ?? '') && withoutResource(one) === withoutResource(statement),
    )
    if (at < 0) apart.push(statement)
    else remaining = remaining.with(at, withResources(remaining[at], statement))
  }
  const sids = freeSids(sid, apart.length, new Set(remaining.map(statement => statement.Sid)))
  const added = apart.map((statement, index): Statement => ({ Sid: sids[index] ?? sid, ...statement }))
  return { ...start, Statement: [...remaining, ...added] }
}

const withoutResource = ({ Resource: _, ...rest }: NewStatement | Statement): string => withoutSid(rest)

function withResources(statement: Statement | undefined, { Resource }: NewStatement): Statement {
  const resources = new Set([...list(statement?.Resource), ...list(Resource)])
  return { ...(statement ?? { Effect: 'Allow' }), Resource: [...resources] }
}

/** `Rolemedic1a2b3c4d` for one statement; with a letter at the end if there are several or the Sid is taken. */
function freeSids(sid: string, count: number, taken: ReadonlySet<string | undefined>): readonly string[] {
  if (count === 0) return []
  if (count === 1 && !taken.has(sid)) return [sid]
  return SUFFIXES.map(suffix => `${sid}${suffix}`)
    .filter(name => !taken.has(name))
    .slice(0, count)
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']
const SUFFIXES: readonly string[] = [
  ...LETTERS,
  ...LETTERS.flatMap(first => LETTERS.map(second => `${first}${second}`)),
]

export type DocumentEdits = readonly {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument
}[]

const isSame = (a: Target, b: Target): boolean => a.kind === b.kind && a.arn === b.arn && a.policyName === b.policyName

/** The document with the edits so far; `before` if there are none. */
export function currentDocument<Before extends PolicyDocument | null>(
  edits: DocumentEdits,
  target: Target,
  before: Before,
): PolicyDocument | Before {
  return edits.find(entry => isSame(entry.target, target))?.after ?? before
}

export function withEdit(
  edits: DocumentEdits,
  target: Target,
  before: PolicyDocument | null,
  after: PolicyDocument,
): DocumentEdits {
  return edits.some(entry => isSame(entry.target, target))
    ? edits.map(entry => (isSame(entry.target, target) ? { ...entry, after } : entry))
    : [...edits, { target, before, after }]
}

/** One change for each document that differs, trust policies last. */
export function editedChanges(edits: DocumentEdits, required: boolean): readonly PolicyChange[] {
  const changed = edits.filter(({ before, after }) => before === null || canonicalForm(before) !== canonicalForm(after))
  return trustLast(changed.map(entry => ({ ...entry, required, digest: changeDigest(entry) })))
}
