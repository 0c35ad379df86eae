/** The role and the principal of a need, as far as they are known before the deploy. */
import type { Unknown } from '../../../core/base/index.ts'
import { type Principal, principalNamed, UNKNOWN_PRINCIPAL } from '../../../core/denial/index.ts'
import { parseArn, roleArn } from '../../../core/iam/index.ts'
import type { DeployNeeds, Need } from '../../../iac/needs/index.ts'
import { type Hole, knownText, patternOf, type RoleText } from '../../../iac/source/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'

export type DeployPrincipals = {
  /** The principal that deploys the resources. */
  readonly principal: string
  /** The principal that starts the deploy, if it is known. */
  readonly caller: string | null
}

export type NeedQuestion = {
  readonly need: Need
  /** An ARN with `*` for parts that only the deploy knows. */
  readonly role: string
  /** The exact ARN. Null: it is unknown, for the given reason. */
  readonly exact: string | null
  readonly unknown: Unknown | null
  readonly by: Principal
  /** The role as the source names it, also where it is inside an instance profile. */
  readonly text: RoleText
}

type Context = {
  readonly deploy: DeployNeeds
  readonly principals: DeployPrincipals
  readonly partition: string
  readonly reader: AccessReader
}

export async function needQuestion(need: Need, context: Context): Promise<NeedQuestion> {
  const by = principalOf(need, context.principals)
  const accountId = by.accountId ?? principalNamed(context.principals.principal).accountId
  const text = need.role.kind === 'role' ? need.role.text : await insideProfile(need.role.text, accountId, context)
  const known = knownText(text)
  const exact = known === null ? null : await exactArn(known, accountId, context)
  const role = exact ?? patternArn(text, accountId, context.partition)
  const unknown = exact === null ? { fact: 'the role', why: whyUnknown(text) } : null
  return { need, role, exact, unknown, by, text }
}

function principalOf({ actor }: Need, { principal, caller }: DeployPrincipals): Principal {
  switch (actor.kind) {
    case 'principal':
      return principalNamed(principal)
    case 'caller':
      return caller === null ? UNKNOWN_PRINCIPAL : principalNamed(caller)
    default: {
      const arn = knownText(actor.role)
      return arn === null ? UNKNOWN_PRINCIPAL : principalNamed(arn)
    }
  }
}

/** A name without an ARN is a role of the deploy's account. Only IAM knows its path. */
async function exactArn(
  text: string,
  accountId: string | null,
  { partition, reader }: Context,
): Promise<string | null> {
  if (text.startsWith('arn:')) return /[*?]/.test(text) ? null : text
  if (accountId === null || text === '') return null
  const name = text.split('/').at(-1) ?? text
  const read = await reader.role({ accountId, name }, 'trust')
  return read.kind === 'found' ? read.value.arn : roleArn(partition, accountId, text.replace(/^\/?/, ''), '/')
}

async function insideProfile(text: RoleText, accountId: string | null, { deploy, reader }: Context): Promise<RoleText> {
  const known = knownText(text)
  const name = known?.split('/').at(-1) ?? null
  const made = deploy.profiles.find(
    profile =>
      (text.resource?.scope === profile.scope && text.resource.logicalId === profile.logicalId) ||
      (name !== null && profile.name === name),
  )
  const [role] = made?.roles ?? []
  if (role !== undefined) return { ...role, from: text.from }
  const unread = {
    pieces: [{ hole: `the role in the instance profile ${name ?? ''}`.trim(), from: 'unknown' as const }],
  }
  if (name === null) return { ...text, ...unread }
  const owner = /^\d{12}$/.test(parseArn(known ?? '')?.accountId ?? '') ? parseArn(known ?? '')?.accountId : accountId
  if (owner == null) return { ...text, ...unread }
  const read = await reader.instanceProfileRole({ accountId: owner, name })
  return read.kind === 'found' ? { ...text, pieces: [read.value] } : { ...text, ...unread }
}

function patternArn(text: RoleText, accountId: string | null, partition: string): string {
  const pattern = patternOf(text)
  if (/^arn:[^:]*:iam::[^:]*:role\//.test(pattern)) return pattern
  const name = pattern.startsWith('*') || pattern.startsWith('arn:') ? '*' : pattern
  return `arn:${partition}:iam::${accountId ?? '*'}:role/${name}`
}

function whyUnknown({ pieces, from }: RoleText): string {
  const holes = pieces.filter((piece): piece is Hole => typeof piece !== 'string').map(({ hole }) => hole)
  const what = holes.length === 0 ? 'it' : [...new Set(holes)].join(' and ')
  switch (from) {
    case 'same-template':
      return `${what} is chosen during the deploy: give the role a fixed name to have it checked and granted before`
    case 'parameter':
      return `${what} has no value here`
    case 'import':
      return `${what} is not in what was read`
    default:
      return `only the deploy will know ${what}`
  }
}
