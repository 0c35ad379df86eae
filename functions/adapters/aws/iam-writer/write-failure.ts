/** IAM's refusals of a write, in words for the person who waits for the grant. */

import { assumeRole } from '../../../../core/actions/index.ts'
import { never } from '../../../../core/base/index.ts'
import type { Target } from '../../../../core/patch/index.ts'
import { settingAsJson } from '../../../domain/config/index.ts'
import type { WriteFailure } from '../../../ports/writing/policy-writer.ts'

const THROTTLED = /^(Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|ServiceUnavailable)/
const BUSY = /^(ConcurrentModification|EntityTemporarilyUnmodifiable|ConflictException|ServiceFailure|InternalServer)/
const DENIED = /^(AccessDenied|UnauthorizedOperation|NotAuthorized)/
const GONE = /^(NoSuchEntity|ResourceNotFound)/
const CREDENTIALS = /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError)/

/** Null: the error is not an answer of IAM but a fault (network, bug). The write may or may not have happened. */
export function writeFailure(target: Target, operation: string, error: unknown): WriteFailure | null {
  if (!(error instanceof Error)) return null
  const { name, message } = error
  const on = describe(target)
  if (THROTTLED.test(name))
    return { code: name, message: `AWS is throttling changes to ${on}; it is tried again`, retry: true }
  if (BUSY.test(name))
    return { code: name, message: `${on} is being changed by another request; it is tried again`, retry: true }
  if (DENIED.test(name) && missingPermission(message) === assumeRole.name)
    return {
      code: name,
      message: `${noWriterRole(target.accountId)} AWS says: ${short(message)}`,
      retry: false,
    }
  if (DENIED.test(name))
    return {
      code: name,
      message: `the bot's writer role may not change ${on}: it lacks ${missingPermission(message) ?? operation}. AWS says: ${short(message)}`,
      retry: false,
    }
  if (GONE.test(name)) return { code: name, message: `${on} does not exist any more`, retry: false }
  if (CREDENTIALS.test(name))
    return {
      code: name,
      message: `the bot has no valid credentials for account ${target.accountId}: ${short(message)}`,
      retry: true,
    }
  if (/^LimitExceeded/.test(name))
    return { code: name, message: `${on} has reached a quota of IAM: ${short(message)}`, retry: false }
  if (/^MalformedPolicyDocument/.test(name))
    return { code: name, message: `IAM does not accept the new document of ${on}: ${short(message)}`, retry: false }
  if (name === 'ProvisioningFailed')
    return { code: name, message: `Identity Center could not roll out ${on}: ${short(message)}`, retry: false }
  if (/^UnmodifiableEntity/.test(name))
    return { code: name, message: `${on} belongs to an AWS service, and only that service may change it`, retry: false }
  if (/^(InvalidInput|ValidationError|ValidationException)/.test(name))
    return { code: name, message: `IAM refuses the change of ${on}: ${short(message)}`, retry: false }
  return null
}

/** STS gives the same answer for a role that does not exist and for one that admits nobody. */
export const noWriterRole = (accountId: string): string =>
  `rolemedic cannot write in account ${accountId}: AWS does not let it assume its role rolemedic-writer there. Update the stack rolemedic-roles of that account with WriterRole=yes, or set ${settingAsJson(`accounts.${accountId}.mode`, 'recommend')} in rolemedic.config.json. The denial is recorded, and gets a new card when it comes again.`

export function describe(target: Target): string {
  switch (target.kind) {
    case 'role-inline-policy':
      return `inline policy ${target.policyName ?? ''} of role ${target.name}`
    case 'user-inline-policy':
      return `inline policy ${target.policyName ?? ''} of user ${target.name}`
    case 'managed-policy':
      return `managed policy ${target.name}`
    case 'role-trust-policy':
      return `the trust policy of role ${target.name}`
    case 'permission-set-inline-policy':
      return `the inline policy of permission set ${target.name}`
    default:
      return never(target.kind)
  }
}

/** Matches `User: … is not authorized to perform: iam:PutRolePolicy on resource: …`. */
export function missingPermission(message: string): string | null {
  return /is not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? null
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
