/** What AWS answered to `write`, worded for the person who waits for the grant. A signed outcome has it in AWS's own words. */
import { never } from '../../../core/base/index.ts'
import type { Target } from '../../../core/patch/index.ts'

type Answered = { readonly on: string; readonly target: Target; readonly printed: string }

/** By the name of the error. AWS's own words follow. */
const WORDINGS: readonly (readonly [names: RegExp, words: (answered: Answered) => string])[] = [
  [/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/, denied],
  [
    /^(Throttling|TooManyRequestsException|RequestLimitExceeded|ServiceUnavailable)/,
    ({ on }) => `AWS is throttling changes to ${on}`,
  ],
  [
    /^(ConcurrentModification|EntityTemporarilyUnmodifiable|ConflictException|ServiceFailure|InternalServer)/,
    ({ on }) => `${on} is being changed by another request`,
  ],
  [/^(NoSuchEntity|ResourceNotFound)/, ({ on }) => `${on} does not exist any more`],
  [
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError)/,
    ({ target }) => `the bot has no valid credentials for account ${target.accountId}`,
  ],
  [/^(LimitExceeded|ServiceQuotaExceeded)/, ({ on }) => `${on} has reached a quota of IAM`],
  [
    /^MalformedPolicyDocument/,
    ({ on, printed }) =>
      DELETED_PRINCIPAL.test(printed)
        ? `IAM takes no change of ${on} while a statement of somebody else lets in a role or user that was deleted: remove the id from it first`
        : `IAM does not accept the new document of ${on}`,
  ],
  // `write` asked AWS nothing.
  [
    /^RolemedicError$/,
    ({ on, printed }) => `rolemedic cannot change ${on}${printed.includes('Identity Center') ? `: ${NO_CENTER}` : ''}`,
  ],
  [/^ProvisioningFailed$/, ({ on }) => `Identity Center could not roll out ${on}`],
  [/^UnmodifiableEntity/, ({ on }) => `${on} belongs to an AWS service, and only that service may change it`],
  [/^(InvalidInput|Validation)/, ({ on }) => `IAM refuses the change of ${on}`],
]

/** IAM shows the id of what was deleted, and takes it in no new document. https://repost.aws/knowledge-center/iam-trust-policy-error */
const DELETED_PRINCIPAL = /^Invalid principal in policy: .*\bA(?:ROA|IDA)[0-9A-Z]{12,}/

/** `<kind> of <ARN>: <error>: <AWS's words>` */
const ANSWER = /^([a-z-]+) of (arn:\S+): (\w+): ([\s\S]*)$/

/** The text itself where it is no answer of AWS about one of the targets, as in outcomes of earlier versions. */
export function wordedAnswer(why: string, targets: readonly Target[]): string {
  const [, kind = '', arn = '', name = '', printed = ''] = ANSWER.exec(why) ?? []
  const target = targets.find(one => one.kind === kind && one.arn === arn)
  const wording = WORDINGS.find(([names]) => names.test(name))
  if (target === undefined || wording === undefined) return why
  return `${wording[1]({ on: describe(target), target, printed })}: ${printed}`
}

function describe({ kind, name, policyName }: Target): string {
  switch (kind) {
    case 'role-inline-policy':
      return `inline policy ${policyName} of role ${name}`
    case 'user-inline-policy':
      return `inline policy ${policyName} of user ${name}`
    case 'managed-policy':
      return `managed policy ${name}`
    case 'role-trust-policy':
      return `the trust policy of role ${name}`
    case 'permission-set-inline-policy':
      return `the inline policy of permission set ${name}`
    default:
      return never(kind)
  }
}

/** `User: … is not authorized to perform: iam:PutRolePolicy on resource: …` */
const MISSING = /is not authorized to perform: ([\w-]+):(\w+)/

/** The writer role of a permission set is in the account that administers Identity Center. */
const roleAccountIn = (printed: string): string | undefined =>
  / on resource: arn:[a-z-]+:iam::(\d{12}):role\//.exec(printed)?.[1]

const NO_CENTER =
  'organization.identityCenter of rolemedic.deploy.json names the account and the Region that administer Identity Center, and the CDK alone deploys it. Make the change in code'

function denied({ on, target, printed }: Answered): string {
  const [, service, call] = MISSING.exec(printed) ?? []
  const ofKind = target.kind === 'permission-set-inline-policy' ? 'sso' : 'iam'
  // A call of another service: already the session of the writer role was refused.
  if (service !== undefined && service !== ofKind) return noWriterRole(roleAccountIn(printed) ?? target.accountId)
  const lacks = service === undefined ? '' : `: it lacks ${service}:${call}`
  return `the bot's writer role may not read or change ${on}${lacks}. AWS says`
}

/** STS answers alike for a role that does not exist and for one that lets nobody in. */
const noWriterRole = (accountId: string): string =>
  `rolemedic cannot write in account ${accountId}: AWS does not let it assume its role rolemedic-writer there. Update the stack rolemedic-roles of that account with WriterRole=yes, or set "accounts": { "${accountId}": { "mode": "recommend" } } in rolemedic.config.json. The denial is recorded, and gets a new card when it comes again. AWS says`
