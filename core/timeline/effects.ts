/** What a write changes, as values of cells: one for each policy, attachment, boundary, membership, tag and trust policy. */

import { type PolicyDocument, parseEntityArn, parsePolicy } from '../iam/index.ts'
import { jsonMembers, type TrailWrite } from './trail.ts'

/** A value that a cell has between two writes. `unknown`: it is written nowhere that was read. */
export type CellValue =
  | { readonly kind: 'known'; readonly value: Value }
  | { readonly kind: 'unknown'; readonly why: string }
  /** One of the versions of a policy: which one is not known. */
  | { readonly kind: 'one-of'; readonly values: readonly CellValue[] }

/** A document, an ARN, an id, a tag. True: it exists. Null: it does not. */
type Value = PolicyDocument | string | true | null

export type Effect = {
  readonly cell: string
  readonly value: CellValue
  /** What the cell had before, where the write succeeds only then. */
  readonly before?: CellValue
}

export type Effects =
  | { readonly kind: 'effects'; readonly effects: readonly Effect[]; readonly resets: readonly Reset[] }
  /** It changes something that it does not name. */
  | { readonly kind: 'blind'; readonly why: string }

/** An entity that is made or deleted: nothing of what it had before counts after. */
export type Reset = {
  readonly entity: string
  readonly exists: boolean
  /** What one of its cells has after, and had before. Null: any value. */
  readonly cleared: (cell: string) => { readonly value: CellValue; readonly before: CellValue | null }
}

export const value = (one: Value): CellValue => ({ kind: 'known', value: one })
export const NO_VALUE = value(null)
export const unknownValue = (why: string): CellValue => ({ kind: 'unknown', why })

export const entityKey = (accountId: string, kind: 'role' | 'user' | 'group', name: string): string =>
  `${accountId} ${kind} ${name.toLowerCase()}`

export const cells = {
  inline: (entity: string, policy: string) => `${entity} | inline | ${policy}`,
  attached: (entity: string, arn: string) => `${entity} | attached | ${arn}`,
  boundary: (entity: string) => `${entity} | boundary`,
  trust: (entity: string) => `${entity} | trust`,
  id: (entity: string) => `${entity} | id`,
  member: (entity: string, group: string) => `${entity} | member | ${group.toLowerCase()}`,
  tag: (entity: string, key: string) => `${entity} | tag | ${key.toLowerCase()}`,
  /** The document of the default version. */
  managed: (arn: string) => `policy ${arn}`,
} as const

type Members = { readonly [name: string]: unknown }

const KINDS = { Role: 'role', User: 'user', Group: 'group' } as const

/** `versionOf`: the document of a version of a policy, as far as it can be read. */
export function effectsOf(
  write: TrailWrite,
  partition: string,
  versionOf: (arn: string, versionId: string) => CellValue,
): Effects {
  const { eventName, accountId, parameters, response, source } = write
  if (source === 'cloudtrail.amazonaws.com') return { kind: 'blind', why: `the trail has a gap (${eventName})` }
  if (!MATTERS.test(eventName)) return none
  if (parameters === null) return { kind: 'blind', why: `the parameters of ${eventName} are omitted in the trail` }
  const text = (name: string): string | null => {
    const found = parameters[name]
    return typeof found === 'string' && found !== '' ? found : null
  }
  const missing = { kind: 'blind', why: `the parameters of ${eventName} are incomplete in the trail` } as const
  const [, verb = '', kindName = '', rest = ''] =
    /^(Put|Delete|Attach|Detach|Create|Tag|Untag|Update)(Role|User|Group)(.*)$/.exec(eventName) ?? []
  const kind = KINDS[kindName as keyof typeof KINDS] as 'role' | 'user' | 'group' | undefined
  if (kind !== undefined) {
    const name = text(`${kind}Name`)
    if (name === null) return missing
    const entity = entityKey(accountId, kind, name)
    switch (`${verb} ${rest}`) {
      case 'Put Policy': {
        const policy = text('policyName')
        return policy === null
          ? missing
          : one(cells.inline(entity, policy), documentMember(parameters, 'policyDocument'))
      }
      case 'Delete Policy': {
        const policy = text('policyName')
        return policy === null ? missing : one(cells.inline(entity, policy), NO_VALUE, unknownValue(NOWHERE))
      }
      case 'Attach Policy':
      case 'Detach Policy': {
        const arn = text('policyArn')
        if (arn === null) return missing
        // IAM refuses to detach what is not attached.
        return verb === 'Attach'
          ? one(cells.attached(entity, arn), value(true))
          : one(cells.attached(entity, arn), NO_VALUE, value(true))
      }
      case 'Put PermissionsBoundary': {
        const arn = text('permissionsBoundary')
        return one(cells.boundary(entity), arn === null ? unknownValue(OMITTED) : value(arn))
      }
      case 'Delete PermissionsBoundary':
        return one(cells.boundary(entity), NO_VALUE)
      case 'Create ':
        return created(entity, kind, write, parameters)
      case 'Delete ':
        return {
          kind: 'effects',
          effects: [{ cell: cells.id(entity), value: NO_VALUE }],
          resets: [entityReset(entity, false)],
        }
      case 'Tag ':
        return many(tagsIn(parameters).map(([key, tag]) => ({ cell: cells.tag(entity, key), value: value(tag) })))
      case 'Untag ': {
        const keys = parameters['tagKeys']
        if (!Array.isArray(keys)) return missing
        return many(keys.map(key => ({ cell: cells.tag(entity, String(key)), value: NO_VALUE })))
      }
      case 'Update ':
        return text('newUserName') === null && text('newGroupName') === null && text('newPath') === null
          ? none
          : { kind: 'blind', why: `${name} was renamed or moved` }
      default:
        return none
    }
  }
  switch (eventName) {
    case 'UpdateAssumeRolePolicy': {
      const name = text('roleName')
      if (name === null) return missing
      return one(cells.trust(entityKey(accountId, 'role', name)), documentMember(parameters, 'policyDocument'))
    }
    case 'AddUserToGroup':
    case 'RemoveUserFromGroup': {
      const [user, group] = [text('userName'), text('groupName')]
      if (user === null || group === null) return missing
      const cell = cells.member(entityKey(accountId, 'user', user), group)
      return eventName === 'AddUserToGroup' ? one(cell, value(true)) : one(cell, NO_VALUE, value(true))
    }
    case 'CreatePolicy': {
      const named = jsonMembers(response?.['policy'])?.['arn']
      const name = text('policyName')
      if (name === null && typeof named !== 'string') return missing
      const arn =
        typeof named === 'string' ? named : `arn:${partition}:iam::${accountId}:policy${text('path') ?? '/'}${name}`
      return one(cells.managed(arn), documentMember(parameters, 'policyDocument'), NO_VALUE)
    }
    case 'CreatePolicyVersion': {
      const arn = text('policyArn')
      if (arn === null) return missing
      return isTrue(parameters['setAsDefault'])
        ? one(cells.managed(arn), documentMember(parameters, 'policyDocument'))
        : none
    }
    case 'SetDefaultPolicyVersion': {
      const [arn, version] = [text('policyArn'), text('versionId')]
      return arn === null || version === null ? missing : one(cells.managed(arn), versionOf(arn, version))
    }
    case 'DeletePolicy': {
      const arn = text('policyArn')
      return arn === null ? missing : one(cells.managed(arn), NO_VALUE, unknownValue(NOWHERE))
    }
    default:
      return none
  }
}

/** Writes of keys, certificates, profiles and providers change no policy. */
const MATTERS =
  /^(?:(?:Put|Delete|Attach|Detach)(?:Role|User|Group)(?:Policy|PermissionsBoundary)|(?:Create|Delete|Update|Tag|Untag)(?:Role|User|Group)|UpdateAssumeRolePolicy|(?:AddUserTo|RemoveUserFrom)Group|(?:Create|Delete)Policy|CreatePolicyVersion|SetDefaultPolicyVersion)$/

const NOWHERE = 'the document that it replaced is nowhere in the trail'
const OMITTED = 'the trail omits a parameter'

const none: Effects = { kind: 'effects', effects: [], resets: [] }

const many = (effects: readonly Effect[]): Effects => ({ kind: 'effects', effects, resets: [] })

const one = (cell: string, now: CellValue, before?: CellValue): Effects =>
  many([{ cell, value: now, ...(before === undefined ? {} : { before }) }])

function created(entity: string, kind: 'role' | 'user' | 'group', write: TrailWrite, parameters: Members): Effects {
  const { response, id } = write
  const made = jsonMembers(response?.[kind])
  const uniqueId = made?.[`${kind}Id`]
  const effects: Effect[] = [
    {
      cell: cells.id(entity),
      value: value(typeof uniqueId === 'string' ? uniqueId : `made-by-${id}`),
      before: NO_VALUE,
    },
    ...tagsIn(parameters).map(([key, tag]) => ({ cell: cells.tag(entity, key), value: value(tag) })),
  ]
  if (kind === 'role')
    effects.push({ cell: cells.trust(entity), value: documentMember(parameters, 'assumeRolePolicyDocument') })
  const boundary = parameters['permissionsBoundary']
  if (typeof boundary === 'string') effects.push({ cell: cells.boundary(entity), value: value(boundary) })
  return { kind: 'effects', effects, resets: [entityReset(entity, true)] }
}

/** What is made again has nothing of before. IAM deletes only what has no policies left; a boundary and tags may be. */
function entityReset(entity: string, exists: boolean): Reset {
  const maybe = (cell: string): boolean =>
    cell === cells.trust(entity) || cell === cells.boundary(entity) || cell.startsWith(cells.tag(entity, ''))
  return { entity, exists, cleared: cell => ({ value: NO_VALUE, before: exists || !maybe(cell) ? NO_VALUE : null }) }
}

/** The policy document in a member of the parameters. */
export function documentMember(parameters: Members, member: string): CellValue {
  const given = parameters[member]
  if (given === undefined || given === null) return unknownValue(OMITTED)
  // Plain in most records, URL-encoded in some.
  const parsed = parsePolicy(given)
  return parsed.ok ? value(parsed.value) : unknownValue(`a document in the trail cannot be read: ${parsed.error}`)
}

function tagsIn(parameters: Members): readonly (readonly [key: string, value: string])[] {
  const { tags } = parameters
  if (!Array.isArray(tags)) return []
  return tags.flatMap(tag => {
    const { key, value: text } = jsonMembers(tag) ?? {}
    return typeof key === 'string' && typeof text === 'string' ? [[key, text] as const] : []
  })
}

const isTrue = (given: unknown): boolean => given === true || given === 'true'

/** The id of the version that a write made, with its document. Null: it made none. */
export function versionMadeBy({
  eventName,
  parameters,
  response,
}: TrailWrite): { readonly arn: string; readonly versionId: string; readonly document: CellValue } | null {
  if (parameters === null) return null
  if (eventName === 'CreatePolicy') {
    const made = jsonMembers(response?.['policy'])
    const [arn, versionId] = [made?.['arn'], made?.['defaultVersionId'] ?? 'v1']
    return typeof arn === 'string' && typeof versionId === 'string'
      ? { arn, versionId, document: documentMember(parameters, 'policyDocument') }
      : null
  }
  if (eventName !== 'CreatePolicyVersion') return null
  const arn = parameters['policyArn']
  const versionId = jsonMembers(response?.['policyVersion'])?.['versionId']
  return typeof arn === 'string' && typeof versionId === 'string'
    ? { arn, versionId, document: documentMember(parameters, 'policyDocument') }
    : null
}

/** `111122223333 role deploy` of an ARN of a role, user or group. Null: another ARN. */
export function entityKeyOf(arn: string): string | null {
  const entity = parseEntityArn(arn)
  if (entity !== null) return entityKey(entity.accountId, entity.kind, entity.name)
  const group = /^arn:[a-z-]+:iam::(\d{12}):group\/(?:.*\/)?([^/]+)$/.exec(arn)
  return group === null ? null : entityKey(group[1] ?? '', 'group', group[2] ?? '')
}
