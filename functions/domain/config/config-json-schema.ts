import * as z from '../base/schema.ts'
import { configSchema } from './config.ts'

const USERS = 'Slack users who may approve and reject.'
const GROUPS = 'Slack user groups whose members may.'

/** What an editor says of each setting. Apart from the settings, because every function carries those. */
const DESCRIPTIONS: { readonly [setting: string]: string } = {
  approvers: 'Who may decide, where no account says otherwise.',
  'approvers.users': USERS,
  'approvers.groups': GROUPS,
  'accounts.alias': 'Shown on cards beside the account id.',
  'accounts.approvers.users': USERS,
  'accounts.approvers.groups': GROUPS,
  channel: 'Where cards go, where no account says otherwise.',
  protected:
    'Globs over ARNs of roles, users, policies and permission sets that are never changed, passed or assumed by a patch.',
  machineUsers:
    'Globs over ARNs of IAM users that no person acts through. Other users without an e-mail name need two approvers.',
  'approvedRoleSets.pattern': 'Roles that may be granted as one set.',
  'approvedRoleSets.services': 'The services that may receive them.',
  forbiddenActions: 'Actions that a patch must never open: checked by Access Analyzer when secondOpinion is on.',
  organizationAccounts: 'Accounts counted as inside, where Organizations cannot be read.',
  patchLikely: 'Offer a patch with two approvers where one decisive fact could not be seen.',
  grantGetRole: 'Add iam:GetRole on the same role to a PassRole patch.',
  limitedGrantHours: 'Length of "Approve for N h"; null hides it.',
  reminderMinutes: 'First reminder; each later one waits twice as long.',
  settleSeconds: 'Wait between a denial and its diagnosis: IAM changes need that long to be seen.',
  digestAfterCards: 'More new cards than this within digestWindowMinutes become one list.',
  deployWindowMinutes: 'A denial this long before a failed deploy may explain it.',
  breakGlass: 'One group that may approve alone with a reason; announced in a second channel. Off by default.',
  approversPath: 'IAM path of the approvers’ own roles: never patched.',
}

type JsonSchema = {
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | false
}

/** The configuration as JSON Schema, for editors: what may be written, not what it becomes with its defaults. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-07' }) as JsonSchema
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

/** What a list or a record holds has no name of its own. */
function inner(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const { description: _, ...rest } = described(schema, path) as JsonSchema & { readonly description?: string }
  return rest
}
