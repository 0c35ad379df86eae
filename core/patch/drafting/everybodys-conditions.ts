/**
 * The conditions that all principals of a trust policy must meet. The owner requires them, so they also apply to a principal
 * that a patch adds.
 */

import { isOwnStatement } from '../../actions/index.ts'
import { canonicalJson, ok, type Refusal, type Result } from '../../base/index.ts'
import { type ConditionBlock, hasExpired, type PolicyDocument, principalsOf, type Statement } from '../../iam/index.ts'
import { mergeConditions } from './document-edits.ts'
import { refuseDraft } from './draft-context.ts'

type Demand = { readonly what: string; readonly keys: readonly string[] }

/** Condition keys in lower case. */
const DEMANDS: readonly Demand[] = [
  { what: 'MFA', keys: ['aws:multifactorauthpresent', 'aws:multifactorauthage'] },
  { what: 'a source address', keys: ['aws:sourceip', 'aws:vpcsourceip', 'aws:sourcevpc', 'aws:sourcevpce'] },
  { what: 'an organization', keys: ['aws:principalorgid', 'aws:principalorgpaths'] },
  { what: 'an external id', keys: ['sts:externalid'] },
]

/** The common conditions. Null: there are none. Refused if all principals have conditions on these keys, but different ones. */
export function conditionOfEverybody(trust: PolicyDocument, nowMs: number): Result<ConditionBlock | null, Refusal> {
  const entrances = entrancesOf(trust, nowMs)
  let common: ConditionBlock | null = null
  for (const { what, keys } of DEMANDS) {
    const demanded = entrances.map(({ Condition = {} }) => withKeys(Condition, keys)).filter(part => part !== null)
    const [first = null] = demanded
    if (first === null || demanded.length < entrances.length) continue
    if (new Set(demanded.map(canonicalJson)).size > 1)
      return refuseDraft(
        'ambiguous-conditions',
        `Everybody whom the trust policy lets in needs ${what}, but not the same one: its owner must say which one applies.`,
        'owner of the role',
      )
    common = mergeConditions(common, first)
  }
  return ok(common)
}

/** Conditions that only some principals must meet and that the statement lacks. */
export function demandsOfOthers(
  { Condition = {} }: Statement,
  trust: PolicyDocument,
  nowMs: number,
): readonly string[] {
  const others = entrancesOf(trust, nowMs)
  return DEMANDS.filter(
    ({ keys }) =>
      withKeys(Condition, keys) === null && others.some(other => withKeys(other.Condition ?? {}, keys) !== null),
  ).map(({ what }) => what)
}

/** Statements that admit somebody. Services can meet few of these conditions, so they are ignored if there are people or roles. */
function entrancesOf({ Statement }: PolicyDocument, nowMs: number): readonly Statement[] {
  const allows = Statement.filter(
    statement => statement.Effect === 'Allow' && !(isOwnStatement(statement) && hasExpired(statement, nowMs)),
  )
  const ofPrincipals = allows.filter(
    statement =>
      statement.NotPrincipal !== undefined ||
      principalsOf(statement).some(({ type }) => type === 'AWS' || type === '*'),
  )
  return ofPrincipals.length > 0 ? ofPrincipals : allows
}

/** The part of the block with these keys. Null: it has none of them. */
function withKeys(block: ConditionBlock, keys: readonly string[]): ConditionBlock | null {
  const found = Object.entries(block).flatMap(([operator, tests]) => {
    const own = Object.entries(tests).filter(([key]) => keys.includes(key.toLowerCase()))
    return own.length === 0 ? [] : [[operator, Object.fromEntries(own)] as const]
  })
  return found.length === 0 ? null : Object.fromEntries(found)
}
