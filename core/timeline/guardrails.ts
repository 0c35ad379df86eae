/**
 * Service and resource control policies over time: what each write of Organizations changes, and which policies applied to an
 * account between two writes.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 */

import { type Fact, known, type Unknown } from '../base/index.ts'
import type { AccessSnapshot, GuardrailLevel, PolicyDocument, SourcedPolicy } from '../iam/index.ts'
import { type CellValue, documentMember, type Effect, type Effects, NO_VALUE, unknownValue, value } from './effects.ts'
import { jsonMembers, type TrailWrite } from './trail.ts'

export type GuardType = 'scp' | 'rcp'
const TYPES: readonly GuardType[] = ['scp', 'rcp']

const TYPE_OF: { readonly [awsType: string]: GuardType } = {
  SERVICE_CONTROL_POLICY: 'scp',
  RESOURCE_CONTROL_POLICY: 'rcp',
}

/** AWS's own policies that allow everything. They are on every level as soon as their type is enabled. */
const FULL_ACCESS: { readonly [type in GuardType]: string } = { scp: 'p-FullAWSAccess', rcp: 'p-RCPFullAWSAccess' }
const FULL_NAMES: { readonly [name: string]: string } = {
  FullAWSAccess: FULL_ACCESS.scp,
  RCPFullAWSAccess: FULL_ACCESS.rcp,
}
const ALL: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const FULL_DOCUMENTS: { readonly [id: string]: PolicyDocument } = {
  [FULL_ACCESS.scp]: ALL,
  [FULL_ACCESS.rcp]: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
  },
}

/** The side of the denial that a type of policy restricts: SCPs the caller's account, RCPs the account of the role. */
export type GuardedAccounts = { readonly [type in GuardType]: string | null }

export type Guardrails = {
  /** Cells as they were read. Null: the cell is none of a guardrail. */
  valueOf(cell: string): CellValue | null
  /** Whether the answer may depend on the cell. */
  isMine(cell: string): boolean
  /** Cells of attachments, to compare the last write with what was read. */
  attachments(): readonly string[]
  effectsOf(write: TrailWrite): Effects
  /** The policies after some writes. `missing`: what of them is not known. */
  at(lookup: (cell: string) => CellValue): {
    readonly scps: AccessSnapshot['scps']
    readonly rcps: AccessSnapshot['rcps']
    readonly missing: Unknown | null
  }
  /** Why an answer of a guardrail may have been another one earlier. Null: the trail covers Organizations. */
  readonly uncovered: string | null
}

type Attached = {
  readonly id: string
  readonly name: string
  readonly arn: string | null
  readonly document: PolicyDocument
}

export function guardrailsOf(
  all: readonly TrailWrite[],
  { scps, rcps, organization }: AccessSnapshot,
  accounts: GuardedAccounts,
  uncovered: string | null,
): Guardrails {
  const organizationId = organization.known ? organization.value.id : null
  const writes = all.filter(write => write.source === ORGANIZATIONS && isOf(write, organizationId))
  const seen = policiesIn(writes)
  const levels = { scp: levelsIn('scp', scps, seen), rcp: levelsIn('rcp', rcps, seen) }
  const paths = { scp: pathIn('scp'), rcp: pathIn('rcp') }
  const above = unitsMade(writes)
  const switches = writes.filter(
    ({ eventName }) => eventName === 'EnablePolicyType' || eventName === 'DisablePolicyType',
  )
  const places = { scp: placesOf('scp'), rcp: placesOf('rcp') }
  const attachedIds = { scp: new Map<string, Set<string>>(), rcp: new Map<string, Set<string>>() }
  for (const type of TYPES) {
    for (const [target, policies] of levels[type] ?? [])
      for (const { id } of policies) addTo(attachedIds[type], target, id)
    for (const target of places[type]) addTo(attachedIds[type], target, FULL_ACCESS[type])
    for (const { parameters } of writes.filter(
      ({ eventName }) => eventName === 'AttachPolicy' || eventName === 'DetachPolicy',
    )) {
      const [target, id] = [parameters?.['targetId'], parameters?.['policyId']]
      if (typeof target === 'string' && typeof id === 'string' && isOfType(id, type))
        addTo(attachedIds[type], target, id)
    }
  }

  /** Of one account the path is the same for both types. A level without policies is not in what was read. */
  function pathIn(type: GuardType): readonly string[] | null {
    const other = type === 'scp' ? 'rcp' : 'scp'
    const own = [...(levels[type]?.keys() ?? [])]
    const besides = accounts[type] === accounts[other] ? [...(levels[other]?.keys() ?? [])] : []
    const path = own.length >= besides.length ? own : besides
    return accounts[type] !== null && path.at(-1) === accounts[type] ? path : null
  }

  /** Where the account is, and the units in which it was whose making is in the trail. */
  function placesOf(type: GuardType): readonly string[] {
    const path = paths[type] ?? []
    const parents = writes.flatMap(({ eventName, parameters }) =>
      eventName === 'MoveAccount' && parameters?.['accountId'] === accounts[type]
        ? [parameters['sourceParentId'], parameters['destinationParentId']]
        : [],
    )
    return [
      ...new Set([...path, ...parents.flatMap(one => (typeof one === 'string' ? upTo(path, one, above) : []) ?? [])]),
    ]
  }

  /** Whether AWS's own policy was put on a unit that was made by this write. */
  function isEnabledAt(type: GuardType, { atMs }: TrailWrite): boolean | null {
    const changes = switches.filter(({ parameters }) => TYPE_OF[String(parameters?.['policyType'])] === type)
    const second = Math.floor(atMs / 1_000)
    if (changes.some(one => Math.floor(one.atMs / 1_000) === second)) return null
    const before = changes.findLast(one => one.atMs < atMs)
    if (before !== undefined) return before.eventName === 'EnablePolicyType'
    const after = changes.find(one => one.atMs > atMs)
    if (after !== undefined) return after.eventName === 'DisablePolicyType'
    const root = paths[type]?.[0]
    return root === undefined ? null : (levels[type]?.get(root)?.length ?? 0) > 0
  }

  function typeOf(id: string): GuardType | 'other' | null {
    for (const type of TYPES) {
      if (id === FULL_ACCESS[type]) return type
      for (const policies of levels[type]?.values() ?? []) if (policies.some(one => one.id === id)) return type
    }
    return seen.get(id)?.type ?? null
  }
  function isOfType(id: string, type: GuardType): boolean {
    const found = typeOf(id)
    return found === type || found === null
  }
  const read = (type: GuardType, id: string): Attached | null => {
    for (const policies of levels[type]?.values() ?? []) {
      const found = policies.find(one => one.id === id)
      if (found !== undefined) return found
    }
    return null
  }
  const documentRead = (id: string) =>
    read('scp', id)?.document ??
    read('rcp', id)?.document ??
    (Object.hasOwn(FULL_DOCUMENTS, id) ? FULL_DOCUMENTS[id] : undefined)

  return {
    uncovered,
    valueOf(cell) {
      const [entity = '', kind = '', rest = ''] = cell.split(' | ')
      if (entity.startsWith('guardrail ')) {
        const document = documentRead(entity.slice('guardrail '.length))
        return document === undefined
          ? unknownValue(`policy ${entity.slice('guardrail '.length)} of the organization was not read`)
          : value(document)
      }
      if (entity.startsWith('account ') && kind === 'parent') {
        const account = entity.slice('account '.length)
        const path = TYPES.map(type => (accounts[type] === account ? paths[type] : null)).find(one => one !== null)
        const parent = path?.at(-2)
        return parent === undefined
          ? unknownValue(`the place of account ${account} in the organization was not read`)
          : value(parent)
      }
      if ((entity !== 'scp' && entity !== 'rcp') || kind !== 'attached') return null
      const [target = '', id = ''] = rest.split(' ')
      const path = paths[entity]
      if (path?.includes(target) !== true) return unknownValue(`what is attached to ${target} was not read`)
      const policies = levels[entity]?.get(target) ?? []
      if (policies.some(one => one.id === id)) return value(true)
      // A file that names policies without their ids does not say that this one is absent.
      const unnamed = policies.find(one => !one.id.startsWith('p-'))
      return unnamed === undefined
        ? NO_VALUE
        : unknownValue(`the id of policy ${unnamed.name} on ${target} was not given`)
    },
    isMine(cell) {
      const [entity = '', kind = '', rest = ''] = cell.split(' | ')
      if (entity === 'scp' || entity === 'rcp') {
        if (kind === '') return accounts[entity] !== null
        return places[entity].includes(rest.split(' ')[0] ?? '')
      }
      if (entity.startsWith('account ')) return TYPES.some(type => accounts[type] === entity.slice('account '.length))
      if (!entity.startsWith('guardrail ')) return false
      const id = entity.slice('guardrail '.length)
      return TYPES.some(type => places[type].some(target => attachedIds[type].get(target)?.has(id) === true))
    },
    attachments: () =>
      TYPES.flatMap(type =>
        (paths[type] ?? []).flatMap(target =>
          [...(attachedIds[type].get(target) ?? [])].map(id => guardCells.attached(type, target, id)),
        ),
      ),
    effectsOf: write => (isOf(write, organizationId) ? effectsIn(write) : NONE),
    at(lookup) {
      const scp = levelsAt('scp', scps, lookup)
      const rcp = levelsAt('rcp', rcps, lookup)
      return { scps: scp.levels, rcps: rcp.levels, missing: scp.missing ?? rcp.missing }
    },
  }

  function levelsAt(
    type: GuardType,
    base: Fact<readonly GuardrailLevel[]>,
    lookup: (cell: string) => CellValue,
  ): { readonly levels: Fact<readonly GuardrailLevel[]>; readonly missing: Unknown | null } {
    const path = paths[type]
    const account = accounts[type]
    if (writes.length === 0 || path === null || account === null) return { levels: base, missing: null }
    const missing: Unknown[] = []
    const found: GuardrailLevel[] = []
    const unseen = (fact: string, one: CellValue) =>
      missing.push({ fact, why: one.kind === 'unknown' ? one.why : 'it is not known which one applied' })
    const parent = path.length < 2 ? value(true) : lookup(guardCells.parent(account))
    const targets = pathAt(path, parent, above)
    if (targets === null)
      unseen(
        `place of account ${account} in the organization`,
        parent.kind === 'known'
          ? unknownValue(`what is attached above it in ${String(parent.value)} was not read`)
          : parent,
      )
    for (const target of targets ?? []) {
      const policies: SourcedPolicy[] = []
      for (const id of attachedIds[type].get(target) ?? []) {
        const is = lookup(guardCells.attached(type, target, id))
        if (is.kind !== 'known') unseen(`attachment of ${id} to ${target}`, is)
        if (is.kind !== 'known' || is.value === null) continue
        const document = lookup(guardCells.document(id))
        const { name = id, arn = null } = read(type, id) ?? seen.get(id) ?? {}
        if (document.kind === 'known' && typeof document.value === 'object' && document.value !== null)
          policies.push({ type, name, arn, attachedTo: target, document: document.value })
        else unseen(`policy ${id} of the organization`, document)
      }
      if (policies.length > 0) found.push({ id: target, policies })
    }
    return { levels: known(found), missing: missing[0] ?? null }
  }

  function effectsIn(write: TrailWrite): Effects {
    const { eventName, parameters, response } = write
    if (parameters === null) return blind(`the parameters of ${eventName} are omitted in the trail`)
    const text = (name: string): string | null => {
      const found = parameters[name]
      return typeof found === 'string' && found !== '' ? found : null
    }
    const incomplete = blind(`the parameters of ${eventName} are incomplete in the trail`)
    const summary = jsonMembers(jsonMembers(response?.['policy'])?.['policySummary'])
    switch (eventName) {
      case 'CreatePolicy':
      case 'UpdatePolicy': {
        const id = text('policyId') ?? summary?.['id']
        if (typeof id !== 'string') return NONE
        const type = typeOf(id)
        if (type === 'other') return NONE
        if (unknownPlace(type)) return elsewhere(eventName)
        const content = text('content') ?? jsonMembers(response?.['policy'])?.['content']
        // Without a content it has a new name or description.
        if (content === undefined || content === null) return NONE
        const now = documentMember({ content }, 'content')
        return many([
          { cell: guardCells.document(id), value: now, ...(eventName === 'CreatePolicy' ? { before: NO_VALUE } : {}) },
        ])
      }
      // IAM refuses to attach twice, to detach what is not attached, and to delete what is attached.
      case 'AttachPolicy':
      case 'DetachPolicy': {
        const [target, id] = [text('targetId'), text('policyId')]
        if (target === null || id === null) return incomplete
        const type = typeOf(id)
        if (type === 'other') return NONE
        if (unknownPlace(type)) return isElsewhere(target, type) ? NONE : elsewhere(eventName)
        const isAttached = eventName === 'AttachPolicy'
        return many(
          TYPES.filter(one => type === null || type === one).map(one => ({
            cell: guardCells.attached(one, target, id),
            value: isAttached ? value(true) : NO_VALUE,
            before: isAttached ? NO_VALUE : value(true),
          })),
        )
      }
      // https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
      case 'EnablePolicyType':
      case 'DisablePolicyType': {
        const given = text('policyType')
        if (given === null) return incomplete
        const type = Object.hasOwn(TYPE_OF, given) ? TYPE_OF[given] : undefined
        if (type === undefined) return NONE
        if (unknownPlace(type)) return elsewhere(eventName)
        return { kind: 'effects', effects: [], resets: [resetOf(type, eventName === 'EnablePolicyType')] }
      }
      case 'MoveAccount': {
        const [account, from, to] = [text('accountId'), text('sourceParentId'), text('destinationParentId')]
        if (account === null) return incomplete
        if (!TYPES.some(type => accounts[type] === account)) return NONE
        if (from === null || to === null) return incomplete
        if (TYPES.some(type => accounts[type] === account && unknownPlace(type))) return elsewhere(eventName)
        return many([{ cell: guardCells.parent(account), value: value(to), before: value(from) }])
      }
      // AWS moves no unit, and has its own policies on each from the beginning.
      // https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
      case 'CreateOrganizationalUnit': {
        const id = jsonMembers(response?.['organizationalUnit'])?.['id']
        if (typeof id !== 'string') return NONE
        return many(
          TYPES.flatMap(type =>
            [...(attachedIds[type].get(id) ?? [])].map(policy => ({
              cell: guardCells.attached(type, id, policy),
              value: policy === FULL_ACCESS[type] ? fullAt(isEnabledAt(type, write)) : NO_VALUE,
            })),
          ),
        )
      }
      case 'RemoveAccountFromOrganization':
        return TYPES.some(type => accounts[type] === text('accountId')) ? elsewhere(eventName) : NONE
      case 'EnableAllFeatures':
      case 'AcceptHandshake':
      case 'LeaveOrganization':
        return elsewhere(eventName)
      default:
        return NONE
    }
  }

  /** Policies of this type may apply, and it is not known where. */
  function unknownPlace(type: GuardType | null): boolean {
    return TYPES.some(one => (type === null || type === one) && accounts[one] !== null && paths[one] === null)
  }

  /** Another account than those of the denial. */
  function isElsewhere(target: string, type: GuardType | null): boolean {
    return /^\d{12}$/.test(target) && !TYPES.some(one => (type === null || type === one) && accounts[one] === target)
  }
}

export const ORGANIZATIONS = 'organizations.amazonaws.com'

export const isOrganizationsWrite = ({ source }: TrailWrite): boolean => source === ORGANIZATIONS

const guardCells = {
  attached: (type: GuardType, target: string, policyId: string) => `${type} | attached | ${target} ${policyId}`,
  document: (policyId: string) => `guardrail ${policyId}`,
  parent: (accountId: string) => `account ${accountId} | parent`,
} as const

export const isGuardCell = (cell: string): boolean => /^(?:scp \||rcp \||guardrail |account )/.test(cell)

export const isGuardDocument = (cell: string): boolean => cell.startsWith('guardrail ')

const NONE: Effects = { kind: 'effects', effects: [], resets: [] }
const many = (effects: readonly Effect[]): Effects => ({ kind: 'effects', effects, resets: [] })
const blind = (why: string): Effects => ({ kind: 'blind', why })
const elsewhere = (eventName: string): Effects =>
  blind(`the organization’s policies may have changed (${eventName}), and they were not read`)

/** Enabling a type puts AWS's own policy everywhere; disabling it detaches every policy. */
function resetOf(type: GuardType, isEnabled: boolean) {
  return {
    ...{ entity: type, exists: isEnabled },
    cleared: (cell: string) =>
      isEnabled
        ? { value: cell.endsWith(` ${FULL_ACCESS[type]}`) ? value(true) : NO_VALUE, before: NO_VALUE }
        : { value: NO_VALUE, before: null },
  }
}

const fullAt = (isEnabled: boolean | null): CellValue =>
  isEnabled === null
    ? unknownValue('it is not known whether the type of policy was enabled when the unit was made')
    : isEnabled
      ? value(true)
      : NO_VALUE

/** The account was on the path that was read, or in a unit whose making is in the trail. Null: what was above it is not known. */
function pathAt(
  path: readonly string[],
  parent: CellValue,
  above: ReadonlyMap<string, string>,
): readonly string[] | null {
  if (parent.kind !== 'known') return null
  if (parent.value === true || parent.value === path.at(-2)) return path
  const units = typeof parent.value === 'string' ? upTo(path, parent.value, above) : null
  if (units === null) return null
  const [top = ''] = units
  return [...path.slice(0, path.indexOf(top)), ...units, ...path.slice(-1)]
}

/** The unit and those above it, up to the first one that is on the path, which is the first of them. Null: one of them is not known. */
function upTo(path: readonly string[], unit: string, above: ReadonlyMap<string, string>): readonly string[] | null {
  const units = [unit]
  for (;;) {
    const [top = ''] = units
    if (path.slice(0, -1).includes(top)) return units
    const parent = above.get(top)
    if (parent === undefined || units.includes(parent)) return null
    units.unshift(parent)
  }
}

/** Parents of the units that the writes make. */
const unitsMade = (writes: readonly TrailWrite[]): ReadonlyMap<string, string> =>
  new Map(
    writes.flatMap(({ eventName, parameters, response }) => {
      const id = jsonMembers(response?.['organizationalUnit'])?.['id']
      const parent = parameters?.['parentId']
      return eventName === 'CreateOrganizationalUnit' && typeof id === 'string' && typeof parent === 'string'
        ? [[id, parent] as const]
        : []
    }),
  )

type SeenPolicy = { readonly type: GuardType | 'other'; readonly name: string; readonly arn: string | null }

/** Policies whose type a write shows. */
function policiesIn(writes: readonly TrailWrite[]): ReadonlyMap<string, SeenPolicy> {
  const seen = new Map<string, SeenPolicy>()
  for (const { parameters, response } of writes) {
    const summary = jsonMembers(jsonMembers(response?.['policy'])?.['policySummary'])
    const [id, type, name, arn] = [
      summary?.['id'] ?? parameters?.['policyId'],
      summary?.['type'] ?? parameters?.['type'],
      summary?.['name'] ?? parameters?.['name'],
      summary?.['arn'],
    ]
    if (typeof id !== 'string' || typeof type !== 'string') continue
    const guard = Object.hasOwn(TYPE_OF, type) ? TYPE_OF[type] : undefined
    seen.set(id, {
      type: guard ?? 'other',
      name: typeof name === 'string' ? name : id,
      arn: typeof arn === 'string' ? arn : null,
    })
  }
  return seen
}

/** Policies by level, root first. Null: they were not read. */
function levelsIn(
  type: GuardType,
  read: Fact<readonly GuardrailLevel[]>,
  seen: ReadonlyMap<string, SeenPolicy>,
): ReadonlyMap<string, readonly Attached[]> | null {
  if (!read.known) return null
  const idOf = ({ name, arn }: SourcedPolicy): string => {
    const last = arn?.slice(arn.lastIndexOf('/') + 1) ?? ''
    if (last.startsWith('p-')) return last
    if (Object.hasOwn(FULL_NAMES, name)) return FULL_NAMES[name] ?? name
    // Names are unique among the policies of an organization.
    const named = [...seen].filter(([, one]) => one.type === type && one.name === name)
    return named.length === 1 ? (named[0]?.[0] ?? name) : `named ${name}`
  }
  return new Map(
    read.value.map(({ id, policies }) => [
      id,
      policies.map(policy => ({ id: idOf(policy), name: policy.name, arn: policy.arn, document: policy.document })),
    ]),
  )
}

function addTo(map: Map<string, Set<string>>, key: string, item: string): void {
  const present = map.get(key)
  if (present === undefined) map.set(key, new Set([item]))
  else present.add(item)
}

/** False for a write in another organization. */
function isOf({ response }: TrailWrite, organizationId: string | null): boolean {
  const arn =
    jsonMembers(jsonMembers(response?.['policy'])?.['policySummary'])?.['arn'] ??
    jsonMembers(response?.['root'])?.['arn']
  const named = typeof arn === 'string' ? (/\/(o-[a-z0-9]+)\//.exec(arn)?.[1] ?? null) : null
  return organizationId === null || named === null || named === organizationId
}

/** The ARN of what the write changed; its id where the organization is not known. Null: no write of Organizations. */
export function guardTarget(
  { source, parameters, response, accountId }: TrailWrite,
  partition: string,
  organizationId: string | null,
): string | null {
  if (source !== ORGANIZATIONS) return null
  const arn = jsonMembers(jsonMembers(response?.['policy'])?.['policySummary'])?.['arn']
  if (typeof arn === 'string') return arn
  const target =
    parameters?.['targetId'] ?? parameters?.['rootId'] ?? parameters?.['accountId'] ?? parameters?.['policyId']
  if (typeof target !== 'string') return null
  if (organizationId === null) return target
  const kind = /^\d{12}$/.test(target)
    ? 'account'
    : target.startsWith('r-')
      ? 'root'
      : target.startsWith('ou-')
        ? 'ou'
        : null
  return kind === null ? target : `arn:${partition}:organizations::${accountId}:${kind}/${organizationId}/${target}`
}
