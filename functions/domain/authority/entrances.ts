/**
 * Whom the trust policy of a role lets in: machines, or people, and whether it says who they are. Deny statements are not
 * looked at: they only take entrances away. What cannot be read as a machine counts as people.
 */

import type { Fact } from '../../../core/base/index.ts'
import {
  accountPrincipal,
  type EntityArn,
  isPrincipalArn,
  list,
  matchesGlob,
  type PolicyDocument,
  parseArn,
  parseEntityArn,
  parseRoleArn,
  readsVariables,
  type Statement,
} from '../../../core/iam/index.ts'
import { type Config, isWorkloadIssuer } from '../config/index.ts'

/** The one source identity that a statement lets in: a fixed value, or the name of the IAM user who calls. */
export type Pin = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'user-name' }

export type Entrance =
  | { readonly kind: 'machine' }
  /** An OpenID Connect issuer that is not known: it may serve builds, or the people of a company. */
  | { readonly kind: 'issuer'; readonly pin: Pin | null }
  | { readonly kind: 'saml'; readonly provider: string; readonly pin: Pin | null }
  /** People work in what the service runs, with the credentials of the role. */
  | { readonly kind: 'seat'; readonly service: string; readonly pin: Pin | null }
  /** Every session of one role. */
  | { readonly kind: 'role'; readonly arn: string; readonly pin: Pin | null }
  /** `user`: the ARN of the one IAM user that is let in; null: more than one. */
  | { readonly kind: 'people'; readonly user: string | null; readonly pin: Pin | null }

export function entrancesOf(document: PolicyDocument): readonly Entrance[] {
  const hasVariables = readsVariables(document)
  return document.Statement.filter(letsIn).flatMap(statement =>
    entrancesOfStatement(statement, pinOf(statement, hasVariables)),
  )
}

const ENTERING = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity']

/** Tags, contexts and source identities alone let nobody in. */
function letsIn({ Effect, Action }: Statement): boolean {
  if (Effect !== 'Allow') return false
  if (Action === undefined) return true
  return list(Action).some(pattern => ENTERING.some(action => matchesGlob(pattern.toLowerCase(), action)))
}

function entrancesOfStatement(statement: Statement, pin: Pin | null): readonly Entrance[] {
  const { Principal, NotPrincipal } = statement
  // Everybody: in another account, anybody can make a user of any name.
  if (NotPrincipal !== undefined || Principal === undefined || typeof Principal === 'string') return [EVERYBODY]
  const admitted = rolesAdmitted(statement)
  return Object.entries(Principal).flatMap(([type, names]) =>
    list(names).flatMap(name => {
      const roles = type === 'AWS' ? admitted.filter(role => isAccountOf(role, name)) : []
      return roles.length === 0
        ? [entranceOf(type, name, pin)]
        : roles.map(({ text }): Entrance => ({ kind: 'role', arn: text, pin }))
    }),
  )
}

const isAccountOf = (role: EntityArn, principal: string): boolean =>
  principal === accountPrincipal(role) || principal === role.accountId

/**
 * The roles that a condition limits the accounts of a statement to, by operators that never hold without the key. Empty: it limits
 * them to something else, or not at all. For each session of a role, `aws:PrincipalArn` is the ARN of the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
 */
function rolesAdmitted(statement: Statement): readonly EntityArn[] {
  const values = valuesUnder(NAMING, isPrincipalArn, statement).flat()
  const roles = values.map(value => (typeof value === 'string' && !PATTERN.test(value) ? parseRoleArn(value) : null))
  return roles.every(role => role !== null) ? roles : []
}

const NAMING: readonly string[] = ['StringEquals', 'StringLike', 'ArnEquals', 'ArnLike']
const PATTERN = /[*?$]/

/** The values of a key in each condition on it with one of the operators. */
function valuesUnder(
  operators: readonly string[],
  isKey: (key: string) => boolean,
  { Condition = {} }: Statement,
): readonly (readonly unknown[])[] {
  return Object.entries(Condition)
    .filter(([operator]) => operators.includes(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .flatMap(([key, values]) => (isKey(key) ? [list(values)] : []))
}

const EVERYBODY: Entrance = { kind: 'people', user: null, pin: null }

function entranceOf(type: string, name: string, pin: Pin | null): Entrance {
  if (name.includes('*')) return EVERYBODY
  if (type === 'Service') return isSeat(name) ? { kind: 'seat', service: name, pin } : { kind: 'machine' }
  if (type !== 'Federated') {
    const entity = type === 'AWS' ? parseEntityArn(name) : null
    if (entity?.kind === 'role') return { kind: 'role', arn: name, pin }
    return { kind: 'people', user: entity?.kind === 'user' ? name : null, pin }
  }
  const resource = parseArn(name)?.resource ?? ''
  if (resource.startsWith('saml-provider/')) return { kind: 'saml', provider: name, pin }
  // Without an ARN: Cognito, Google, Facebook, Amazon. People sign in there.
  if (!resource.startsWith('oidc-provider/')) return { kind: 'people', user: null, pin }
  return isWorkloadIssuer(resource.slice('oidc-provider/'.length)) ? { kind: 'machine' } : { kind: 'issuer', pin }
}

/**
 * Only one value without wildcards, under an operator that always holds, sets it: a list leaves the choice to the caller, and
 * `…IfExists`, `ForAllValues` and `ForAnyValue` are true without the key. Of the variables, `aws:username` alone cannot be
 * chosen by a caller: only IAM users have it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function pinOf(statement: Statement, hasVariables: boolean): Pin | null {
  const named = valuesUnder(PINNING, key => key.toLowerCase() === 'sts:sourceidentity', statement)
  const [first = null] = named.map(values => pinOfValues(values, hasVariables)).filter(pin => pin !== null)
  return first
}

const PINNING: readonly string[] = ['StringEquals', 'StringLike']

function pinOfValues(values: readonly unknown[], hasVariables: boolean): Pin | null {
  const [value, ...others] = new Set(values)
  if (typeof value !== 'string' || value === '' || others.length > 0) return null
  if (hasVariables && /^\$\{aws:username\}$/i.test(value)) return { kind: 'user-name' }
  return PATTERN.test(value) ? null : { kind: 'value', value }
}

/**
 * Whether everybody who can enter enters under a name that they do not choose. Statements with different pins are a list, unless
 * each lets in one IAM user, and no user two ways.
 */
export function isPinned(entrances: readonly Entrance[], sourceIdentity: string): boolean {
  const people = entrances.filter(entrance => entrance.kind !== 'machine')
  const pins = new Map<string, Pin>()
  const byUser = new Map<string | null, string>()
  for (const entrance of people) {
    if (entrance.pin === null) return false
    const text = entrance.pin.kind === 'value' ? `=${entrance.pin.value}` : 'user'
    const user = entrance.kind === 'people' ? entrance.user : null
    if ((byUser.get(user) ?? text) !== text) return false
    byUser.set(user, text)
    pins.set(text, entrance.pin)
  }
  if (pins.size > 1 && byUser.has(null)) return false
  return [...pins.values()].some(pin => pin.kind === 'user-name' || pin.value === sourceIdentity)
}

/**
 * Services that run what people work in: computers that they log in to, notebooks, shells, desktops, chats and sign-ins, which
 * have the credentials of the role. Where a certificate is enough, it cannot be seen who holds it.
 */
const SEATS: ReadonlySet<string> = new Set([
  // Instances: Session Manager, EC2 Instance Connect, SSH. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
  'ec2',
  // Managed nodes of a hybrid activation. https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-multicloud-service-role.html
  'ssm',
  'ssm-guiconnect',
  'lightsail',
  'gamelift',
  'robomaker',
  'nimble',
  // Environments to develop in. https://docs.aws.amazon.com/cloud9/latest/user-guide/security-iam.html
  'cloud9',
  'cloudshell',
  'codecatalyst',
  'codecatalyst-runner',
  'sagemaker',
  'datazone',
  // Notebooks and interactive sessions. https://docs.aws.amazon.com/glue/latest/dg/interactive-sessions-security.html
  'glue',
  'elasticmapreduce',
  'emr-serverless',
  'emr-containers',
  'athena',
  'kinesisanalytics',
  'finspace',
  'bedrock-agentcore',
  // Desktops. https://docs.aws.amazon.com/appstream2/latest/developerguide/using-iam-roles-to-grant-permissions-to-applications-scripts-streaming-instances.html
  'appstream',
  'workspaces',
  'workspaces-instances',
  'workspaces-web',
  // Anybody who writes in the channel. https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
  'chatbot',
  // Users of a directory, in the console. https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_management_console_access.html
  'ds',
  // A data source or a query assumes the roles that its author names.
  'grafana',
  'redshift',
  'redshift-serverless',
  // Anybody who holds a certificate. https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
  'rolesanywhere',
  'credentials.iot',
  'credentials.deadline',
])

/** Also `ec2.amazonaws.com.cn` and `ssm.eu-west-1.amazonaws.com`; not `ec2.application-autoscaling.amazonaws.com`. */
export function isSeat(principal: string): boolean {
  const name = principal.toLowerCase().replace(/\.amazonaws\.com(\.cn)?$/, '')
  return SEATS.has(
    name
      .split('.')
      .filter(part => !REGION.test(part))
      .join('.'),
  )
}

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/

/** The trust policies that were read, by the ARN of their role. */
export type ReadTrusts = ReadonlyMap<string, Fact<PolicyDocument>>

type Entry = {
  readonly isMachine: boolean
  /** Roles whose trust policies decide it, and are not read yet. */
  readonly unread: readonly string[]
}

/** Roles in a row before the asked one, and roles in all. */
const MAX_IN_A_ROW = 3
const MAX_ROLES = 10

const BY_PEOPLE: Entry = { isMachine: false, unread: [] }

/**
 * Whether only machines can enter a role: by its own trust policy, and by those of the roles that it names. A trust policy that names
 * a role by its ARN lets in the sessions of that role alone, and IAM turns the name into an id that no later role has.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 * `aws:PrincipalArn` beside the account has no such id, and lets in whichever role has the ARN. Reading that one is enough: somebody who
 * can delete it and make it again, or make it where there was none, decides whom it lets in, as its administrator does by its trust
 * policy. Where there is none, people count as able to make it. `machines`: globs of roles whose unknown issuers of tokens serve builds.
 */
export function roleEntry(
  role: { readonly arn: string; readonly trust: PolicyDocument },
  { machines }: Pick<Config, 'machines'>,
  trusts: ReadTrusts,
): Entry {
  const seen = new Set([role.arn])
  let level = [role]
  let isEntered = false
  for (let inARow = 0; inARow <= MAX_IN_A_ROW; inARow++) {
    const named: string[] = []
    for (const { arn, trust } of level) {
      const entrances = entrancesOf(trust)
      if (entrances.length === 0) return BY_PEOPLE
      const hasBuilds = machines.some(glob => matchesGlob(glob, arn))
      for (const entrance of entrances) {
        if (entrance.kind === 'role') named.push(entrance.arn)
        else if (entrance.kind === 'machine' || (entrance.kind === 'issuer' && hasBuilds)) isEntered = true
        else return BY_PEOPLE
      }
    }
    const next = [...new Set(named)].filter(arn => !seen.has(arn))
    if (next.length === 0) return { isMachine: isEntered, unread: [] }
    for (const arn of next) seen.add(arn)
    if (inARow === MAX_IN_A_ROW || seen.size > MAX_ROLES + 1) return BY_PEOPLE
    const unread = next.filter(arn => !trusts.has(arn))
    if (unread.length > 0) return { isMachine: false, unread }
    level = []
    for (const arn of next) {
      const trust = trusts.get(arn)
      if (trust?.known !== true) return BY_PEOPLE
      level.push({ arn, trust: trust.value })
    }
  }
  return BY_PEOPLE
}
