/**
 * The roles that Identity Center creates for a permission set, one per account: `AWSReservedSSO_<set>_<16 hex>`. Identity
 * Center deletes the role with the last assignment in an account; the next assignment creates one with another suffix.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
import type { EntityArn } from './arn.ts'

const PATH = '/aws-reserved/sso.amazonaws.com/'
const NAME = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/
/** The path has no Region if Identity Center is in us-east-1. */
const EXACT_PATH = /^\/aws-reserved\/sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?$/
const EXACT_SET = /^[\w+=,.@-]{1,32}$/

/** The name of the permission set behind a role. Null if Identity Center does not own the role. */
export function permissionSetOf(arn: EntityArn): string | null {
  return arn.kind === 'role' && arn.path.startsWith(PATH) ? (NAME.exec(arn.name)?.[1] ?? null) : null
}

/**
 * An ARN pattern for the role of this permission set in this account, with any suffix. It has sixteen `?`, because `Admin_*`
 * would also match the roles of a set `Admin_Prod`.
 */
export function permissionSetPattern(arn: EntityArn): string | null {
  const set = permissionSetOf(arn)
  if (set === null || !EXACT_SET.test(set) || !EXACT_PATH.test(arn.path)) return null
  return `arn:${arn.partition}:iam::${arn.accountId}:role${arn.path}AWSReservedSSO_${set}_${'?'.repeat(16)}`
}

export const PRINCIPAL_ARN = 'aws:PrincipalArn'

export const isPrincipalArn = (key: string): boolean => key.toLowerCase() === PRINCIPAL_ARN.toLowerCase()

/** The principal that means the whole account. Each caller also needs an identity policy. */
export const accountPrincipal = ({ partition, accountId }: EntityArn): string =>
  `arn:${partition}:iam::${accountId}:root`
