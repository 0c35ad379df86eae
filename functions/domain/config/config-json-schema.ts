import * as z from 'zod'
import { CHAT, CHAT_NAME } from './chat-ids.ts'
import { botConfigSchema } from './config.ts'

const USERS = `${CHAT_NAME} users who may approve and reject.`
const GROUPS = `${CHAT_NAME} user groups whose members may approve and reject.`

/** Help texts that an editor shows for each setting. Separate from the settings, because every function bundles those. */
const DESCRIPTIONS: { readonly [setting: string]: string } = {
  mode: 'What rolemedic does, unless an account or its organizational unit says otherwise: observe (diagnose, count and record; one digest a day), recommend (cards with the change as code, and nothing to press), approve (cards with Approve). The nearest setting wins: account, unit, then this.',
  'accounts.mode': 'What rolemedic does in this account.',
  organizationalUnits: 'By the id of the unit. The nearest unit above an account counts.',
  'organizationalUnits.mode': 'What rolemedic does in the accounts of the unit, and of the units below it.',
  onCallGroup: `The ${CHAT_NAME} user group of those who are on call, which a schedule keeps up to date: reminders mention it in place of the approvers. It approves nothing, and must not be a group of approvers; null: approvers are mentioned.`,
  'accounts.onCallGroup': 'For cards of this account.',
  mentionRequester:
    'Mention the person who was denied, if it is proved who, in the thread of the card: when it is allowed, rejected (with the reason) or expired.',
  approval:
    'What an approver gives with an approval: a form asks for it before the approval counts. Accounts and organizational units may say otherwise, setting by setting. Break-glass has a form of its own.',
  'approval.reason': 'Why the change is right: optional or required.',
  'approval.ticket':
    'The ticket of the change, shown as a link; null: none is asked for. With one, the form opens also where nothing is required.',
  'approval.fromRisk': 'The lowest risk at which the form opens.',
  'approval.passkey':
    'When an approval takes a signature of the approver’s own passkey: off, elevated (elevated and high risk, break-glass, and grants without an end for people) or always. Enroll people first: docs/passkeys.md. Reject, Revert and ends never need one.',
  passkeys: 'Whose passkeys count, where approval.passkey asks for them.',
  'passkeys.people':
    'The only people whose approvals count where a passkey is needed, whatever a user group says; null: everybody who may approve.',
  'passkeys.administrators':
    'Who may enroll and remove passkeys with AWS credentials: role/NAME or user/NAME in the account of the hub, exactly. Each person of an Identity Center role is one administrator; any other role is one.',
  'passkeys.deviceBound': 'Only passkeys count that cannot be copied to another device, such as security keys.',
  'organizationalUnits.approval': 'For the accounts of the unit, and of the units below it.',
  'accounts.approval': 'For approvals of changes in this account.',
  freezeWindows:
    'When nothing is granted, except with break-glass: from and until, or every week between two times (UTC), or a weekly window within dates. Reverts and the ends of grants go on.',
  'freezeWindows.name': 'Shown on cards and in refusals.',
  'freezeWindows.owner': 'Whom to ask about the freeze.',
  'freezeWindows.accounts': 'Without accounts and organizationalUnits, every account.',
  'freezeWindows.organizationalUnits': 'Their accounts, and those of the units below.',
  approvers: 'Who may approve and reject, unless an account overrides it.',
  'approvers.users': USERS,
  'approvers.groups': GROUPS,
  'accounts.alias': 'Shown on cards next to the account id.',
  'accounts.approvers.users': USERS,
  'accounts.approvers.groups': GROUPS,
  channel: 'The channel for cards, unless an account overrides it. It has no default.',
  auditChannel: 'The channel for the daily checkpoint of the audit log; null: the channel for cards.',
  protected:
    'Globs over ARNs of roles, users, policies and permission sets that are never changed, passed or assumed by a patch.',
  administratorRoles:
    'Names of roles that administer accounts, with * and ?: nothing changes their policies or trust. Passing or assuming one takes two approvers. A list replaces the default: repeat what you keep, and add your break-glass roles.',
  secondReadSeconds:
    'How long write waits before it reads a document again that others edit too, and writes only if it is the same.',
  machineUsers:
    'Globs over ARNs of IAM users that no person uses. Users that are neither here nor in people need two approvers.',
  machines:
    'Globs over ARNs of roles that are entered with the tokens of your own issuer (OpenID Connect) for builds. A role that people can enter is no machine, whatever its name. Everybody else is an unknown person: two approvers.',
  people: `Which ${CHAT_NAME} user an IAM user or a session is: they cannot approve their own denial.`,
  [`people.${CHAT}`]: `The ${CHAT_NAME} user.`,
  'people.account': 'Only in this account; absent: in every account.',
  'people.provider':
    'The SAML or OpenID Connect provider that gives the subject, or the SAML provider that names the session; absent: Identity Center, or a source identity that the trust policy of the role sets.',
  'people.user': 'Name of the IAM user; * and ? are wildcards.',
  'people.session': 'Name of the session; * and ? are wildcards.',
  'people.subject':
    'Who signs in, exactly as the provider gives it: the name id of SAML, or sub of OpenID Connect. It counts where the records of CloudTrail lead to this sign-in.',
  viewers: 'Who may use the slash command, beside the approvers; null: only they.',
  'viewers.users': `${CHAT_NAME} users.`,
  'viewers.groups': `${CHAT_NAME} user groups.`,
  'approvedRoleSets.pattern': 'The roles of the set, granted together.',
  'approvedRoleSets.services': 'The services that these roles may be passed to.',
  forbiddenActions: 'Actions that a patch must never allow; Access Analyzer also checks this if secondOpinion is on.',
  organizationAccounts: 'Accounts that count as inside the organization if Organizations cannot be read.',
  patchLikely: 'Offer a patch, with two approvers, even if one decisive fact could not be seen.',
  grantGetRole: 'Add iam:GetRole on the same role to a PassRole patch.',
  limitedGrantHours: 'Length of "Approve for N h"; null hides it.',
  'grants.permanent.people':
    'Whether a grant for a person, or for nobody who can be named, may have no end: never, only with two approvers, or always.',
  'grants.permanent.machines': 'The same for machines, whose next deploy is denied again when a grant ends.',
  bridgeHours:
    'Length of the grant of "Approve, with pull request": the time in which the pull request has to be merged and deployed.',
  repositories:
    'Where the code of roles and users is kept. Of account, principal, stack and tags, all that are given have to fit; the first entry that does is taken.',
  'repositories.account': 'The account of the role or user.',
  'repositories.principal': 'A glob over the ARN of the role or user whose policy changes.',
  'repositories.stack':
    'The name of its CloudFormation stack (tag aws:cloudformation:stack-name); * and ? are wildcards.',
  'repositories.tags':
    'Tags of the role or user, such as git_org and git_repo of Yor; in values, * and ? are wildcards.',
  'repositories.host': 'github.com, gitlab.com, or a host that codeHosts names.',
  'repositories.repository': 'Like acme/orders.',
  'repositories.branch': 'What the pull request is to be merged into. Nothing is ever written to it.',
  'repositories.paths': 'The only files that are read and edited; * stays within a folder, ** does not.',
  'repositories.kind': 'What the code is written in.',
  codeHosts: 'Git hosts of your own, by name.',
  'codeHosts.kind': 'What runs there.',
  'codeHosts.apiUrl':
    'The address of the API, where it is not https://HOST/api/v3 (GitHub; of GHE.com https://api.HOST) or https://HOST (GitLab).',
  unusedGrantDays: 'After so many days without a use, a card asks whether a grant is still needed; null asks never.',
  reminderMinutes: 'First reminder; each later one waits twice as long.',
  settleSeconds:
    'Until then a card has no buttons, because IAM changes need that long to take effect. 0: one look, at once.',
  digestAfterCards: 'If more new cards than this arrive within digestWindowMinutes, they become one list.',
  deployWindowMinutes: 'A denial at most this long before a failed deploy may explain it.',
  breakGlass:
    'One group whose members may approve alone, with a reason, for limitedGrantHours and at most 4 h; announced in a second channel. At askAtHourUtc of the next morning (UTC, 8 by default) the ordinary approvers are asked whether it was right. Off by default.',
  approversPath: 'IAM path of the approvers’ own roles: never patched.',
}

type JsonSchema = {
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | false
}

/** The JSON Schema of the configuration file, for editors. It describes the input, before defaults apply. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(botConfigSchema, { io: 'input', target: 'draft-07' }) as JsonSchema
  return `${JSON.stringify({ ...described(schema, []), title: 'rolemedic configuration' }, null, 2)}\n`
}

function described(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const description = DESCRIPTIONS[path.join('.')]
  const { properties, items, additionalProperties } = schema
  return {
    ...(description === undefined ? {} : { description }),
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, described(value, [...path, name])]),
      ),
    }),
    ...(items && { items: inner(items, path) }),
    ...(additionalProperties && { additionalProperties: inner(additionalProperties, path) }),
  }
}

/** The schema of list or record items, which need no description. */
function inner(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const { description: _, ...rest } = described(schema, path) as JsonSchema & { readonly description?: string }
  return rest
}
