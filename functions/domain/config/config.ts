import * as z from 'zod'
import type { Risk } from '../../../core/patch/index.ts'
import { DEFAULT_SETTINGS } from '../../../core/settings/index.ts'
import { CODE_KINDS } from '../../../iac/repository/index.ts'
import { cardChannel, chatChannelId, chatGroupId, chatUserId, personSchema } from './chat-ids.ts'
import { isWorkloadIssuer } from './workload-issuers.ts'

/**
 * The schema of `rolemedic.config.json`. For descriptions of the settings, see `config-json-schema.ts`. Objects are strict, so
 * a mistyped key is an error. Names of durations contain their unit.
 */
const text = (form: RegExp, what: string) => z.string().check(z.regex(form, what))
const accountId = text(/^\d{12}$/, 'an account id has 12 digits')
const glob = z
  .string()
  .check(z.maxLength(512), z.regex(/^(arn:|\*)/, 'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*'))
/** Must also be valid as a Resource in IAM, because the writer role has a Deny for it. */
const protectedGlob = text(
  /^(arn:[a-z*?-]+:(sso:::permissionSet\/|iam::[\d*?]*:(\*$|(role|user|group|policy)\/))|\*)[^\s:$]{0,480}$/,
  'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*, or like *break-glass* and without a colon',
)
const servicePrincipal = text(
  /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
  'a service principal, like ecs-tasks.amazonaws.com',
)
function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
const name = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))

/** From the least to the most that rolemedic does. */
export const MODES = ['observe', 'recommend', 'approve'] as const
export type Mode = (typeof MODES)[number]
const mode = z.enum(MODES, 'a mode is observe, recommend or approve')
/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html */
const unitId = text(/^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/, 'an organizational unit id is like ou-ab12-11111111')

const approvers = z.strictObject({
  users: z._default(z.array(chatUserId), []),
  groups: z._default(z.array(chatGroupId), []),
})

const approvedRoleSet = z.strictObject({
  name: name(64),
  pattern: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[^*?]+\*?$/, 'a role ARN, with at most one * and that at its end'),
  services: z.array(servicePrincipal).check(z.minLength(1)),
})

/** A person in the chat, and the name of that person in AWS: of an IAM user, or of a session if AWS or a provider sets session names. */
const personMapping = z
  .strictObject({
    ...personSchema,
    account: z.optional(accountId),
    /** What sets the session names, or gives the subject. Absent: Identity Center, or a source identity that a trust policy requires. */
    provider: z.optional(
      text(
        /^arn:aws[a-z-]*:iam::[\d*?]{1,12}:(?:saml-provider\/[\w.*?-]+|oidc-provider\/[\w.:/-]{1,255})$/,
        'the ARN of a SAML or OpenID Connect provider',
      ),
    ),
    user: z.optional(name(64)),
    session: z.optional(name(128)),
    /** As the provider gives it: the name id of a SAML assertion, or `sub` of a token. No glob. */
    subject: z.optional(text(/^[^\p{C}]{1,255}$/u, 'the subject as the provider gives it, without wildcards')),
  })
  .check(
    z.refine(
      ({ user, session, subject }) => [user, session, subject].filter(one => one !== undefined).length === 1,
      'exactly one of user, session and subject',
    ),
    z.refine(
      ({ provider, user }) => provider === undefined || user === undefined,
      'a provider names sessions, not users',
    ),
    z.refine(
      ({ provider, session }) => session === undefined || provider?.includes(':oidc-provider/') !== true,
      'who signs in with OpenID Connect chooses the session: name the subject',
    ),
    z.refine(
      ({ provider, subject, account }) =>
        subject === undefined || (provider !== undefined && !/[*?]/.test(provider) && account === undefined),
      'a subject needs the whole ARN of its provider, which has the account',
    ),
    z.refine(
      ({ provider, subject }) =>
        subject === undefined || !isWorkloadIssuer(provider?.split(':oidc-provider/')[1] ?? ''),
      'this provider signs in builds, which are nobody',
    ),
  )
const roleGlob = text(
  /^arn:aws[a-z-]*:iam::[\d*?]{1,12}:role\/[^\s]{1,480}$/,
  'a glob over role ARNs, like arn:aws:iam::*:role/ci-*',
)

/** `owner/name`; on GitLab, with the parent groups. */
const repositoryName = z.string().check(
  z.maxLength(255),
  z.regex(/^[\w][\w.-]*(\/[\w][\w.-]*)+$/, 'a repository is like acme/orders, without host and .git'),
  z.refine(value => !value.endsWith('.git') && !value.includes('..'), 'a repository is like acme/orders, without .git'),
)
const hostName = text(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){1,8}$/,
  'the name of a host in lower case, like github.com, without https:// and port',
)
/** https://git-scm.com/docs/git-check-ref-format, without characters that nobody uses in names of branches. */
const branchName = z.string().check(
  z.maxLength(200),
  z.regex(/^[\w][\w.+=@#-]*(\/[\w][\w.+=@#-]*)*$/, 'the name of a branch, like main'),
  z.refine(
    value => !/\.\.|\.lock$|\.$|@\{|\.lock\/|\.\//.test(value) && !value.startsWith('refs/'),
    'the name of a branch, like main, without refs/heads/',
  ),
  z.refine(value => !/^rolemedic(\/|$)/i.test(value), 'branches below rolemedic/ are those of the pull requests'),
)
const pathGlob = z.string().check(
  z.maxLength(300),
  z.regex(/^[^/\\\s\0][^\\\0]*$/, 'a path from the top of the repository, like envs/dev/**, without / first'),
  z.refine(value => !value.split('/').includes('..'), 'a path within the repository: no ..'),
  z.refine(value => (value.match(/\*\*/g) ?? []).length <= 4, 'a path has ** at most four times'),
)
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules */
const tagKey = text(
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
  'a tag key has 1 to 128 letters, digits, spaces or _.:/=+-@',
)

/** The repository for some roles and users. Every matcher that is set must match, and the first matching entry counts. */
const repository = z.strictObject({
  account: z.optional(accountId),
  principal: z.optional(
    text(
      /^(arn:aws[a-z*?-]*:(iam::[\d*?]{1,12}:|sso:::)[^\s]{1,480}|\*)$/,
      'a glob over ARNs of roles and users, like arn:aws:iam::*:role/orders-*',
    ),
  ),
  stack: z.optional(text(/^[A-Za-z*?][\w*?-]{0,127}$/, 'the name of a stack, like orders-*')),
  tags: z.optional(z.record(tagKey, z.string().check(z.maxLength(256)))),
  host: hostName,
  repository: repositoryName,
  branch: branchName,
  paths: z._default(z.array(pathGlob).check(z.minLength(1), z.maxLength(50)), ['**']),
  kind: z.enum(CODE_KINDS, `a kind is ${CODE_KINDS.join(', ')}`),
})

const CODE_HOST_KINDS = ['github', 'gitlab'] as const
/** A self-hosted Git host. github.com and gitlab.com need no entry. */
const codeHost = z.strictObject({
  kind: z.enum(CODE_HOST_KINDS, 'a Git host is github or gitlab'),
  apiUrl: z.optional(
    z
      .string()
      .check(
        z.maxLength(300),
        z.regex(
          /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?(\/[\w.-]+)*$/,
          'the address of the API, like https://git.example.com/api/v3, without / last',
        ),
      ),
  ),
})

const roleName = text(/^[\w+=,.@*?-]{1,128}$/, 'the name of a role, like break-glass-*, without a path')

/** Whether a grant may have no end, and how many people that takes at least. */
export const PERMANENT = ['never', 'two-approvers', 'always'] as const

/** What a regular expression engine may try again: each of them multiplies its time by the length of the ticket. */
const CHOICES = /\(|[*+]|(?<!\()\?|\{\d+,/g
const MAX_CHOICES = 3

/** Nothing in it takes longer than a power of three of the ticket's length. Whatever is in brackets or escaped is a plain character. */
const ticketPattern = z.string().check(
  z.minLength(1),
  z.maxLength(200),
  z.refine(isRegularExpression, 'a regular expression for the whole ticket, like [A-Z]{2,10}-[0-9]+'),
  z.refine(value => {
    if (/\\[1-9k]/.test(value)) return false
    const plain = value.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, 'x')
    return !/\)[*+?{]|\(\?(?!:)/.test(plain) && (plain.match(CHOICES) ?? []).length <= MAX_CHOICES
  }, 'a pattern repeats no group, looks neither ahead nor back, and has at most three groups and repetitions like *, +, ? and {2,10}'),
)
const ticketUrl = z
  .string()
  .check(
    z.maxLength(300),
    z.regex(
      /^https:\/\/[a-z0-9][a-z0-9.-]*(:\d{1,5})?\/[\w./?=&#%~+-]*\{ticket\}[\w./?=&#%~+-]*$/,
      'the address of a ticket, like https://example.atlassian.net/browse/{ticket}',
    ),
  )

/** Exactly: anyone who may create roles could give another one a name that a pattern covers. */
const administratorName = z
  .string()
  .check(
    z.regex(
      /^(?:role|user)\/(?!rolemedic-)[\w+=,.@-]{1,64}$/,
      'an administrator is named role/NAME or user/NAME, without a path, and is no role of rolemedic',
    ),
  )

/** When an approval takes the approver's own signature. */
const PASSKEY_NEEDS = ['off', 'elevated', 'always'] as const

const LOWEST_FIRST = ['low', 'elevated', 'high'] as const satisfies readonly Risk[]

/** What an approver gives with an approval. */
const approvalAsks = {
  reason: z.enum(['optional', 'required'], 'a reason is optional or required'),
  ticket: z.nullable(
    z.strictObject({
      pattern: ticketPattern,
      url: z._default(z.nullable(ticketUrl), null),
      required: z._default(z.boolean(), false),
    }),
  ),
  fromRisk: z.enum(LOWEST_FIRST, 'a risk is low, elevated or high'),
}
/** What is left out is as it is further up. */
const approvalAsksHere = z.strictObject({
  reason: z.exactOptional(approvalAsks.reason),
  ticket: z.exactOptional(approvalAsks.ticket),
  fromRisk: z.exactOptional(approvalAsks.fromRisk),
})

const instant = z.iso.datetime({ offset: true, error: 'a time is like 2026-12-18T16:00:00Z' })
const timeOfWeek = text(
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d$/,
  'a time of the week is like Fri 16:00, in UTC',
)
/** Neither accounts nor units: every account. */
const freezeWindow = z
  .strictObject({
    name: name(64),
    owner: name(64),
    from: z.exactOptional(instant),
    until: z.exactOptional(instant),
    weekly: z.exactOptional(z.strictObject({ from: timeOfWeek, until: timeOfWeek })),
    accounts: z.exactOptional(z.array(accountId).check(z.minLength(1))),
    organizationalUnits: z.exactOptional(z.array(unitId).check(z.minLength(1))),
  })
  .check(
    z.refine(
      ({ from, until, weekly }) => weekly !== undefined || (from !== undefined && until !== undefined),
      'give from and until, or weekly, or both',
    ),
    z.refine(
      ({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
      'until is not later than from',
    ),
    z.refine(({ weekly }) => weekly?.from !== weekly?.until || weekly === undefined, 'weekly has the same time twice'),
  )

const settings = {
  $schema: z.optional(z.string()),
  $comment: z.optional(z.union([z.string(), z.array(z.string())])),
  /** Absent: observe. */
  mode: z.exactOptional(mode),
  approvers: z.prefault(approvers, {}),
  accounts: z._default(
    z.record(
      accountId,
      z.strictObject({
        alias: z.optional(name(63)),
        mode: z.optional(mode),
        channel: z.optional(chatChannelId),
        approvers: z.optional(approvers),
        approval: z.exactOptional(approvalAsksHere),
        onCallGroup: z.exactOptional(z.nullable(chatGroupId)),
      }),
    ),
    {},
  ),
  organizationalUnits: z._default(
    z.record(unitId, z.strictObject({ mode: z.exactOptional(mode), approval: z.exactOptional(approvalAsksHere) })),
    {},
  ),
  onCallGroup: z._default(z.nullable(chatGroupId), null),
  approval: z.prefault(
    z.strictObject({
      reason: z._default(approvalAsks.reason, 'optional'),
      ticket: z._default(approvalAsks.ticket, null),
      fromRisk: z._default(approvalAsks.fromRisk, 'low'),
      passkey: z._default(z.enum(PASSKEY_NEEDS, `a passkey is needed ${PASSKEY_NEEDS.join(', ')}`), 'off'),
    }),
    {},
  ),
  passkeys: z.prefault(
    z.strictObject({
      people: z._default(z.nullable(z.array(chatUserId).check(z.minLength(2), z.maxLength(2000))), null),
      deviceBound: z._default(z.boolean(), false),
      administrators: z._default(z.array(administratorName).check(z.maxLength(50)), []),
    }),
    {},
  ),
  freezeWindows: z._default(z.array(freezeWindow).check(z.maxLength(100)), []),
  mentionRequester: z._default(z.boolean(), false),
  auditChannel: z._default(z.nullable(chatChannelId), null),
  protected: z._default(z.array(protectedGlob), [...DEFAULT_SETTINGS.protected]),
  administratorRoles: z._default(z.array(roleName), [...DEFAULT_SETTINGS.administratorRoles]),
  machineUsers: z._default(z.array(glob), []),
  machines: z._default(z.array(roleGlob), []),
  people: z._default(z.array(personMapping).check(z.maxLength(5000)), []),
  viewers: z._default(z.nullable(approvers), null),
  approvedRoleSets: z._default(z.array(approvedRoleSet), []),
  forbiddenActions: z._default(z.array(text(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action, like iam:CreateUser')), []),
  organizationAccounts: z._default(z.array(accountId), []),
  patchLikely: z._default(z.boolean(), DEFAULT_SETTINGS.patchLikely),
  grantGetRole: z._default(z.boolean(), DEFAULT_SETTINGS.grantGetRole),
  approvalExpiryHours: z._default(whole(1, 168), 8),
  limitedGrantHours: z._default(z.nullable(whole(1, 168)), 8),
  grants: z.prefault(
    z.strictObject({
      permanent: z.prefault(
        z.strictObject({
          people: z._default(z.enum(PERMANENT), 'two-approvers'),
          machines: z._default(z.enum(PERMANENT), 'always'),
        }),
        {},
      ),
    }),
    {},
  ),
  /** For a grant that a pull request replaces. */
  bridgeHours: z._default(whole(1, 168), 72),
  repositories: z._default(z.array(repository).check(z.maxLength(500)), []),
  codeHosts: z._default(z.record(hostName, codeHost), {}),
  /** CloudTrail's event history keeps 90 days, so a longer period could not be checked. */
  unusedGrantDays: z._default(z.nullable(whole(8, 60)), 30),
  reminderMinutes: z._default(whole(5, 1440), 30),
  settleSeconds: z._default(whole(0, 900), DEFAULT_SETTINGS.settleSeconds),
  /** The time between two reads before a write to a document that others edit too. */
  secondReadSeconds: z._default(whole(0, 30), 5),
  maxChangesPerPrincipalPerDay: z._default(whole(1, 100), DEFAULT_SETTINGS.maxChangesPerPrincipalPerDay),
  digestAfterCards: z._default(whole(1, 1000), 10),
  digestWindowMinutes: z._default(whole(1, 120), 10),
  deployWindowMinutes: z._default(whole(1, 240), 30),
  secondOpinion: z.prefault(
    z.strictObject({
      accessAnalyzer: z._default(z.boolean(), false),
      policySimulator: z._default(z.boolean(), false),
    }),
    {},
  ),
  breakGlass: z._default(
    z.nullable(
      z.strictObject({
        group: chatGroupId,
        announceChannel: chatChannelId,
        askAtHourUtc: z._default(z.int().check(z.gte(0), z.lte(23)), 8),
      }),
    ),
    null,
  ),
  approversPath: z._default(z.nullable(text(/^\/([^/*?$\s]+\/)*$/, 'an IAM path, like /on-call/')), null),
}

/** For commands that post nothing. */
export const configSchema = z.strictObject({ ...settings, channel: z.exactOptional(chatChannelId) })
/** For a bot, which posts messages. */
export const botConfigSchema = z.strictObject({ ...settings, channel: cardChannel })

export type CodeHostKind = (typeof CODE_HOST_KINDS)[number]
/** What the deployment adds to the file. */
type Deployed = {
  /** False: nobody named the account that administers Identity Center. Absent: they are written, as the simulator does. */
  readonly writesPermissionSets?: false
}
export type Config = z.infer<typeof configSchema> & Deployed
export type PermanentGrants = Config['grants']['permanent']
export type BotConfig = z.infer<typeof botConfigSchema> & Deployed
/** Of commands without a configuration, which show what people could approve. */
export const DEFAULT_CONFIG: Config = configSchema.parse({ mode: 'approve' })
