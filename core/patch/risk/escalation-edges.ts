/** The edges of the escalation graph: what the holder of some permissions could become next. */
import { ABSENT, never } from '../../base/index.ts'
import { parseBootstrapRole } from '../../diagnosis/index.ts'
import {
  type ContextFacts,
  entityName,
  type Identity,
  type ListedRole,
  matchesGlob,
  parseArn,
  parseEntityArn,
  present,
  type SourcedPolicy,
} from '../../iam/index.ts'
import { assumableBy } from './assumable.ts'
import { commonText } from './common-text.ts'
import { type Holder, type Reachable, reachableBy } from './holder.ts'
import { ANY_NAME, asGlob, isExact, type Sample } from './resource-samples.ts'
import { CLUSTER_PROVIDER, pathCalled } from './table/catalog.ts'
import type { EscalationPath, Gain } from './table/escalation-path.ts'
import { admits, type TrustIndex, trustIndex } from './trust-index.ts'
import type { World } from './world.ts'

export const ADMINISTRATOR = 'administrator'

export type Edge = {
  readonly path: EscalationPath
  /** The resource of the path's first required action. */
  readonly it: Sample
  /** The ARN of the passed role, or `*`. Null: no role is passed. */
  readonly role: string | null
  /** `ADMINISTRATOR`, or the key of a user or role. */
  readonly to: string
  /** False when the step depends on an unknown, such as the role of a build project. */
  readonly certain: boolean
  /** Roles that may include an administrator. Used only for the wording. */
  readonly among: readonly string[]
}

/** The state of the search. */
export type EscalationSearch = {
  /** Return every certain step and only one uncertain step, to show that there are more. */
  readonly certainOnly: boolean
  /** True when a path of at most this length is already known. */
  readonly isReached: (key: string) => boolean
}

/** Lazy: the search stops at the first step to administrator. */
export function* edgesOf(holder: Holder, world: World, asked: EscalationSearch): Generator<Edge, void, undefined> {
  for (const path of holder.paths) {
    const reachable = reachableBy(path, holder)
    if (reachable !== null) yield* along(path, reachable, holder, world, asked)
  }
  for (const arn of assumableBy(holder, world, asked.isReached)) {
    const path = pathCalled('sts-001')
    const foreign = parseEntityArn(arn)?.accountId !== holder.home.accountId
    yield edge(path, { resource: arn, any: false, pattern: arn, foreign }, arn, true)
  }
}

function* along(
  path: EscalationPath,
  reachable: Reachable,
  holder: Holder,
  world: World,
  { certainOnly, isReached }: EscalationSearch,
): Generator<Edge, void, undefined> {
  const { gain } = path
  const [kind] = path.needs[0].on
  const its = reachable.get(kind) ?? []
  const [first] = its
  if (first === undefined) return
  const wide = its.find(({ any }) => any)
  if (gain.kind === 'passes') {
    yield* passes(path, gain, wide ?? first, holder, world, isReached)
    return
  }
  if (gain.kind === 'deploys') {
    yield* deploys(path, its, holder, world)
    return
  }
  if (wide !== undefined) {
    if (gain.kind === 'influences') {
      yield edge(path, wide, ADMINISTRATOR, false, runningWith(gain.trusts, null, holder, world))
      return
    }
    const among = gain.kind === 'runs' ? runningWith(gain.trusts, null, holder, world) : []
    yield edge(path, wide, ADMINISTRATOR, true, among)
    return
  }
  switch (gain.kind) {
    case 'administrator':
      yield edge(path, first, ADMINISTRATOR, true)
      return
    case 'assumes':
      // The trust policy also decides and can be sufficient. `assumableBy` evaluates both.
      return
    case 'rewrites':
      for (const it of existing(path, its, holder, world)) {
        const own = [holder.identity, ...(world.caller === null ? [] : [world.caller])]
        yield edge(
          path,
          it,
          ADMINISTRATOR,
          own.some(one => carries(one, it)),
        )
      }
      return
    case 'joins':
      yield edge(path, first, ADMINISTRATOR, false)
      return
    case 'becomes':
      for (const it of existing(path, its, holder, world))
        yield isExact(it) ? edge(path, it, it.resource, true) : edge(path, it, ADMINISTRATOR, false)
      return
    case 'runs':
    case 'influences':
      for (const it of its)
        for (const role of runningWith(gain.trusts, it, holder, world)) {
          yield edge(path, it, role, false)
          if (certainOnly) return
        }
      return
    case 'federates':
      for (const it of its)
        for (const role of federatedBy(gain.trusts, it, holder, world)) yield edge(path, it, role, true)
      return
    case 'unguards':
      for (const it of existing(path, its, holder, world))
        if (it.resource === holder.identity.arn) yield* unguarded(path, gain.guard, it, holder, world)
        else yield edge(path, it, ADMINISTRATOR, false)
      return
    default:
      return never(gain)
  }
}

function edge(path: EscalationPath, it: Sample, to: string, certain: boolean, among: readonly string[] = []): Edge {
  return { path, it, role: null, to, certain, among }
}

const carries = ({ arn, policies }: Identity, { resource }: Sample): boolean =>
  resource === arn || policies.some(policy => policy.arn === resource)

/** Resolves a pattern to the existing roles that it matches and on which the holder may do what the path needs. */
function existing({ needs }: EscalationPath, its: readonly Sample[], holder: Holder, world: World): readonly Sample[] {
  const [kind] = needs[0].on
  const roles = kind === 'role' ? world.rolesOf(holder.home.accountId) : null
  if (roles === null) return its
  const onRoles = needs.filter(({ on }) => on.includes('role'))
  return its
    .flatMap(it => listed(it, roles))
    .filter(({ resource }) => onRoles.every(({ action }) => holder.may(action, resource)))
}

function listed(it: Sample, roles: readonly ListedRole[]): readonly Sample[] {
  const { byArn } = trustIndex(roles)
  if (isExact(it)) return byArn.has(it.resource) ? [it] : []
  const glob = asGlob(it.pattern)
  return roles.filter(({ arn }) => matchesGlob(glob, arn)).map(({ arn }) => ({ ...it, resource: arn }))
}

/** Steps with `iam:PassRole` on a role that a service of the path can use. */
function* passes(
  path: EscalationPath,
  gain: Extract<Gain, { kind: 'passes' }>,
  it: Sample,
  holder: Holder,
  world: World,
  isReached: EscalationSearch['isReached'],
): Generator<Edge, void, undefined> {
  const sends = gain.sends.length === 0 ? [] : [...new Set([...gain.sends, ...gain.trusts])]
  const samples = holder.samples('role').filter(({ foreign, resource }) => !foreign && holder.mayPass(resource, sends))
  if (samples.length === 0) return
  const trusting = runningWith(gain.trusts, null, holder, world)
  if (samples.some(({ any }) => any)) {
    yield { ...edge(path, it, ADMINISTRATOR, true, trusting), role: '*' }
    return
  }
  const listed = world.rolesOf(holder.home.accountId) !== null
  const globs = samples.map(({ pattern }) => asGlob(pattern))
  const roles = listed
    ? trusting.filter(
        arn => !isReached(arn) && globs.some(glob => matchesGlob(glob, arn)) && holder.mayPass(arn, sends),
      )
    : samples.filter(isExact).map(({ resource }) => resource)
  for (const role of roles) yield { ...edge(path, it, role, true), role }
}

/**
 * Steps to the CDK roles that deploy from a bucket to which the holder may write. A CDK bucket without a
 * role of the usual name is deployed from by a role under another name, which may be an administrator.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
function* deploys(
  path: EscalationPath,
  its: readonly Sample[],
  holder: Holder,
  world: World,
): Generator<Edge, void, undefined> {
  const [{ action }] = path.needs
  const { accountId, partition } = holder.home
  const writable = (bucket: string): boolean =>
    [`${bucket}/*.json`, `${bucket}/*`]
      .flatMap(objects => [
        objects.replace('*', ANY_NAME),
        ...holder.patterns.flatMap(pattern => commonText(objects, asGlob(pattern), ANY_NAME, holder.budget) ?? []),
      ])
      .some(object => holder.may(action, object))
  const found: string[] = []
  for (const { arn } of world.rolesOf(accountId) ?? []) {
    const bucket = cdkBucketOf(arn, partition)
    if (bucket === null || !writable(bucket)) continue
    found.push(bucket)
    yield edge(path, { resource: bucket, any: false, pattern: bucket, foreign: false }, arn, false)
  }
  for (const { pattern } of its) {
    const [bucket = ''] = asGlob(pattern).split('/')
    const isOwn =
      commonText(`arn:${partition}:s3:::cdk-*-assets-${accountId}-*`, bucket, ANY_NAME, holder.budget) !== null
    if (!isOwn || !NAMES_THE_CDK.test(bucket) || found.some(known => matchesGlob(bucket, known))) continue
    yield edge(path, { resource: bucket, any: false, pattern: bucket, foreign: false }, ADMINISTRATOR, false)
  }
}

const NAMES_THE_CDK = /:::cdk/

function cdkBucketOf(role: string, partition: string): string | null {
  const { qualifier, kind, accountId, region } = parseBootstrapRole(entityName(role)) ?? {}
  return kind === 'cfn-exec' ? `arn:${partition}:s3:::cdk-${qualifier}-assets-${accountId}-${region}` : null
}

/** Resources whose ARN the service sends as `aws:SourceArn` when it assumes their role. */
const SOURCE_ARNS: ReadonlySet<string> = new Set(['codebuild', 'states', 'codepipeline'])

/** Roles that one of the services can use, for this resource if it is known. */
function runningWith(trusts: readonly string[], it: Sample | null, holder: Holder, world: World): readonly string[] {
  const roles = world.rolesOf(holder.home.accountId)
  if (roles === null) return []
  const index = trustIndex(roles)
  const service = parseArn(it?.resource ?? '')?.service ?? ''
  const source: ContextFacts | null =
    it !== null && isExact(it) && SOURCE_ARNS.has(service) ? { 'aws:sourcearn': present(it.resource) } : null
  const running = trusts.flatMap(name =>
    (name === CLUSTER_PROVIDER ? clusterProviders(index) : [name]).flatMap(by => {
      const admitting = index.admitting(by)
      return source === null ? admitting : admitting.filter(role => admits(role, by, source))
    }),
  )
  return [...new Set(running.map(({ arn }) => arn))].filter(arn => arn !== holder.identity.arn)
}

const clusterProviders = ({ providers }: TrustIndex): readonly string[] =>
  providers.filter(name => name.includes(`-provider/${CLUSTER_PROVIDER}.`))

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
  return providers.flatMap(name => index.admitting(name).map(({ arn }) => arn))
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
