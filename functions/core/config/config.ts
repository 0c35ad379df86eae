import * as z from 'zod'

/**
 * The configuration, `rolemedic.config.json`. Every object is strict: a typo in a key is an error.
 * Durations carry their unit in the name.
 */
const accountId = z.string().regex(/^\d{12}$/, 'an account id has 12 digits')
const slackUserId = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'a Slack user id starts with U or W, like U0ONCALL1')
const slackGroupId = z.string().regex(/^S[A-Z0-9]{2,}$/, 'a Slack user group id starts with S')
const slackChannelId = z.string().regex(/^[CGD][A-Z0-9]{2,}$/, 'a Slack channel id starts with C, like C0DEPLOYS')
const glob = z
  .string()
  .max(512)
  .regex(/^(arn:|\*)/, 'a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*')
const servicePrincipal = z
  .string()
  .regex(/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/, 'a service principal, like ecs-tasks.amazonaws.com')

const approvers = z.strictObject({
  users: z.array(slackUserId).default([]).describe('Slack users who may approve and reject.'),
  groups: z.array(slackGroupId).default([]).describe('Slack user groups whose members may.'),
})

const approvedRoleSet = z.strictObject({
  name: z.string().min(1).max(64),
  pattern: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[^*?]+\*?$/, 'a role ARN, with at most one * and that at its end')
    .describe('Roles that may be granted as one set.'),
  services: z.array(servicePrincipal).min(1).describe('The services that may receive them.'),
})

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  approvers: approvers.prefault({}).describe('Who may decide, where no account says otherwise.'),
  accounts: z
    .record(
      accountId,
      z.strictObject({
        alias: z.string().min(1).max(63).optional().describe('Shown on cards beside the account id.'),
        channel: slackChannelId.optional(),
        approvers: approvers.optional(),
      }),
    )
    .default({}),
  channel: slackChannelId.default('C0DEPLOYS').describe('Where cards go, where no account says otherwise.'),
  protected: z
    .array(glob)
    .default([])
    .describe('Globs over role and user ARNs that are never changed, passed or assumed by a patch.'),
  machineUsers: z
    .array(glob)
    .default([])
    .describe(
      'Globs over ARNs of IAM users that no person acts through. Other users without an e-mail name need two approvers.',
    ),
  approvedRoleSets: z.array(approvedRoleSet).default([]),
  forbiddenActions: z
    .array(z.string().regex(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action, like iam:CreateUser'))
    .default([])
    .describe('Actions that a patch must never open: checked by Access Analyzer when secondOpinion is on.'),
  organizationAccounts: z
    .array(accountId)
    .default([])
    .describe('Accounts counted as inside, where Organizations cannot be read.'),
  patchLikely: z
    .boolean()
    .default(false)
    .describe('Offer a patch with two approvers where one decisive fact could not be seen.'),
  grantGetRole: z.boolean().default(false).describe('Add iam:GetRole on the same role to a PassRole patch.'),
  approvalExpiryHours: z.number().int().min(1).max(168).default(8),
  limitedGrantHours: z
    .number()
    .int()
    .min(1)
    .max(168)
    .nullable()
    .default(8)
    .describe('Length of "Approve for N h"; null hides it.'),
  reminderMinutes: z
    .number()
    .int()
    .min(5)
    .max(1440)
    .default(30)
    .describe('First reminder; each later one waits twice as long.'),
  settleSeconds: z
    .number()
    .int()
    .min(0)
    .max(900)
    .default(60)
    .describe('Wait between a denial and its diagnosis: IAM changes need that long to be seen.'),
  maxChangesPerPrincipalPerDay: z.number().int().min(1).max(100).default(10),
  digestAfterCards: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('More new cards than this within digestWindowMinutes become one list.'),
  digestWindowMinutes: z.number().int().min(1).max(120).default(10),
  deployWindowMinutes: z
    .number()
    .int()
    .min(1)
    .max(240)
    .default(30)
    .describe('A denial this long before a failed deploy may explain it.'),
  secondOpinion: z
    .strictObject({
      accessAnalyzer: z.boolean().default(false),
      policySimulator: z.boolean().default(false),
    })
    .prefault({}),
  breakGlass: z
    .strictObject({ group: slackGroupId, announceChannel: slackChannelId })
    .nullable()
    .default(null)
    .describe('One group that may approve alone with a reason; announced in a second channel. Off by default.'),
  approversPath: z
    .string()
    .regex(/^\/([^/]+\/)*$/)
    .nullable()
    .default(null)
    .describe('IAM path of the approvers’ own roles: never patched.'),
})

export type Config = z.infer<typeof configSchema>
export const DEFAULT_CONFIG: Config = configSchema.parse({})
