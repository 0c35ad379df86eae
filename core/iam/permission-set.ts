/**
 * The roles that Identity Center creates for a permission set: `AWSReservedSSO_<set>_<16 hex>`, one in each account. With the last
 * assignment in an account the role is deleted; the next assignment creates one with another suffix.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
import type { EntityArn } from './arn.ts'

const PATH = '/aws-reserved/sso.amazonaws.com/'
const NAME = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/
/** Without a Region where Identity Center lives in us-east-1. */
const EXACT_PATH = /^\/aws-reserved\/sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?$/
const EXACT_SET = /^[\w+=,.@-]{1,32}$/

/** The permission set behind a role; null if Identity Center does not own the role. */
export function permissionSetOf(arn: EntityArn): string | null {
  return arn.kind === 'role' && arn.path.startsWith(PATH) ? (NAME.exec(arn.name)?.[1] ?? null) : null
}

/**
 * Matches the role of this permission set in this account, whatever its suffix. Sixteen `?`: `Admin_*` would also match the roles
 * of a set `Admin_Prod`.
 */
export function permissionSetPattern(arn: EntityArn): string | null {
  const set = permissionSetOf(arn)
  if (set === null || !EXACT_SET.test(set) || !EXACT_PATH.test(arn.path)) return null
  return `arn:${arn.partition}:iam::${arn.accountId}:role${arn.path}AWSReservedSSO_${set}_${'?'.repeat(16)}`
}

export const PRINCIPAL_ARN = 'aws:PrincipalArn'

export const isPrincipalArn = (key: string): boolean => key.toLowerCase() === PRINCIPAL_ARN.toLowerCase()

/** The account as a principal: each caller also needs an identity policy. */
export const accountPrincipal = ({ partition, accountId }: EntityArn): string =>
  `arn:${partition}:iam::${accountId}:root`
