/** One reading of the account, as values of cells. */

import { isDifferentEntity } from '../access/index.ts'
import { canonicalJson, digestOf } from '../base/index.ts'
import type { Denial } from '../denial/index.ts'
import type { AccessSnapshot, Identity, PolicyArchive, PolicyDocument, SourcedPolicy } from '../iam/index.ts'
import { type CellValue, cells, entityKey, entityKeyOf, NO_VALUE, unknownValue, value } from './effects.ts'
import type { Reading } from './history.ts'

export type Subjects = {
  /** Null: the caller has no policies in IAM, or is not named. */
  readonly caller: { readonly key: string; readonly arn: string; readonly kind: 'role' | 'user' } | null
  /** The role of a denial on which its trust policy decides. */
  readonly role: { readonly key: string; readonly arn: string } | null
}

export function readingOf(
  denial: Denial,
  snapshot: AccessSnapshot,
  subjects: Subjects,
  { archive, atMs }: { readonly archive: PolicyArchive | null; readonly atMs: number | null },
): Reading {
  const values = new Map<string, CellValue>()
  const { caller, role } = subjects
  if (caller !== null) readCaller(values, caller.key, denial, snapshot)
  if (role !== null) readRole(values, role.key, role.arn, snapshot)
  const known = new Map<string, PolicyDocument>()
  const identity = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
  for (const policy of identity === null ? [] : policiesOf(identity))
    if (policy.arn !== null) known.set(policy.arn, policy.document)

  return {
    atMs,
    valueOf(cell) {
      const present = values.get(cell)
      if (present !== undefined) return present
      const arn = cell.startsWith('policy ') ? cell.slice('policy '.length) : null
      if (arn !== null) {
        const document = known.get(arn) ?? defaultOf(arn, archive)
        return document === null ? unknownValue(`policy ${arn} was not read`) : value(document)
      }
      const [entity = '', kind = '', name = ''] = cell.split(' | ')
      const group = /^(\d+) group (.+)$/.exec(entity)
      if (group !== null) return ofGroup(group[1] ?? '', group[2] ?? '', kind, name)
      return values.get(`${entity} | *`) ?? unknownValue(`${entity} was not read`)
    },
    versionsOf: arn => archive?.policy(arn)?.versions ?? NO_VERSIONS,
  }

  function ofGroup(accountId: string, name: string, kind: string, item: string): CellValue {
    const read =
      archive?.group(accountId, name) ??
      identity?.policies.filter(({ attachedTo }) => entityKeyOf(attachedTo) === entityKey(accountId, 'group', name)) ??
      []
    const isMember = identity?.groups?.some(one => one.toLowerCase() === name.toLowerCase()) === true
    if (archive?.group(accountId, name) == null && read.length === 0 && !isMember)
      return unknownValue(`group ${name} was not read`)
    if (kind === 'inline') {
      const document = read.find(policy => policy.arn === null && policy.name === item)?.document
      return document === undefined ? NO_VALUE : value(document)
    }
    if (kind === 'attached') return read.some(policy => policy.arn === item) ? value(true) : NO_VALUE
    return NO_VALUE
  }
}

const NO_VERSIONS: ReadonlyMap<string, PolicyDocument> = new Map()

function defaultOf(arn: string, archive: PolicyArchive | null): PolicyDocument | null {
  const policy = archive?.policy(arn) ?? null
  return policy?.versions.get(policy.defaultVersionId ?? '') ?? null
}

const policiesOf = ({ policies, boundary }: Identity): readonly SourcedPolicy[] => [
  ...policies,
  ...(boundary.kind === 'found' ? [boundary.value] : []),
]

/** The rest of an entity is under `*`: what a whole reading does not show is not there. */
function readCaller(values: Map<string, CellValue>, key: string, denial: Denial, { caller }: AccessSnapshot): void {
  const rest = `${key} | *`
  if (caller.kind === 'unreadable') return void values.set(rest, unknownValue(caller.why))
  if (caller.kind === 'absent') {
    values.set(rest, NO_VALUE)
    values.set(cells.id(key), NO_VALUE)
    return
  }
  const { arn, policies, boundary, unseen, uniqueId, tags, tagsUnread, groups } = caller.value
  for (const policy of policies) {
    const of = entityKeyOf(policy.attachedTo)
    if (policy.attachedTo === arn)
      values.set(
        policy.arn === null ? cells.inline(key, policy.name) : cells.attached(key, policy.arn),
        policy.arn === null ? value(policy.document) : value(true),
      )
    else if (of?.includes(' group ') === true) values.set(cells.member(key, of.split(' group ')[1] ?? ''), value(true))
  }
  for (const group of groups ?? []) values.set(cells.member(key, group), value(true))
  values.set(
    cells.boundary(key),
    boundary.kind === 'found'
      ? value(boundary.value.arn)
      : boundary.kind === 'absent'
        ? NO_VALUE
        : unknownValue(boundary.why),
  )
  for (const [tag, text] of Object.entries(tags)) values.set(cells.tag(key, tag), value(text))
  values.set(cells.id(key), value(uniqueId ?? 'read'))
  const [missing] = unseen
  values.set(
    rest,
    missing !== undefined || tagsUnread === true
      ? unknownValue(missing === undefined ? 'its tags were not read' : `${missing.fact}: ${missing.why}`)
      : NO_VALUE,
  )
  if (isDifferentEntity(denial.principal, caller.value)) values.set(`${key} | other`, value(true))
}

function readRole(values: Map<string, CellValue>, key: string, arn: string, { targets }: AccessSnapshot): void {
  const read = targets.find(target => target.arn === arn)?.role ?? { kind: 'unreadable', why: 'the role was not read' }
  if (read.kind === 'unreadable') {
    values.set(cells.trust(key), unknownValue(read.why))
    return
  }
  const isIt = read.kind === 'found' && read.value.arn === arn
  if (!isIt) {
    for (const cell of [cells.trust(key), cells.id(key)]) values.set(cell, NO_VALUE)
    return
  }
  const { trust, uniqueId, tags } = read.value
  values.set(cells.trust(key), trust.known ? value(trust.value) : unknownValue(trust.why))
  values.set(cells.id(key), value(uniqueId ?? 'read'))
  for (const [tag, text] of Object.entries(tags)) values.set(cells.tag(key, tag), value(text))
  if (!values.has(`${key} | *`)) values.set(`${key} | *`, NO_VALUE)
}

/** Equal for two readings that show the same caller and the same roles. */
export function readingDigest({ caller, targets }: AccessSnapshot): string {
  const policy = ({ type, name, arn, attachedTo, document }: SourcedPolicy) => ({
    type,
    name,
    arn,
    attachedTo,
    document,
  })
  const inOrder = (items: readonly unknown[]) => items.map(canonicalJson).sort()
  const own = caller.kind === 'found' ? caller.value : null
  return digestOf({
    kind: caller.kind,
    caller: own === null ? null : [own.arn, own.uniqueId, own.tags, inOrder(own.groups ?? []), inOrder(own.unseen)],
    policies: own === null ? null : inOrder(own.policies.map(policy)),
    boundary: own?.boundary.kind === 'found' ? policy(own.boundary.value) : (own?.boundary.kind ?? null),
    roles: targets.map(({ arn, role }) => [
      arn,
      role.kind === 'found' ? [role.value.arn, role.value.uniqueId, role.value.tags, role.value.trust] : role.kind,
    ]),
  })
}

export function subjectsOf(denial: Denial, { caller, targets }: AccessSnapshot, asksTrust: boolean): Subjects {
  const { principal, resource } = denial
  const { kind, accountId, name } = principal
  const isRole = kind === 'role' || kind === 'sso-role' || kind === 'service-linked-role'
  const own =
    accountId !== null && name !== null && (isRole || kind === 'user')
      ? {
          key: entityKey(accountId, kind === 'user' ? 'user' : 'role', name),
          arn: caller.kind === 'found' ? caller.value.arn : ((isRole ? principal.roleArn : principal.arn) ?? ''),
          kind: kind === 'user' ? ('user' as const) : ('role' as const),
        }
      : null
  const role =
    asksTrust && resource !== null ? (targets.find(target => target.arn === resource)?.arn ?? resource) : null
  const key = role === null ? null : entityKeyOf(role)
  return { caller: own, role: role === null || key === null ? null : { key, arn: role } }
}
