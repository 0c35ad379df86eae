/** Refusals of IAM, worded for the person who waits for the grant. */
import type { Target } from '../../core/patch/target.ts'
import type { WriteFailure } from '../ports/writing/policy-writer.ts'

type Wording = {
  readonly names: RegExp
  readonly retry?: true
  readonly wording: (on: string, printed: string, target: Target) => string
}

const WORDINGS: readonly Wording[] = [
  {
    names: /^(Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|ServiceUnavailable)/,
    retry: true,
    wording: on => `AWS is throttling changes to ${on}`,
  },
  {
    names: /^(ConcurrentModification|EntityTemporarilyUnmodifiable|ConflictException|ServiceFailure|InternalServer)/,
    retry: true,
    wording: on => `${on} is being changed by another request`,
  },
  { names: /^(NoSuchEntity|ResourceNotFound)/, wording: on => `${on} does not exist any more` },
  {
    names: /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError)/,
    retry: true,
    wording: (_, printed, { accountId }) => `the bot has no valid credentials for account ${accountId}: ${printed}`,
  },
  { names: /^LimitExceeded/, wording: (on, printed) => `${on} has reached a quota of IAM: ${printed}` },
  {
    names: /^MalformedPolicyDocument/,
    wording: (on, printed) => `IAM does not accept the new document of ${on}: ${printed}`,
  },
  { names: /^ProvisioningFailed$/, wording: (on, printed) => `Identity Center could not roll out ${on}: ${printed}` },
  {
    names: /^UnmodifiableEntity/,
    wording: on => `${on} belongs to an AWS service, and only that service may change it`,
  },
  {
    names: /^(InvalidInput|ValidationError|ValidationException)/,
    wording: (on, printed) => `IAM refuses the change of ${on}: ${printed}`,
  },
]

/** Null: not an answer of IAM but a fault on the way (network, bug). The write may or may not have happened. */
export function iamRefusal(target: Target, isDelete: boolean, error: unknown): WriteFailure | null {
  if (!(error instanceof Error)) return null
  const { name, message } = error
  const on = describeTarget(target)
  const printed = message.length > 300 ? `${message.slice(0, 300)}…` : message
  if (/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(name)) {
    const lacks = missingPermission(message)
    const why =
      lacks === 'sts:AssumeRole'
        ? noWriterRole(target.accountId)
        : `the bot's writer role may not change ${on}: it lacks ${lacks ?? operationOf(target, isDelete)}.`
    return { code: name, message: `${why} AWS says: ${printed}`, retry: false }
  }
  const wording = WORDINGS.find(({ names }) => names.test(name))
  return wording === undefined
    ? null
    : { code: name, message: wording.wording(on, printed, target), retry: wording.retry === true }
}

export function notReadable(target: Target, message: string): string {
  const lacks = missingPermission(message)
  if (lacks === 'sts:AssumeRole') return noWriterRole(target.accountId)
  return `the bot's writer role may not read ${describeTarget(target)}${lacks === null ? '' : `: it lacks ${lacks}`}`
}

/** STS answers alike for a role that does not exist and for one that lets nobody in. */
const noWriterRole = (accountId: string): string =>
  `rolemedic cannot write in account ${accountId}: AWS does not let it assume its role rolemedic-writer there. Update the stack rolemedic-roles of that account with WriterRole=yes, or set "accounts": { "${accountId}": { "mode": "recommend" } } in rolemedic.config.json. The denial is recorded, and gets a new card when it comes again.`

const WORDS: { readonly [kind in Target['kind']]: (target: Target) => string } = {
  'role-inline-policy': ({ name, policyName }) => `inline policy ${policyName ?? ''} of role ${name}`,
  'user-inline-policy': ({ name, policyName }) => `inline policy ${policyName ?? ''} of user ${name}`,
  'managed-policy': ({ name }) => `managed policy ${name}`,
  'role-trust-policy': ({ name }) => `the trust policy of role ${name}`,
  'permission-set-inline-policy': ({ name }) => `the inline policy of permission set ${name}`,
}
export const describeTarget = (target: Target): string => WORDS[target.kind](target)

/** What a write needs first: named where AWS's refusal does not name it. */
const OPERATIONS: { readonly [kind in Target['kind']]: readonly [put: string, remove: string] } = {
  'role-inline-policy': ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
  'user-inline-policy': ['iam:PutUserPolicy', 'iam:DeleteUserPolicy'],
  'managed-policy': ['iam:CreatePolicyVersion', 'iam:CreatePolicyVersion'],
  'role-trust-policy': ['iam:UpdateAssumeRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  'permission-set-inline-policy': ['sso:PutInlinePolicyToPermissionSet', 'sso:DeleteInlinePolicyFromPermissionSet'],
}
const operationOf = ({ kind }: Target, isDelete: boolean): string => OPERATIONS[kind][isDelete ? 1 : 0]

/** `User: … is not authorized to perform: iam:PutRolePolicy on resource: …` */
const missingPermission = (message: string): string | null =>
  /is not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? null
