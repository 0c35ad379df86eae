import * as z from '../schema.ts'

/**
 * The configuration, `rolemedic.config.json`. Every object is strict: a typo in a key is an error.
 * Durations carry their unit in the name.
 */
const text = (form: RegExp, what: string) => z.string().check(z.regex(form, what))
const accountId = text(/^\d{12}$/, 'an account id has 12 digits')
const slackUserId = text(/^[UW][A-Z0-9]{2,}$/, 'a Slack user id starts with U or W, like U0ONCALL1')
const slackGroupId = text(/^S[A-Z0-9]{2,}$/, 'a Slack user group id starts with S')
const slackChannelId = text(/^[CGD][A-Z0-9]{2,}$/, 'a Slack channel id starts with C, like C0DEPLOYS')
const glob = z
  .string()
  .check(z.maxLength(512), z.regex(/^(arn:|\*)/, 'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*'))
const servicePrincipal = text(
  /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
  'a service principal, like ecs-tasks.amazonaws.com',
)
const name = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))

const approvers = z.strictObject({
  users: z._default(z.array(slackUserId), []).check(z.describe('Slack users who may approve and reject.')),
  groups: z._default(z.array(slackGroupId), []).check(z.describe('Slack user groups whose members may.')),
})

const approvedRoleSet = z.strictObject({
  name: name(64),
  pattern: text(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[^*?]+\*?$/,
    'a role ARN, with at most one * and that at its end',
  ).check(z.describe('Roles that may be granted as one set.')),
  services: z.array(servicePrincipal).check(z.minLength(1), z.describe('The services that may receive them.')),
})

export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  approvers: z.prefault(approvers, {}).check(z.describe('Who may decide, where no account says otherwise.')),
  accounts: z._default(
    z.record(
      accountId,
      z.strictObject({
        alias: z.optional(name(63)).check(z.describe('Shown on cards beside the account id.')),
        channel: z.optional(slackChannelId),
        approvers: z.optional(approvers),
      }),
    ),
    {},
  ),
  channel: z
    ._default(slackChannelId, 'C0DEPLOYS')
    .check(z.describe('Where cards go, where no account says otherwise.')),
  protected: z
    ._default(z.array(glob), [])
    .check(z.describe('Globs over role and user ARNs that are never changed, passed or assumed by a patch.')),
  machineUsers: z
    ._default(z.array(glob), [])
    .check(
      z.describe(
        'Globs over ARNs of IAM users that no person acts through. Other users without an e-mail name need two approvers.',
      ),
    ),
  approvedRoleSets: z._default(z.array(approvedRoleSet), []),
  forbiddenActions: z
    ._default(z.array(text(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action, like iam:CreateUser')), [])
    .check(z.describe('Actions that a patch must never open: checked by Access Analyzer when secondOpinion is on.')),
  organizationAccounts: z
    ._default(z.array(accountId), [])
    .check(z.describe('Accounts counted as inside, where Organizations cannot be read.')),
  patchLikely: z
    ._default(z.boolean(), false)
    .check(z.describe('Offer a patch with two approvers where one decisive fact could not be seen.')),
  grantGetRole: z
    ._default(z.boolean(), false)
    .check(z.describe('Add iam:GetRole on the same role to a PassRole patch.')),
  approvalExpiryHours: z._default(whole(1, 168), 8),
  limitedGrantHours: z
    ._default(z.nullable(whole(1, 168)), 8)
    .check(z.describe('Length of "Approve for N h"; null hides it.')),
  reminderMinutes: z
    ._default(whole(5, 1440), 30)
    .check(z.describe('First reminder; each later one waits twice as long.')),
  settleSeconds: z
    ._default(whole(0, 900), 60)
    .check(z.describe('Wait between a denial and its diagnosis: IAM changes need that long to be seen.')),
  maxChangesPerPrincipalPerDay: z._default(whole(1, 100), 10),
  digestAfterCards: z
    ._default(whole(1, 1000), 10)
    .check(z.describe('More new cards than this within digestWindowMinutes become one list.')),
  digestWindowMinutes: z._default(whole(1, 120), 10),
  deployWindowMinutes: z
    ._default(whole(1, 240), 30)
    .check(z.describe('A denial this long before a failed deploy may explain it.')),
  secondOpinion: z.prefault(
    z.strictObject({
      accessAnalyzer: z._default(z.boolean(), false),
      policySimulator: z._default(z.boolean(), false),
    }),
    {},
  ),
  breakGlass: z
    ._default(z.nullable(z.strictObject({ group: slackGroupId, announceChannel: slackChannelId })), null)
    .check(
      z.describe('One group that may approve alone with a reason; announced in a second channel. Off by default.'),
    ),
  approversPath: z
    ._default(z.nullable(z.string().check(z.regex(/^\/([^/]+\/)*$/))), null)
    .check(z.describe('IAM path of the approvers’ own roles: never patched.')),
})

export type Config = z.infer<typeof configSchema>
export const DEFAULT_CONFIG: Config = configSchema.parse({})
