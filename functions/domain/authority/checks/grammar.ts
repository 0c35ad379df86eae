/**
 * The grammar of what `write` can write: a change adds role actions on exact roles for exact principals, or more values in one condition
 * list, and removes only what rolemedic wrote. It holds for every signature: a forged pair of signatures opens PassRole and AssumeRole edges
 * and nothing else.
 */
import { GRANTED_BY_TRUST, GRANTED_TO_CALLERS, KEYS_OF_THESE_ACTIONS } from '../../../../core/actions/names.ts'
import { canonicalJson } from '../../../../core/base/canonical-json.ts'
import { hasOwnSid, list, type Statement } from '../../../../core/iam/policy/policy-document.ts'
import { conditionTests, minus, statementForm } from '../../../../core/iam/policy/same-policy.ts'
import type { DocumentChange, Target } from '../../../../core/patch/target.ts'

/** Null: every change is one that rolemedic may make. `sets`: the patterns of approved role sets. */
export function outsideGrammar(changes: readonly DocumentChange[], sets: readonly string[]): string | null {
  const places = new Set(changes.map(({ target }) => canonicalJson([target.arn, target.policyName])))
  if (places.size !== changes.length) return 'one document is changed twice'
  for (const change of changes) {
    const why = wrongTarget(change.target) ?? wrongChange(change, sets)
    if (why !== null) return `${change.target.arn}: ${why}`
  }
  return null
}

/** A path has any printable character; `*`, `?` and `${` would be a pattern. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
const PATH = String.raw`(?!.*\$\{)(?:[!-)+-.0->@-~]+\/)*`
const entity = (type: string, chars: number): RegExp =>
  new RegExp(String.raw`^arn:aws[a-z-]*:iam::(\d{12}):${type}\/${PATH}([\w+=,.@-]{1,${chars}})$`)
const ROLE_ARN = entity(String.raw`role(?!\/aws-service-role\/|\/aws-reserved\/)`, 64)
const ARN_FORMS = {
  'role-inline-policy': ROLE_ARN,
  'role-trust-policy': ROLE_ARN,
  'user-inline-policy': entity('user', 64),
  'managed-policy': entity('policy', 128),
} as const

/** The ARN, the account and the names are of one entity, which is not one of AWS's own. */
function wrongTarget({ kind, accountId, name, policyName, arn }: Target): string | null {
  const isInline = kind === 'role-inline-policy' || kind === 'user-inline-policy'
  if (isInline !== (policyName !== null)) return 'the target names no document'
  if (policyName !== null && !/^[\w+=,.@-]{1,128}$/.test(policyName)) return 'the name of the policy is none'
  if (kind === 'permission-set-inline-policy') return /^[\w+=,.@-]{1,32}$/.test(name) ? null : 'it is no permission set'
  const [, account, entity] = ARN_FORMS[kind].exec(arn) ?? []
  return account === accountId && entity === name ? null : 'the ARN is not that of the target, or AWS owns it'
}

function wrongChange({ target, before, after }: DocumentChange, sets: readonly string[]): string | null {
  if (before === null && !target.kind.endsWith('inline-policy')) return 'only inline policies are created'
  if (after.Version !== (before === null ? '2012-10-17' : before.Version)) return 'the Version changes'
  if (after.Id !== before?.Id) return 'the Id changes'
  const old = before?.Statement ?? []
  const isTrust = target.kind === 'role-trust-policy'
  const gone = minus(old, after.Statement)
  // Of other actions than ours, one variant takes the place of its statement: beside it, it would outlive what its owner removes.
  const replaced = [...(isTrust ? old : gone)]
  for (const statement of minus(after.Statement, old)) {
    const at = replaced.findIndex(one => isVariant(one, statement, isTrust))
    if (at !== -1 && !isTrust) replaced.splice(at, 1)
    if (at !== -1) continue
    const why = wrongStatement(statement, isTrust, sets)
    if (why !== null) return why
  }
  const isKept = (one: Statement) => after.Statement.some(now => now.Sid === one.Sid && isVariant(one, now, isTrust))
  const foreign = gone.find(one => !(hasOwnSid(one) && one.Effect === 'Allow') && !isKept(one))
  return foreign === undefined ? null : 'a statement that rolemedic did not write is removed or changed'
}

/**
 * The statement with other values in one condition list, under its own name or, in a trust policy, under one of rolemedic's beside it.
 * What it opens is limited to role actions, or it allows less than before.
 */
function isVariant(original: Statement, now: Statement, isTrust: boolean): boolean {
  if (original.Effect !== 'Allow' || (now.Sid !== original.Sid && !(isTrust && hasOwnSid(now)))) return false
  if (bareForm(original) !== bareForm(now) || spellsTwice(original) || spellsTwice(now)) return false
  const [then, here] = [new Map(conditionTests(original)), new Map(conditionTests(now))]
  const end = then.get(END)
  if (end !== undefined && !endsBy(here.get(END), end)) return false
  const names = [...new Set([...then.keys(), ...here.keys()])].filter(name => name !== END)
  const [name, ...more] = names.filter(one => canonicalJson(then.get(one)) !== canonicalJson(here.get(one)))
  if (name === undefined) return true
  if (more.length > 0 || !then.has(name) || !here.has(name)) return false
  const [operator = '', key = ''] = name.split(' ')
  const isOfRoles = (action: string) => GRANTED_TO_CALLERS.some(one => isSame(one, action))
  // In a trust policy every statement opens role actions only.
  if (isTrust || (original.Action !== undefined && list(original.Action).every(isOfRoles))) return true
  // `Null` would turn to all requests that lack the key.
  if (!operator.endsWith('null') && KEYS_OF_THESE_ACTIONS.some(one => isSame(one, key))) return true
  // Of an operator that admits by its values, fewer values allow less.
  return ADMITS.test(operator) && (here.get(name) ?? []).every(value => then.get(name)?.includes(value))
}

const END = 'datelessthan aws:currenttime'
const ADMITS = /^(?:foranyvalue:)?(?:string|arn)(?:equals|like|equalsignorecase)(?:ifexists)?$/

const bareForm = ({ Sid: _, Condition: __, ...rest }: Statement): string => statementForm(rest)

/** Without an end in its list, a statement never applies. */
const endsBy = (now: readonly string[] | undefined, end: readonly string[]): boolean =>
  end.length > 0 && now?.every(one => end.every(latest => Date.parse(one) <= Date.parse(latest))) === true

function wrongStatement(statement: Statement, isTrust: boolean, sets: readonly string[]): string | null {
  const { Effect, Action, Resource, NotAction, NotResource, Principal, NotPrincipal } = statement
  if (Effect !== 'Allow') return 'a statement with another effect than Allow'
  if (NotAction !== undefined || NotResource !== undefined || NotPrincipal !== undefined) return 'a statement with Not…'
  if (!hasOwnSid(statement)) return 'a statement that is not named as one of rolemedic'
  if (spellsTwice(statement)) return 'a condition key in two spellings'
  const names = isTrust ? GRANTED_BY_TRUST : GRANTED_TO_CALLERS
  const foreign = list(Action).find(action => !names.includes(action))
  if (Action === undefined || foreign !== undefined) return `the action ${foreign ?? 'of none'}`
  if (isTrust) return Resource === undefined ? wrongPrincipal(statement) : 'a trust statement with a Resource'
  if (Principal !== undefined || Resource === undefined) return 'a policy statement with a Principal'
  const open = list(Resource).find(one => !ROLE.test(one) && !(ROLE_SET.test(one) && sets.includes(one)))
  return open === undefined ? null : `the resource ${open}`
}

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/(?!.*\$\{)[!-)+->@-~]{1,600}$/
/** A pattern of an approved set, where the configuration has it. */
const ROLE_SET = /^arn:aws[a-z-]*:iam::\d{12}:role\/(?!.*\$\{)[!-)+->@-~]{1,600}\*$/
const ENTITY =
  /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:role|user|oidc-provider|saml-provider)|sts::\d{12}:assumed-role)\/(?!.*\$\{)[!-)+->@-~]{1,600}$/
const ACCOUNT = /^arn:aws[a-z-]*:iam::\d{12}:root$/
const SERVICE = /^[a-z0-9][a-z0-9.-]{0,120}\.(?:amazonaws\.com|amazonaws\.com\.cn|amazon\.com|aws\.internal)$/
/** One permission set in one account: Identity Center makes its roles again under another suffix. */
const SET_ROLES =
  /^arn:aws[a-z-]*:iam::\d{12}:role\/aws-reserved\/sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?AWSReservedSSO_[\w+=,.@-]{1,32}_\?{16}$/

function wrongPrincipal({ Principal, Condition }: Statement): string | null {
  if (Principal === undefined || Principal === '*') return 'the principal *, or none'
  const pinned = Object.entries(Condition?.['ArnLike'] ?? {}).some(
    ([key, values]) => isSame(key, 'aws:PrincipalArn') && list(values).every(one => SET_ROLES.test(String(one))),
  )
  for (const [type, names] of Object.entries(Principal))
    for (const name of list(names)) {
      const isExact =
        type === 'Service' ? SERVICE.test(name) : ENTITY.test(name) || (type === 'AWS' && pinned && ACCOUNT.test(name))
      if (!isExact) return `the principal ${String(name).slice(0, 200)}`
    }
  return Object.keys(Principal).length === 0 ? 'no principal' : null
}

/** IAM takes operators and keys in any case: of two spellings, one would hide what the other says. */
const spellsTwice = (statement: Statement): boolean =>
  new Map(conditionTests(statement)).size !== conditionTests(statement).length

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
