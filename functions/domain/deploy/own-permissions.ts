/** Whose permissions the texts of a deploy may name: a log, or an event of somebody else, can name those of anybody. */

import { actionNamed } from '../../../core/actions/index.ts'
import { type DecodedEvaluation, denialOfEvaluation, isUnnamed, principalNamed } from '../../../core/denial/index.ts'
import { parseArn } from '../../../core/iam/index.ts'
import type { FailedDeploy, FailureReason, OwnIdentity } from './deploy.ts'
import { accountsOf, isAwsWord, isOwnIdentity } from './deploy-denials.ts'
import { distinctPermissions, type MissingPermission, namedPermissions, permissionOf } from './missing-permission.ts'

type OwnPermissions = {
  readonly permissions: readonly MissingPermission[]
  /** How many are not shown, because only such a text names them, and not of the deploy's own account. */
  readonly withheld: number
}

export function ownPermissions(
  reasons: readonly FailureReason[],
  deploy: Pick<FailedDeploy, 'kind' | 'accountId'>,
  own: readonly OwnIdentity[],
): OwnPermissions {
  const heard: MissingPermission[] = []
  const withheld: MissingPermission[] = []
  for (const { one, reason } of namedPermissions(reasons)) {
    const judged = asHeard(one, reason, deploy, own)
    if (judged === null) withheld.push(one)
    else heard.push(judged)
  }
  return { permissions: distinctPermissions(heard), withheld: distinctPermissions(withheld).length }
}

/** Null: it is withheld. */
function asHeard(
  one: MissingPermission,
  reason: FailureReason,
  deploy: Pick<FailedDeploy, 'kind' | 'accountId'>,
  own: readonly OwnIdentity[],
): MissingPermission | null {
  if (isAwsWord(one.principal, reason, deploy)) return one
  return isOfAccounts(one, accountsOf(reason, deploy)) ? asWritten(one, reason, own) : null
}

/**
 * The permission whose name only an encoded message has. A log can repeat the message of anybody of its account, so that it is judged
 * as if the text named what AWS decoded. `judge` null: who asks gave the text, and vouches for it. Null: it names nothing to show.
 * A role that is passed or assumed stays probable, because CloudTrail's record says for whom, and is the cause once it is there.
 */
export function decodedPermission(
  one: MissingPermission,
  reason: FailureReason,
  evaluation: DecodedEvaluation,
  judge: { readonly deploy: Pick<FailedDeploy, 'kind' | 'accountId'>; readonly own: readonly OwnIdentity[] } | null,
): MissingPermission | null {
  const denial = denialOfEvaluation(evaluation)
  if (denial === null) return null
  const { place, line, atMs, call } = one
  const named = permissionOf({ ...denial, call, line, text: '' }, { ...one, place, atMs })
  const whole = actionNamed(denial.action) === null ? named : { ...named, certainty: 'probable' as const }
  return judge === null ? whole : asHeard(whole, reason, judge.deploy, judge.own)
}

/** What not AWS writes is certain only of the deploy itself, in its own session. Nobody can look up whose a guardrail is. */
function asWritten(one: MissingPermission, reason: FailureReason, own: readonly OwnIdentity[]): MissingPermission {
  const isOwn = one.principal !== null && isOwnIdentity(principalNamed(one.principal), reason, own)
  const policyArn = one.policyArn !== null && GUARDRAIL.test(one.policyArn) ? null : one.policyArn
  return isOwn ? { ...one, policyArn } : { ...one, policyArn, certainty: 'probable' }
}

/** Policies of an organization are in its management account. */
const GUARDRAIL =
  /^arn:[a-z-]{3,12}:organizations::\d{12}:policy\/o-[a-z0-9]{1,32}\/[a-z_]{1,40}\/p-[A-Za-z0-9_]{1,128}$/

function isOfAccounts({ principal, resource, policyArn }: MissingPermission, accounts: readonly string[]): boolean {
  const owner = principal === null || isUnnamed(principal) ? null : (parseArn(principal)?.accountId ?? '')
  if (owner !== null && !accounts.includes(owner)) return false
  const isForeign = (text: string | null) =>
    [...(text ?? '').matchAll(/(?<!\d)\d{12}(?!\d)/g)].some(([id]) => !accounts.includes(id))
  const isPolicy = (arn: string) =>
    GUARDRAIL.test(arn) || ([...accounts, 'aws'].includes(parseArn(arn)?.accountId ?? '') && !arn.includes('//'))
  return !isForeign(resource) && (policyArn === null || isPolicy(policyArn))
}
