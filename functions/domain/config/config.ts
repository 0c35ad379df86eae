import * as z from 'zod'

/**
 * The schema of `rolemedic.config.json`; `config-json-schema.ts` describes each setting. Objects are strict, so a mistyped key
 * is an error. Durations have their unit in the name.
 */
const text = (form: RegExp, what: string) => z.string().check(z.regex(form, what))
const accountId = text(/^\d{12}$/, 'an account id has 12 digits')
const slackUserId = text(/^[UW][A-Z0-9]{2,}$/, 'a Slack user id starts with U or W, like U0ONCALL1')
const slackGroupId = text(/^S[A-Z0-9]{2,}$/, 'a Slack user group id starts with S')
const slackChannelId = text(/^[CGD][A-Z0-9]{2,}$/, 'a Slack channel id starts with C, like C0DEPLOYS')
const glob = z
  .string()
  .check(z.maxLength(512), z.regex(/^(arn:|\*)/, 'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*'))
/** Also valid as a Resource in IAM, because the writer role is denied it. */
const protectedGlob = text(
  /^(arn:[a-z*?-]+:(sso:::permissionSet\/|iam::[\d*?]*:(\*$|(role|user|group|policy)\/))|\*)[^\s:$]{0,480}$/,
  'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*, or like *break-glass* and without a colon',
)
const servicePrincipal = text(
  /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
  'a service principal, like ecs-tasks.amazonaws.com',
)
const name = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))

/** From the least to the most that rolemedic does. */
export const MODES = ['observe', 'recommend', 'approve'] as const
export type Mode = (typeof MODES)[number]
const mode = z.enum(MODES, 'a mode is observe, recommend or approve')
/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html */
const unitId = text(/^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/, 'an organizational unit id is like ou-ab12-11111111')

const approvers = z.strictObject({
  users: z._default(z.array(slackUserId), []),
  groups: z._default(z.array(slackGroupId), []),
})

const approvedRoleSet = z.strictObject({
  name: name(64),
  pattern: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[^*?]+\*?$/, 'a role ARN, with at most one * and that at its end'),
  services: z.array(servicePrincipal).check(z.minLength(1)),
})

/** One person of the chat, and how AWS names them: by IAM user, or by session where AWS or a provider names the session. */
const personMapping = z
  .strictObject({
    slack: slackUserId,
    account: z.optional(accountId),
    /** A SAML provider whose session names are its own. Absent: Identity Center, or `sourceIdentity`. */
    provider: z.optional(
      text(/^arn:aws[a-z-]*:iam::[\d*?]{1,12}:saml-provider\/[\w.*?-]+$/, 'the ARN of a SAML provider'),
    ),
    user: z.optional(name(64)),
    session: z.optional(name(128)),
  })
  .check(
    z.refine(
      ({ user, session }) => (user === undefined) !== (session === undefined),
      'either user or session, not both',
    ),
    z.refine(
      ({ provider, user }) => provider === undefined || user === undefined,
      'a provider names sessions, not users',
    ),
  )
const roleGlob = text(
  /^arn:aws[a-z-]*:iam::[\d*?]{1,12}:role\/[^\s]{1,480}$/,
  'a glob over role ARNs, like arn:aws:iam::*:role/ci-*',
)

const roleName = text(/^[\w+=,.@*?-]{1,128}$/, 'the name of a role, like break-glass-*, without a path')

export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  mode: z._default(mode, 'approve'),
  approvers: z.prefault(approvers, {}),
  accounts: z._default(
    z.record(
      accountId,
      z.strictObject({
        alias: z.optional(name(63)),
        mode: z.optional(mode),
        channel: z.optional(slackChannelId),
        approvers: z.optional(approvers),
      }),
    ),
    {},
  ),
  organizationalUnits: z._default(z.record(unitId, z.strictObject({ mode })), {}),
  channel: z._default(slackChannelId, 'C0DEPLOYS'),
  auditChannel: z._default(z.nullable(slackChannelId), null),
  protected: z._default(z.array(protectedGlob), []),
  administratorRoles: z._default(z.array(roleName), [
    'cdk-*-cfn-exec-role-*',
    'AWSControlTowerExecution',
    'OrganizationAccountAccessRole',
    'stacksets-exec-*',
    'AWSServiceRoleFor*',
    'AWSReservedSSO_*',
  ]),
  machineUsers: z._default(z.array(glob), []),
  machines: z._default(z.array(roleGlob), []),
  people: z._default(z.array(personMapping).check(z.maxLength(5000)), []),
  viewers: z._default(z.nullable(approvers), null),
  approvedRoleSets: z._default(z.array(approvedRoleSet), []),
  forbiddenActions: z._default(z.array(text(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action, like iam:CreateUser')), []),
  organizationAccounts: z._default(z.array(accountId), []),
  patchLikely: z._default(z.boolean(), false),
  grantGetRole: z._default(z.boolean(), false),
  approvalExpiryHours: z._default(whole(1, 168), 8),
  limitedGrantHours: z._default(z.nullable(whole(1, 168)), 8),
  reminderMinutes: z._default(whole(5, 1440), 30),
  settleSeconds: z._default(whole(0, 900), 60),
  /** Between two reads before a write to a document that others edit too. */
  secondReadSeconds: z._default(whole(0, 30), 5),
  maxChangesPerPrincipalPerDay: z._default(whole(1, 100), 10),
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
  breakGlass: z._default(z.nullable(z.strictObject({ group: slackGroupId, announceChannel: slackChannelId })), null),
  approversPath: z._default(z.nullable(text(/^\/([^/*?$\s]+\/)*$/, 'an IAM path, like /on-call/')), null),
})

export type Config = z.infer<typeof configSchema>
export const DEFAULT_CONFIG: Config = configSchema.parse({})
