/** Whose permissions the texts of a deploy may name: a log, or an event of somebody else, can name those of anybody. */

import { parseArn } from '../../../core/iam/index.ts'
import type { FailedDeploy, FailureReason } from './deploy.ts'
import { distinctPermissions, MAX_PERMISSIONS, type MissingPermission, namedPermissions } from './missing-permission.ts'
import { toolOf } from './tools/tools.ts'

type OwnPermissions = {
  readonly permissions: readonly MissingPermission[]
  /** How many are not shown, because only such a text names them, and not of the deploy's own account. */
  readonly withheld: number
}

export function ownPermissions(reasons: readonly FailureReason[], deploy: FailedDeploy): OwnPermissions {
  const { isAwsText } = toolOf(deploy)
  const heard: MissingPermission[] = []
  const withheld: MissingPermission[] = []
  for (const { one, reason } of namedPermissions(reasons)) {
    const isHeard = isAwsText?.(reason) === true || isOfAccounts(one, accountsOf(reason, deploy))
    const list = isHeard ? heard : withheld
    list.push(one)
  }
  const permissions = distinctPermissions(heard).slice(0, MAX_PERMISSIONS)
  return { permissions, withheld: distinctPermissions(withheld).length }
}

/** AWS names the account of a part of a StackSet as "444455556666, eu-west-1". */
const accountsOf = ({ resource }: FailureReason, { accountId }: FailedDeploy): readonly string[] => [
  accountId,
  ...(/^\d{12}(?=, )/.exec(resource ?? '') ?? []),
]

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
