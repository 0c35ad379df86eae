/** The edges of the escalation graph: what the holder of some permissions could become next. */
import { evaluate } from '../../actions/evaluate.ts'
import { ABSENT, found } from '../../base/fact.ts'
import { never } from '../../base/result.ts'
import { parseArn, parseEntityArn } from '../../iam/arn.ts'
import { type ContextFacts, present } from '../../iam/conditions/context.ts'
import type { Identity, ListedRole, TargetRole } from '../../iam/evaluation/access-snapshot.ts'
import { matchesGlob } from '../../iam/policy/glob.ts'
import type { SourcedPolicy } from '../../iam/policy/policy-document.ts'
import { CLUSTER_PROVIDER, pathCalled } from './catalog.ts'
import type { EscalationPath, Gain } from './escalation-path.ts'
import { type Holder, passedTo, type UsableResources, usableFor } from './holder.ts'
import { isolatedRole, isolatedSnapshot, requestFrom } from './isolated-evaluation.ts'
import type { ResourceKind } from './resource-kinds.ts'
import { ANY_NAME, type Sample, samplesOf } from './resource-samples.ts'
import { type TrustIndex, trustIndex } from './surroundings.ts'
import { nameOf, type World } from './world.ts'

export const ADMINISTRATOR = 'administrator'

export type Edge = {
  readonly path: EscalationPath
  /** What the first need acts on. */
  readonly it: Sample
  /** The role that is passed: its ARN, or `*`; null where none is. */
  readonly role: string | null
  /** `ADMINISTRATOR`, or the key of a user or role. */
  readonly to: string
  /** False: it depends on something that cannot be seen, such as the role that a project runs with. */
  readonly certain: boolean
  /** Roles among which there may be an administrator: for the words alone. */
  readonly among: readonly string[]
}

export function edgesOf(holder: Holder, world: World): readonly Edge[] {
  const alongPaths = holder.paths.flatMap(path => {
    const usable = usableFor(path, holder)
    return usable === null ? [] : along(path, usable, holder, world)
  })
  return [...alongPaths, ...assumed(holder, world)]
}

function along(path: EscalationPath, usable: UsableResources, holder: Holder, world: World): readonly Edge[] {
  const { gain } = path
  const [kind] = path.needs[0].on
  const its = usable.get(kind) ?? []
  const [first] = its
  if (first === undefined) return []
  const wide = its.find(({ any }) => any)
  if (gain.kind === 'passes') return passes(path, gain, wide ?? first, holder, world)
  if (wide !== undefined)
    return [
      edge(path, wide, ADMINISTRATOR, true, gain.kind === 'runs' ? runningWith(gain.trusts, null, holder, world) : []),
    ]
  switch (gain.kind) {
    case 'administrator':
      return [edge(path, first, ADMINISTRATOR, true)]
    case 'assumes':
      // The trust policy decides as well, and may be enough by itself: `assumed` asks both.
      return []
    case 'rewrites':
      return existing(kind, its, holder, world).map(it =>
        edge(
          path,
          it,
          ADMINISTRATOR,
          [holder.identity, ...own(world)].some(one => carries(one, it)),
        ),
      )
    case 'joins':
      return its.map(it => edge(path, it, ADMINISTRATOR, false))
    case 'becomes':
      return existing(kind, its, holder, world).map(it =>
        isExact(it) ? edge(path, it, it.resource, true) : edge(path, it, ADMINISTRATOR, false),
      )
    case 'runs':
      return its.flatMap(it => runningWith(gain.trusts, it, holder, world).map(role => edge(path, it, role, false)))
    case 'federates':
      return its.flatMap(it => federatedBy(gain.trusts, it, holder, world).map(role => edge(path, it, role, true)))
    case 'unguards':
      return existing(kind, its, holder, world).flatMap(it =>
        it.resource === holder.identity.arn
          ? unguarded(path, gain.guard, it, holder, world)
          : [edge(path, it, ADMINISTRATOR, false)],
      )
    default:
      return never(gain)
  }
}

function edge(path: EscalationPath, it: Sample, to: string, certain: boolean, among: readonly string[] = []): Edge {
  return { path, it, role: null, to, certain, among }
}

const own = ({ caller }: World): readonly Identity[] => (caller === null ? [] : [caller])
const isExact = ({ resource }: Sample): boolean => !resource.includes(ANY_NAME)
const carries = ({ arn, policies }: Identity, { resource }: Sample): boolean =>
  resource === arn || policies.some(policy => policy.arn === resource)

/** A pattern is resolved to the existing roles that it matches. */
function existing(kind: ResourceKind, its: readonly Sample[], holder: Holder, world: World): readonly Sample[] {
  if (kind !== 'role') return its
  const roles = world.rolesOf(holder.home.accountId)
  return roles === null ? its : its.flatMap(it => listed(it, roles))
}

function listed(it: Sample, roles: readonly ListedRole[]): readonly Sample[] {
  const { byArn } = trustIndex(roles)
  if (isExact(it)) return byArn.has(it.resource) ? [it] : []
  const pattern = it.pattern.replace(/\$\{[^}]*\}/g, '*')
  return roles.filter(({ arn }) => matchesGlob(pattern, arn)).map(({ arn }) => ({ ...it, resource: arn }))
}

/** `iam:PassRole` on a role that a service of the path may take. */
function passes(
  path: EscalationPath,
  gain: Extract<Gain, { kind: 'passes' }>,
  it: Sample,
  holder: Holder,
  world: World,
): readonly Edge[] {
  const sent = passedTo(
    gain.sends.length === 0 ? [] : [...new Set([...gain.sends, ...gain.trusts])],
    holder.home.partition,
  )
  const mayPass = (role: string) => sent.some(context => holder.may('iam:PassRole', role, context))
  const samples = samplesOf('role', holder.patterns, holder.home).filter(
    ({ foreign, resource }) => !foreign && mayPass(resource),
  )
  const wide = samples.find(({ any }) => any)
  if (wide !== undefined)
    return [{ ...edge(path, it, ADMINISTRATOR, true, runningWith(gain.trusts, null, holder, world)), role: '*' }]
  if (samples.length === 0) return []
  const roles = world.rolesOf(holder.home.accountId)
  if (roles === null)
    return samples.filter(isExact).map(({ resource }) => ({ ...edge(path, it, resource, true), role: resource }))
  const trusting = new Set(runningWith(gain.trusts, null, holder, world))
  const passed = new Set(samples.flatMap(sample => listed(sample, roles)).map(({ resource }) => resource))
  return [...passed]
    .filter(role => trusting.has(role) && mayPass(role))
    .map(role => ({ ...edge(path, it, role, true), role }))
}

/** Resources whose own ARN the service gives as `aws:SourceArn` when it assumes their role. */
const SOURCE_ARNS: ReadonlySet<string> = new Set(['codebuild', 'states', 'codepipeline', 'pipes'])

/** Roles that one of the services may take, for this resource where it is known. */
function runningWith(trusts: readonly string[], it: Sample | null, holder: Holder, world: World): readonly string[] {
  const roles = world.rolesOf(holder.home.accountId)
  if (roles === null) return []
  const index = trustIndex(roles)
  const service = parseArn(it?.resource ?? '')?.service ?? ''
  const source: ContextFacts =
    it !== null && isExact(it) && SOURCE_ARNS.has(service) ? { 'aws:sourcearn': present(it.resource) } : {}
  const found = trusts.flatMap(name =>
    (name === CLUSTER_PROVIDER ? clusterRoles(index) : index.trusting(name).map(role => ({ role, by: name })))
      .filter(({ role, by }) => admits(role, by, source))
      .map(({ role }) => role.arn),
  )
  return [...new Set(found)].filter(arn => arn !== holder.identity.arn)
}

const clusterRoles = (index: TrustIndex) =>
  index.providers
    .filter(name => name.includes(`-provider/${CLUSTER_PROVIDER}.`))
    .flatMap(name => index.trusting(name).map(role => ({ role, by: name })))

const SAML = /:saml-provider\//
/** Providers of the account, and the one of AWS that trust policies name by its host. */
const WEB = /:oidc-provider\/|^cognito-identity[a-z-]*\.amazonaws\.com$/

/** Whether the role's trust policy lets a service or an identity provider in. Claims are not known: they may be any. */
function admits(role: ListedRole, by: string, context: ContextFacts = {}): boolean {
  const action = SAML.test(by)
    ? 'sts:AssumeRoleWithSAML'
    : WEB.test(by)
      ? 'sts:AssumeRoleWithWebIdentity'
      : 'sts:AssumeRole'
  const request = { action, resource: role.arn, principalArn: by, roleArn: null, context }
  return evaluate(request, isolatedSnapshot(ABSENT, [targetOf(role)])).answer !== 'denied'
}

function targetOf({ arn, trust }: ListedRole): TargetRole {
  const target = isolatedRole(arn, { Statement: [] })
  return target.role.kind === 'found' ? { ...target, role: found({ ...target.role.value, trust }) } : target
}

function federatedBy(trusts: readonly string[], it: Sample, holder: Holder, world: World): readonly string[] {
  const roles = world.rolesOf(holder.home.accountId)
  if (roles === null) return []
  const index = trustIndex(roles)
  const providers =
    trusts.length > 0
      ? trusts
      : isExact(it)
        ? [it.resource]
        : index.providers.filter(name => matchesGlob(it.pattern, name))
  return providers.flatMap(name =>
    index
      .trusting(name)
      .filter(role => admits(role, name))
      .map(({ arn }) => arn),
  )
}

/** The holder without its boundary, or without the statements that deny. */
function unguarded(
  path: EscalationPath,
  guard: 'boundary' | 'deny' | 'mfa' | 'organization',
  it: Sample,
  { identity }: Holder,
  world: World,
): readonly Edge[] {
  const free =
    guard === 'boundary'
      ? { ...identity, boundary: ABSENT }
      : { ...identity, policies: identity.policies.map(withoutDenies) }
  const limited =
    guard === 'boundary'
      ? identity.boundary.kind === 'found'
      : identity.policies.some(({ document }) => document.Statement.some(isDeny))
  if (!limited) return []
  const key = `${identity.arn} ${guard}`
  world.put(key, free)
  return [edge(path, it, key, true)]
}

const isDeny = ({ Effect }: SourcedPolicy['document']['Statement'][number]): boolean => Effect === 'Deny'
const withoutDenies = (policy: SourcedPolicy): SourcedPolicy => ({
  ...policy,
  document: { ...policy.document, Statement: policy.document.Statement.filter(one => !isDeny(one)) },
})

/** Roles whose trust policy and the holder's own policies together let it in. */
function assumed(holder: Holder, world: World): readonly Edge[] {
  const path = pathCalled('sts-001')
  const { identity, home } = holder
  const to = (arn: string): Edge =>
    edge(
      path,
      { resource: arn, any: false, pattern: arn, foreign: parseEntityArn(arn)?.accountId !== home.accountId },
      arn,
      true,
    )
  const lets = (role: ListedRole) => role.arn !== identity.arn && assumes(identity, role, world)
  const roles = world.rolesOf(home.accountId)
  const near = roles === null ? [] : trustIndex(roles).namedBy(identity.arn).filter(lets)
  return [
    ...near.map(({ arn }) => to(arn)),
    ...abroad(holder, world)
      .filter(lets)
      .map(({ arn }) => to(arn)),
  ]
}

function assumes(identity: Identity, role: ListedRole, world: World): boolean {
  if (!role.trust.known) {
    world.unread(`trust policy of ${nameOf(role.arn)}`, role.trust.why)
    return false
  }
  const snapshot = { ...isolatedSnapshot(found(identity), [targetOf(role)]), ...world.around(identity.accountId) }
  return evaluate(requestFrom(identity, 'sts:AssumeRole', role.arn, {}), snapshot).answer !== 'denied'
}

/** Another account's role needs an allow here as well, so that only those which the policies name come into question. */
function abroad(holder: Holder, world: World): readonly ListedRole[] {
  const named = samplesOf('role', holder.patterns, holder.home).filter(
    ({ foreign, resource }) => foreign && holder.may('sts:AssumeRole', resource),
  )
  const anywhere = holder.patterns
    .filter(inAnyAccount)
    .find(pattern => holder.may('sts:AssumeRole', elsewhere(pattern)))
  if (anywhere !== undefined) world.unread(`the roles of other accounts that ${anywhere} names`, 'it names no account')
  return named.flatMap(it => {
    if (!isExact(it))
      return (
        world.rolesOf(parseArn(it.resource)?.accountId ?? '')?.filter(({ arn }) => matchesGlob(it.pattern, arn)) ?? []
      )
    const role = world.identityOf(it.resource)
    return role === null || !('trust' in role) ? [] : [{ arn: it.resource, trust: role.trust }]
  })
}

const inAnyAccount = (pattern: string): boolean => /^arn:[^:]*:[^:]*:[^:]*:[^:]*[*?][^:]*:/.test(pattern)
/** The same in an account that is nobody's. */
const elsewhere = (pattern: string): string =>
  pattern
    .split(':')
    .map((field, at) => (at === 4 ? OTHER_ACCOUNT : field.replaceAll('*', ANY_NAME).replaceAll('?', 'x')))
    .join(':')
const OTHER_ACCOUNT = '000000000000'
