/**
 * An approved change in its form for code: the same grant under other names. The policy `rolemedic` and its statements belong
 * to the live grants, and a deploy of the code must neither replace nor adopt them.
 */
import { canonicalJson } from '../../../core/base/index.ts'
import { entityName, hasOwnSid, list, type PolicyDocument, type Statement } from '../../../core/iam/index.ts'
import { changeDigest, OWN_POLICY, type PolicyChange } from '../../../core/patch/index.ts'

export function changesForCode(changes: readonly PolicyChange[]): readonly PolicyChange[] {
  return changes.map(change => {
    const { target, before, after, required } = change
    const inCode =
      target.policyName === OWN_POLICY
        ? {
            target: { ...target, policyName: policyName(change) },
            before: null,
            after: { ...after, Statement: added(change).map(renamed) },
          }
        : { target, before, after: withAddedRenamed(change) }
    return { ...inCode, digest: changeDigest(inCode), required }
  })
}

function added({ before, after }: Pick<PolicyChange, 'before' | 'after'>): readonly Statement[] {
  const old = new Set((before?.Statement ?? []).map(canonicalJson))
  return after.Statement.filter(statement => !old.has(canonicalJson(statement)))
}

function withAddedRenamed(change: PolicyChange): PolicyDocument {
  const own = new Set(added(change).map(canonicalJson))
  const Statement = change.after.Statement.map(one => (own.has(canonicalJson(one)) ? renamed(one) : one))
  return { ...change.after, Statement }
}

/** Renames `Rolemedic0123abcd` to `Allow0123abcd`. */
function renamed(statement: Statement): Statement {
  return hasOwnSid(statement) ? { ...statement, Sid: statement.Sid?.replace(/^Rolemedic/, 'Allow') ?? '' } : statement
}

const MAX_NAME_CHARS = 100

/** `PassRole-orders-worker-0123abcd`: describes the grant, and is unique among the role's policies. */
function policyName(change: PolicyChange): string {
  const [first] = added(change)
  const action = list(first?.Action)[0]?.split(':')[1] ?? 'Access'
  const resource = list(first?.Resource)[0] ?? ''
  const unique = change.digest.replace('sha256:', '').slice(0, 8)
  const name = `${action}-${entityName(resource)}`.replace(/[^\w+=,.@-]+/g, '').slice(0, MAX_NAME_CHARS)
  return `${name}-${unique}`
}
