/** Whose permissions the texts of a deploy may name: a log, or an event of somebody else, can name those of anybody. */

import { principalNamed } from '../../../core/denial/index.ts'
import { parseArn } from '../../../core/iam/index.ts'
import type { FailedDeploy, FailureReason, OwnIdentity } from './deploy.ts'
import { accountsOf, isAwsWord, isOwnIdentity } from './deploy-denials.ts'
import { distinctPermissions, type MissingPermission, namedPermissions } from './missing-permission.ts'

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
    if (isAwsWord(one.principal, reason, deploy)) heard.push(one)
    else if (isOfAccounts(one, accountsOf(reason, deploy))) heard.push(asWritten(one, reason, own))
    else withheld.push(one)
  }
  return { permissions: distinctPermissions(heard), withheld: distinctPermissions(withheld).length }
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
  const owner = principal === null ? null : (parseArn(principal)?.accountId ?? '')
  if (owner !== null && !accounts.includes(owner)) return false
  const isForeign = (text: string | null) =>
    [...(text ?? '').matchAll(/(?<!\d)\d{12}(?!\d)/g)].some(([id]) => !accounts.includes(id))
  const isPolicy = (arn: string) =>
    GUARDRAIL.test(arn) || ([...accounts, 'aws'].includes(parseArn(arn)?.accountId ?? '') && !arn.includes('//'))
  return !isForeign(resource) && (policyArn === null || isPolicy(policyArn))
}
