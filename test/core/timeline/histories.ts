/**
 * Random histories of one account: what IAM and Organizations held after every write, the records of the writes, the answer of
 * a second evaluator, and whether the records and the last reading can prove anything at all.
 */

import { requestOf } from '../../../core/access/access-request.ts'
import { snapshotFor } from '../../../core/access/index.ts'
import { ABSENT, found, known } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { parseRecord } from '../../../core/denial/index.ts'
import type { AccessSnapshot, PolicyArchive, PolicyDocument, PolicyType, Role } from '../../../core/iam/index.ts'
import { ABSENT_KEY, present } from '../../../core/iam/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { naiveAnswer } from '../../naive/naive-evaluator.ts'

export const HOME = '111122223333'
export const AWAY = '444455556666'
const MANAGEMENT = '999999999999'
const [ROOT, UNIT] = ['r-ab12', 'ou-ab12-11111111']
/** CloudTrail delivers a record within 15 minutes. */
const DELAY_SECONDS = 900
const START_MS = Date.parse('2026-11-20T00:00:00Z')
const CALLER_ROLE = `arn:aws:iam::${HOME}:role/ci/deploy`
const CALLER_USER = `arn:aws:iam::${HOME}:user/ann`
const LAMBDA = 'lambda.amazonaws.com'

type Members = Record<string, unknown>
type Document = { readonly Version: '2012-10-17'; readonly Statement: readonly Members[] }
/** Whom a trust policy names: the caller of the id that it had then, or anybody by text. */
type Trust = { readonly callerId: string | null; readonly others: readonly string[]; readonly needsTag: boolean }

/** A small generator of numbers: the same seed gives the same history. */
export function random(seed: number): (below: number) => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  return below => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

export type HistoryOptions = {
  /** The action of the denied call. */
  readonly action: 'iam:PassRole' | 'sts:AssumeRole'
  readonly isCrossAccount: boolean
  readonly callerKind: 'user' | 'role'
  readonly related: number
  /** Writes on the caller or the role after the denial and before the reading. */
  readonly after: number
  readonly unrelated: number
  /** Some writes share their second. */
  readonly together: boolean
  /** The trail begins before anything was granted, so that every document is in it. */
  readonly fromTheStart: boolean
  /** The parameters of some writes are omitted. */
  readonly omitted: boolean
  /** The trail holds the records of the management account. Else nothing is written there. */
  readonly organizationsSeen: boolean
  /** How many of the writes before the reading have no record yet. Null: the trail ends so late that none can be missing. */
  readonly undelivered: number | null
}

/** One policy, attachment, membership, boundary, tag, trust policy, id, default version or place in the organization: by name. */
type World = ReadonlyMap<string, unknown>

type Change = {
  readonly key: string
  readonly step: number
  /** The write succeeds only for one value that the key had before. */
  readonly impliesBefore: boolean
}

export type Step = {
  readonly eventId: string
  readonly eventName: string
  readonly second: number
  readonly before: string
  readonly after: string
  readonly omitted: boolean
}

export type GeneratedHistory = {
  readonly denial: Denial
  readonly records: readonly Members[]
  readonly readAtMs: number
  readonly snapshot: AccessSnapshot
  readonly archive: PolicyArchive
  /** Each write on the subjects until the denial, with the answers before and after it. */
  readonly steps: readonly Step[]
  readonly answer: string
  /** Why nobody can name the write: another past fits the same records and reading. Null: none was found. */
  whyImpossible(): string | null
}

const POLICIES = [0, 1, 2, 3].map(at => `arn:aws:iam::${HOME}:policy/p${at}`)
const OTHER_POLICY = `arn:aws:iam::${HOME}:policy/other`
const GUARDS = ['p-guard00001', 'p-guard00002', 'p-guard00003']
const FULL = { scp: 'p-FullAWSAccess', rcp: 'p-RCPFullAWSAccess' } as const
type GuardType = keyof typeof FULL
const AWS_TYPE = { scp: 'SERVICE_CONTROL_POLICY', rcp: 'RESOURCE_CONTROL_POLICY' } as const
const FULL_DOCUMENT = {
  scp: allow('*'),
  rcp: one({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
} as const
const NAMES: readonly string[] = ['base', 'deploy', 'extra']

function allow(action: string): Document {
  return one({ Effect: 'Allow', Action: action, Resource: '*' })
}
function one(...Statement: Members[]): Document {
  return { Version: '2012-10-17', Statement }
}

export function historyOf(seed: number, options: HistoryOptions): GeneratedHistory {
  const next = random(seed)
  const pick = <T>(items: readonly T[]): T => items[next(items.length)] as T
  const { action, isCrossAccount, callerKind } = options
  const isUser = callerKind === 'user'
  const isAssume = action === 'sts:AssumeRole'
  const caller = isUser ? CALLER_USER : CALLER_ROLE
  const name = isUser ? 'ann' : 'deploy'
  const roleAccount = isCrossAccount ? AWAY : HOME
  const target = `arn:aws:iam::${roleAccount}:role/app/target`
  const own = isUser ? ['caller', 'team', 'night'] : ['caller']
  const versions = new Map<string, Document[]>()
  /** How many of them are older than the trail. */
  const versionsBefore = new Map<string, number>()
  const world = new Map<string, unknown>()
  const changes: Change[] = []
  const worlds: World[] = []
  let [serial, ids] = [0, 0]
  const newId = (prefix: string): string => {
    ids += 1
    return `${prefix}EXAMPLE${String(seed % 10_000).padStart(5, '0')}${String(ids).padStart(4, '0')}`
  }

  const text = (key: string): string | undefined => world.get(key) as string | undefined
  function statement(): Members {
    const resource = pick([target, target, '*', `${target}-2`, 'arn:aws:iam::*:role/app/*'])
    const conditions: Members[] = [
      ...(isUser ? [{ StringEquals: { 'aws:PrincipalTag/team': 'blue' } }] : []),
      ...(isAssume
        ? [{ StringEquals: { 'aws:ResourceTag/env': 'dev' } }]
        : [{ StringEquals: { 'iam:PassedToService': pick([LAMBDA, 'ec2.amazonaws.com']) } }]),
    ]
    switch (next(8)) {
      case 0:
        return { Effect: 'Deny', Action: action, Resource: resource }
      case 1:
        return { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
      case 2:
      case 3:
        return { Effect: 'Allow', Action: action, Resource: resource, Condition: pick(conditions) }
      default:
        return { Effect: 'Allow', Action: pick([action, action.replace(/:.*/, ':*')]), Resource: resource }
    }
  }
  const document = (): Document => one(...Array.from({ length: 1 + next(2) }, statement))
  const guardDocument = (type: GuardType): Document => {
    const anyone = type === 'rcp' ? { Principal: '*' } : {}
    return pick([
      one({ Effect: 'Deny', ...anyone, Action: action, Resource: '*' }),
      one({ Effect: 'Deny', ...anyone, Action: 's3:*', Resource: '*' }),
      one({ Effect: 'Deny', ...anyone, Action: pick([action, 's3:*']), Resource: pick([target, '*']) }),
      ...(type === 'scp' ? [allow('*'), allow('s3:*'), allow(action.replace(/:.*/, ':*'))] : []),
    ])
  }
  const guardType = new Map<string, GuardType>(GUARDS.map(id => [id, isAssume && next(3) === 0 ? 'rcp' : 'scp']))
  const newTrust = (): Trust =>
    pick([
      { callerId: text('caller') ?? null, others: [], needsTag: false },
      { callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: false },
      { callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: true },
      { callerId: null, others: ['arn:aws:iam::999988887777:root'], needsTag: false },
    ])
  const trustDocument = ({ callerId, others, needsTag }: Trust, now: string | undefined): Document =>
    one({
      Effect: 'Allow',
      Principal: { AWS: [...(callerId === null ? [] : [callerId === now ? caller : callerId]), ...others] },
      Action: 'sts:AssumeRole',
      ...(needsTag ? { Condition: { StringEquals: { 'aws:ResourceTag/env': 'dev' } } } : {}),
    })

  // What was there before the trail begins.
  world.set('caller', newId(isUser ? 'AIDA' : 'AROA'))
  world.set('target', newId('AROA'))
  world.set(
    'trust',
    isCrossAccount || next(2) === 0 ? { callerId: text('caller'), others: [], needsTag: false } : newTrust(),
  )
  world.set('parent', pick([ROOT, UNIT, UNIT]))
  for (const arn of POLICIES) {
    const made = Array.from({ length: options.fromTheStart ? 1 : 1 + next(3) }, document)
    versions.set(arn, made)
    versionsBefore.set(arn, made.length)
    world.set(`default|${arn}`, `v${1 + next(made.length)}`)
  }
  for (const id of GUARDS) world.set(`guard document|${id}`, guardDocument(guardType.get(id) ?? 'scp'))
  for (const type of ['scp', 'rcp'] as const)
    for (const place of placesOf(type)) world.set(`guard|${type}|${place}|${FULL[type]}`, true)
  if (!options.fromTheStart) {
    for (const entity of own) {
      if (next(2) === 0) world.set(`inline|${entity}|base`, document())
      if (next(2) === 0) world.set(`attached|${entity}|${pick(POLICIES)}`, true)
    }
    if (isUser && next(2) === 0) world.set('member|team', true)
    if (isUser && next(2) === 0) world.set('tag|caller|team', pick(['blue', 'red']))
    if (isAssume && next(2) === 0) world.set('tag|target|env', pick(['dev', 'prod']))
    if (!isAssume && next(5) === 0) world.set('boundary', pick(POLICIES))
    for (const id of GUARDS)
      if (next(4) === 0) world.set(`guard|${guardType.get(id)}|${pick(placesOf('scp'))}|${id}`, true)
  }

  function placesOf(type: GuardType): readonly string[] {
    return type === 'scp' || !isCrossAccount ? [ROOT, UNIT, HOME] : [ROOT, AWAY]
  }
  const pathOf = (type: GuardType, at: World): readonly string[] =>
    type === 'scp' || !isCrossAccount ? [ROOT, ...(at.get('parent') === UNIT ? [UNIT] : []), HOME] : [ROOT, AWAY]

  const record = denied(action, caller, target, callerKind, text('caller') ?? '')
  const denialNow = (): Denial => {
    const parsed = parseRecord(record)
    if (parsed.kind !== 'denial') throw new Error(`the generated denial is ${parsed.kind}`)
    return parsed.denial
  }

  function read(at: World) {
    const now = at.get('caller') as string | undefined
    const under = (prefix: string) =>
      [...at].flatMap(([key, given]) =>
        key.startsWith(prefix) && given !== undefined ? [[key.slice(prefix.length), given] as const] : [],
      )
    const inline = (entity: string) =>
      under(`inline|${entity}|`).map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument }))
    const attached = (entity: string) =>
      under(`attached|${entity}|`).map(([PolicyArn]) => ({ PolicyArn, PolicyName: PolicyArn.slice(-2) }))
    const tags = (entity: string) => under(`tag|${entity}|`).map(([Key, Value]) => ({ Key, Value }))
    const boundary = at.get('boundary')
    const callerMembers = {
      Arn: caller,
      AttachedManagedPolicies: attached('caller'),
      Tags: tags('caller'),
      ...(boundary === undefined ? {} : { PermissionsBoundary: { PermissionsBoundaryArn: boundary } }),
    }
    const root = trustDocument({ callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: false }, undefined)
    const targetRole =
      at.get('target') === undefined
        ? []
        : [
            {
              ...{
                Arn: target,
                RoleName: 'target',
                RoleId: at.get('target'),
                RolePolicyList: [],
                AttachedManagedPolicies: [],
              },
              ...{ AssumeRolePolicyDocument: trustDocument(at.get('trust') as Trust, now), Tags: tags('target') },
            },
          ]
    const home = {
      UserDetailList:
        isUser && now !== undefined
          ? [
              {
                ...callerMembers,
                UserName: name,
                UserId: now,
                UserPolicyList: inline('caller'),
                GroupList: under('member|').map(([group]) => group),
              },
            ]
          : [],
      GroupDetailList: own.slice(1).map(group => ({
        ...{ Arn: `arn:aws:iam::${HOME}:group/${group}`, GroupName: group },
        ...{ GroupPolicyList: inline(group), AttachedManagedPolicies: attached(group) },
      })),
      RoleDetailList: [
        ...(!isUser && now !== undefined
          ? [
              {
                ...callerMembers,
                RoleName: name,
                RoleId: now,
                RolePolicyList: inline('caller'),
                AssumeRolePolicyDocument: root,
              },
            ]
          : []),
        {
          ...{
            Arn: `arn:aws:iam::${HOME}:role/other`,
            RoleName: 'other',
            RoleId: 'AROAEXAMPLEOTHER1234',
            RolePolicyList: [],
          },
          ...{ AttachedManagedPolicies: [], AssumeRolePolicyDocument: root },
        },
        ...(isCrossAccount ? [] : targetRole),
      ],
      Policies: POLICIES.map(Arn => ({
        ...{ Arn, PolicyName: Arn.slice(-2), DefaultVersionId: at.get(`default|${Arn}`) },
        PolicyVersionList: (versions.get(Arn) ?? []).map((Document, index) => ({
          ...{ VersionId: `v${index + 1}`, IsDefaultVersion: at.get(`default|${Arn}`) === `v${index + 1}`, Document },
        })),
      })),
    }
    const level = (id: string) => ({
      id,
      serviceControlPolicies: guards('scp', id),
      resourceControlPolicies: guards('rcp', id),
    })
    const guards = (type: GuardType, place: string) =>
      under(`guard|${type}|${place}|`).map(([id]) => ({
        ...{
          name: id.slice(2),
          arn: `arn:aws:organizations::${MANAGEMENT}:policy/o-abc123/${AWS_TYPE[type].toLowerCase()}/${id}`,
        },
        document: id.startsWith('p-guard') ? at.get(`guard document|${id}`) : {},
      }))
    const org = {
      ...{ organizationId: 'o-abc123', managementAccountId: MANAGEMENT },
      accounts: {
        [HOME]: { path: pathOf('scp', at).map(level) },
        ...(isCrossAccount ? { [AWAY]: { path: [ROOT, AWAY].map(level) } } : {}),
      },
    }
    const away = { UserDetailList: [], GroupDetailList: [], RoleDetailList: targetRole, Policies: [] }
    const files = [
      home,
      ...(isCrossAccount ? [{ ...away, UserDetailList: [{ Arn: `arn:aws:iam::${AWAY}:user/x`, UserName: 'x' }] }] : []),
    ]
    return accessIn(
      files.map((file, index) => ({
        name: `${index}.json`,
        details: readAccountDetails(`${index}.json`, JSON.stringify(file)),
      })),
      { org: JSON.stringify(org) },
    )
  }

  function answerIn(at: World): string {
    // A caller that does not exist calls nothing.
    if (at.get('caller') === undefined) return 'denied'
    const denial = denialNow()
    const snapshot = seenBy(at)
    const request = requestOf(denial, target)
    const fact = (key: string) => (typeof at.get(key) === 'string' ? present(String(at.get(key))) : ABSENT_KEY)
    const context = {
      ...{ ...request.context, 'iam:passedtoservice': present(LAMBDA) },
      ...{ 'aws:principaltag/team': fact('tag|caller|team'), 'aws:resourcetag/env': fact('tag|target|env') },
    }
    return naiveAnswer({ ...request, context }, snapshot)
  }

  /** What the second evaluator sees, without the readers of files. */
  function seenBy(at: World): AccessSnapshot {
    const now = at.get('caller') as string | undefined
    const policy = (type: PolicyType, label: string, document: unknown) => ({
      ...{ type, name: label, arn: null, attachedTo: caller },
      document: document as PolicyDocument,
    })
    const managedBy = (arn: string) => {
      const version = Number(String(at.get(`default|${arn}`)).slice(1))
      return versions.get(arn)?.[version - 1] ?? one()
    }
    const holders = own.filter(entity => entity === 'caller' || at.has(`member|${entity}`))
    const policies = holders.flatMap(entity => [
      ...NAMES.filter(label => at.has(`inline|${entity}|${label}`)).map(label =>
        policy('identity', label, at.get(`inline|${entity}|${label}`)),
      ),
      ...POLICIES.filter(arn => at.has(`attached|${entity}|${arn}`)).map(arn =>
        policy('identity', arn, managedBy(arn)),
      ),
    ])
    const bound = at.get('boundary')
    const levels = (type: GuardType) =>
      pathOf(type, at).map(place => ({
        id: place,
        policies: [FULL[type], ...GUARDS]
          .filter(id => at.has(`guard|${type}|${place}|${id}`))
          .map(id => policy(type, id, id === FULL[type] ? FULL_DOCUMENT[type] : at.get(`guard document|${id}`))),
      }))
    const entity = { path: '/', uniqueId: null, tags: {}, policies: [], unseen: [], boundary: ABSENT }
    const role: Role = {
      ...entity,
      ...{ kind: 'role', arn: target, accountId: roleAccount, name: 'target' },
      trust: known(trustDocument((at.get('trust') as Trust | undefined) ?? NOBODY, now) as unknown as PolicyDocument),
    }
    return {
      caller: found({
        ...entity,
        ...{ kind: callerKind, arn: caller, accountId: HOME, name, policies },
        boundary: bound === undefined ? ABSENT : found(policy('boundary', 'boundary', managedBy(String(bound)))),
      }),
      targets: [{ arn: target, role: at.get('target') === undefined ? ABSENT : found(role), near: known([]) }],
      organization: known({ id: 'o-abc123', managementAccountId: MANAGEMENT }),
      ...{ scps: known(levels('scp')), rcps: known(levels('rcp')), session: known([]), vpce: known([]) },
    }
  }

  const records: Members[] = []
  const steps: Step[] = []
  let second = 10
  const write = (eventName: string, requestParameters: Members, more: Members = {}): Members => {
    serial += 1
    return {
      ...{ eventVersion: '1.11', eventTime: timeText(second), eventSource: 'iam.amazonaws.com', eventName },
      ...{ awsRegion: 'us-east-1', recipientAccountId: HOME },
      eventID: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
      userIdentity: {
        ...{ type: 'AssumedRole', arn: `arn:aws:sts::${HOME}:assumed-role/admin/run-${serial}`, accountId: HOME },
        principalId: `AROAEXAMPLEADMIN1234:run-${serial}`,
      },
      ...{ requestParameters, responseElements: null, ...more },
    }
  }
  const organized = (eventName: string, requestParameters: Members, responseElements: Members | null = null): Members =>
    write(eventName, requestParameters, {
      eventSource: 'organizations.amazonaws.com',
      recipientAccountId: MANAGEMENT,
      responseElements,
    })
  const encoded = (given: Document): string =>
    next(2) === 0 ? JSON.stringify(given) : encodeURIComponent(JSON.stringify(given))
  const set = (key: string, given: unknown, impliesBefore = false): void => {
    if (given === undefined) world.delete(key)
    else world.set(key, given)
    changes.push({ key, step: steps.length, impliesBefore })
  }

  /** Changes the world by one write, or by several where IAM asks for them, and gives the records in their order. */
  function related(): readonly (() => Members)[] {
    const entity = pick(own)
    const kind = entity === 'caller' ? (isUser ? 'User' : 'Role') : 'Group'
    const who = { [`${kind.toLowerCase()}Name`]: entity === 'caller' ? name : entity }
    const only = (run: () => Members) => [run]
    for (;;) {
      switch (next(22)) {
        case 0:
        case 1:
        case 2: {
          const [policyName, given] = [pick(NAMES), document()]
          return only(() => {
            set(`inline|${entity}|${policyName}`, given)
            return write(`Put${kind}Policy`, { ...who, policyName, policyDocument: encoded(given) })
          })
        }
        case 3: {
          const found = NAMES.filter(one => world.has(`inline|${entity}|${one}`))
          if (found.length === 0) break
          return only(deleted(kind, who, entity, pick(found)))
        }
        case 4:
        case 5: {
          const policyArn = pick(POLICIES)
          return only(() => {
            set(`attached|${entity}|${policyArn}`, true)
            return write(`Attach${kind}Policy`, { ...who, policyArn })
          })
        }
        case 6: {
          const found = POLICIES.filter(one => world.has(`attached|${entity}|${one}`))
          if (found.length === 0) break
          return only(detached(kind, who, entity, pick(found)))
        }
        case 7: {
          const [policyArn, given, setAsDefault] = [pick(POLICIES), document(), next(4) > 0]
          return only(() => {
            const all = versions.get(policyArn) ?? []
            all.push(given)
            const versionId = `v${all.length}`
            if (setAsDefault) set(`default|${policyArn}`, versionId)
            const policyVersion = { versionId, isDefaultVersion: setAsDefault }
            return write(
              'CreatePolicyVersion',
              { policyArn, policyDocument: encoded(given), setAsDefault },
              { responseElements: { policyVersion } },
            )
          })
        }
        case 8: {
          const policyArn = pick(POLICIES)
          const versionId = `v${1 + next(versions.get(policyArn)?.length ?? 1)}`
          return only(() => {
            set(`default|${policyArn}`, versionId)
            return write('SetDefaultPolicyVersion', { policyArn, versionId })
          })
        }
        case 9: {
          // AWS's pages contradict each other about a trust policy that names a user with a boundary.
          if (isUser && isAssume) break
          const mine = isUser ? { userName: name } : { roleName: name }
          const verb = isUser ? 'User' : 'Role'
          if (world.has('boundary') && next(2) === 0)
            return only(() => {
              set('boundary', undefined)
              return write(`Delete${verb}PermissionsBoundary`, mine)
            })
          const permissionsBoundary = pick(POLICIES)
          return only(() => {
            set('boundary', permissionsBoundary)
            return write(`Put${verb}PermissionsBoundary`, { ...mine, permissionsBoundary })
          })
        }
        case 10:
        case 11: {
          if (!isUser) break
          const groupName = pick(['team', 'night'])
          if (world.has(`member|${groupName}`)) return only(left(groupName))
          return only(() => {
            set(`member|${groupName}`, true)
            return write('AddUserToGroup', { userName: name, groupName })
          })
        }
        case 12: {
          const isOfCaller = !isAssume || (isUser && next(2) === 0)
          if (isOfCaller && !isUser) break
          const [entity, key] = isOfCaller ? (['caller', 'team'] as const) : (['target', 'env'] as const)
          const tag = pick(isOfCaller ? ['blue', 'red'] : ['dev', 'prod'])
          const [verb, who] = isOfCaller ? ['User', { userName: name }] : ['Role', { roleName: 'target' }]
          const place = isOfCaller ? {} : { recipientAccountId: roleAccount }
          if (world.has(`tag|${entity}|${key}`) && next(3) === 0)
            return only(() => {
              set(`tag|${entity}|${key}`, undefined)
              return write(`Untag${verb}`, { ...who, tagKeys: [key] }, place)
            })
          return only(() => {
            set(`tag|${entity}|${key}`, tag)
            return write(`Tag${verb}`, { ...who, tags: [{ key, value: tag }] }, place)
          })
        }
        case 13:
          return madeAgain()
        case 14: {
          if (!isAssume) break
          if (next(3) === 0) return targetMadeAgain()
          const trust = newTrust()
          return only(() => {
            set('trust', trust)
            const policyDocument = encoded(trustDocument(trust, text('caller')))
            return write(
              'UpdateAssumeRolePolicy',
              { roleName: 'target', policyDocument },
              { recipientAccountId: roleAccount },
            )
          })
        }
        case 15:
        case 16:
        case 17:
        case 18: {
          const done = options.organizationsSeen ? guarded() : null
          if (done === null) break
          return done
        }
        case 19: {
          if (!options.organizationsSeen) break
          const [from, to] = text('parent') === ROOT ? [ROOT, UNIT] : [UNIT, ROOT]
          return only(() => {
            set('parent', to, true)
            return organized('MoveAccount', { accountId: HOME, sourceParentId: from, destinationParentId: to })
          })
        }
        default: {
          if (!isAssume) break
          const trust = newTrust()
          return only(() => {
            set('trust', trust)
            const policyDocument = encoded(trustDocument(trust, text('caller')))
            return write(
              'UpdateAssumeRolePolicy',
              { roleName: 'target', policyDocument },
              { recipientAccountId: roleAccount },
            )
          })
        }
      }
    }
  }

  const deleted = (kind: string, who: Members, entity: string, policyName: string) => () => {
    set(`inline|${entity}|${policyName}`, undefined)
    return write(`Delete${kind}Policy`, { ...who, policyName })
  }
  const detached = (kind: string, who: Members, entity: string, policyArn: string) => () => {
    set(`attached|${entity}|${policyArn}`, undefined, true)
    return write(`Detach${kind}Policy`, { ...who, policyArn })
  }
  const left = (groupName: string) => () => {
    set(`member|${groupName}`, undefined, true)
    return write('RemoveUserFromGroup', { userName: name, groupName })
  }

  /** The caller is deleted and made again under its name: IAM wants its policies and groups gone first. */
  function madeAgain(): readonly (() => Members)[] {
    const kind = isUser ? 'User' : 'Role'
    const who = isUser ? { userName: name } : { roleName: name }
    const reset = (value: string | undefined) => {
      const gone = [
        'boundary',
        'tag|caller|team',
        ...NAMES.map(one => `inline|caller|${one}`),
        ...POLICIES.map(one => `attached|caller|${one}`),
        ...(isUser ? ['member|team', 'member|night'] : []),
      ]
      for (const key of gone) set(key, undefined, value !== undefined || !/^(?:boundary|tag)/.test(key))
      set('caller', value, true)
    }
    return [
      ...NAMES.filter(one => world.has(`inline|caller|${one}`)).map(one => deleted(kind, who, 'caller', one)),
      ...POLICIES.filter(one => world.has(`attached|caller|${one}`)).map(one => detached(kind, who, 'caller', one)),
      ...(isUser ? ['team', 'night'] : []).filter(one => world.has(`member|${one}`)).map(left),
      () => {
        reset(undefined)
        return write(`Delete${kind}`, who)
      },
      () => {
        const id = newId(isUser ? 'AIDA' : 'AROA')
        reset(id)
        const root = trustDocument(
          { callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: false },
          undefined,
        )
        const made = { [`${kind.toLowerCase()}Id`]: id }
        const path = isUser ? {} : { path: '/ci/', assumeRolePolicyDocument: encoded(root) }
        return write(`Create${kind}`, { ...who, ...path }, { responseElements: { [kind.toLowerCase()]: made } })
      },
    ]
  }

  function targetMadeAgain(): readonly (() => Members)[] {
    const place = { recipientAccountId: roleAccount }
    return [
      () => {
        set('target', undefined, true)
        set('trust', undefined)
        set('tag|target|env', undefined)
        return write('DeleteRole', { roleName: 'target' }, place)
      },
      () => {
        const [trust, roleId] = [newTrust(), newId('AROA')]
        const tags = next(2) === 0 ? [] : [{ key: 'env', value: pick(['dev', 'prod']) }]
        set('target', roleId, true)
        set('trust', trust, true)
        set('tag|target|env', tags[0]?.value, true)
        const assumeRolePolicyDocument = encoded(trustDocument(trust, text('caller')))
        return write(
          'CreateRole',
          { roleName: 'target', path: '/app/', assumeRolePolicyDocument, tags },
          { ...place, responseElements: { role: { roleId } } },
        )
      },
    ]
  }

  /** One write of Organizations. Null: it would be refused, or nothing of this kind can be done now. */
  function guarded(): readonly (() => Members)[] | null {
    const type: GuardType = isAssume && next(3) === 0 ? 'rcp' : 'scp'
    const places = placesOf(type)
    const isEnabled = places.some(
      place =>
        world.has(`guard|${type}|${place}|${FULL[type]}`) ||
        GUARDS.some(id => world.has(`guard|${type}|${place}|${id}`)),
    )
    if (!isEnabled || next(12) === 0) {
      const parameters = { rootId: ROOT, policyType: AWS_TYPE[type] }
      return [
        () => {
          for (const place of places)
            for (const id of [FULL[type], ...GUARDS.filter(one => guardType.get(one) === type)])
              set(`guard|${type}|${place}|${id}`, isEnabled || id !== FULL[type] ? undefined : true, !isEnabled)
          return organized(isEnabled ? 'DisablePolicyType' : 'EnablePolicyType', parameters)
        },
      ]
    }
    const mine = GUARDS.filter(id => guardType.get(id) === type)
    if (mine.length === 0) return null
    const id = pick(type === 'scp' ? [...mine, FULL.scp] : mine)
    const [place, key] = [pick(places), (at: string) => `guard|${type}|${at}|${id}`]
    if (id !== FULL[type] && next(3) === 0) {
      const content = guardDocument(type)
      const policySummary = {
        id,
        type: AWS_TYPE[type],
        name: id.slice(2),
        arn: `arn:aws:organizations::${MANAGEMENT}:policy/o-abc123/${AWS_TYPE[type].toLowerCase()}/${id}`,
      }
      return [
        () => {
          set(`guard document|${id}`, content)
          return organized(
            'UpdatePolicy',
            { policyId: id, content: JSON.stringify(content) },
            { policy: { policySummary, content: JSON.stringify(content) } },
          )
        },
      ]
    }
    if (!world.has(key(place)))
      return [
        () => {
          set(key(place), true, true)
          return organized('AttachPolicy', { policyId: id, targetId: place })
        },
      ]
    // Organizations keeps at least one policy of an enabled type on every level.
    const others = [FULL[type], ...mine].filter(other => other !== id && world.has(`guard|${type}|${place}|${other}`))
    if (others.length === 0) return null
    return [
      () => {
        set(key(place), undefined, true)
        return organized('DetachPolicy', { policyId: id, targetId: place })
      },
    ]
  }

  function unrelated(): Members {
    switch (next(10)) {
      case 0:
        return write('PutRolePolicy', {
          roleName: 'bystander',
          policyName: 'base',
          policyDocument: encoded(document()),
        })
      case 1:
        // The same name in another account.
        return write(
          'PutRolePolicy',
          { roleName: name, policyName: 'base', policyDocument: encoded(document()) },
          { recipientAccountId: '999988887777' },
        )
      case 2:
        return write(
          'DeleteRolePolicy',
          { roleName: name, policyName: 'base' },
          { errorCode: 'AccessDenied', errorMessage: 'no' },
        )
      case 3:
        return write('CreateAccessKey', { userName: name })
      case 4:
        return write('AttachUserPolicy', { userName: 'bystander', policyArn: pick(POLICIES) })
      case 5:
        return organized('AttachPolicy', { policyId: pick(GUARDS), targetId: '222233334444' })
      case 6:
        return {
          ...organized('AttachPolicy', { policyId: pick(GUARDS), targetId: ROOT }),
          errorCode: 'AccessDeniedException',
        }
      case 7:
        return {
          ...write('GetFunction', { functionName: 'f' }),
          eventSource: 'lambda.amazonaws.com',
          awsRegion: 'eu-west-1',
          readOnly: true,
        }
      case 8:
        return organized('MoveAccount', { accountId: '222233334444', sourceParentId: ROOT, destinationParentId: UNIT })
      default:
        return write('GetRole', { roleName: name })
    }
  }

  if (options.fromTheStart) beginning()
  function beginning(): void {
    const root = trustDocument({ callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: false }, undefined)
    const id = text('caller')
    second = 1
    records.push(
      isUser
        ? write('CreateUser', { userName: name }, { responseElements: { user: { userId: id } } })
        : write(
            'CreateRole',
            { roleName: name, path: '/ci/', assumeRolePolicyDocument: encoded(root) },
            { responseElements: { role: { roleId: id } } },
          ),
    )
    second = 2
    for (const groupName of own.slice(1)) records.push(write('CreateGroup', { groupName }))
    second = 3
    for (const [arn, [first]] of versions)
      records.push(
        write(
          'CreatePolicy',
          { policyName: arn.slice(-2), policyDocument: encoded(first ?? document()) },
          { responseElements: { policy: { arn, defaultVersionId: 'v1' } } },
        ),
      )
    second = 4
    for (const policyType of Object.values(AWS_TYPE))
      records.push(organized('EnablePolicyType', { rootId: ROOT, policyType }))
    for (const [guard, type] of guardType) {
      const content = JSON.stringify(world.get(`guard document|${guard}`))
      const policySummary = { id: guard, type: AWS_TYPE[type], name: guard.slice(2) }
      records.push(
        organized(
          'CreatePolicy',
          { content, type: AWS_TYPE[type], name: guard.slice(2) },
          { policy: { policySummary, content } },
        ),
      )
    }
    second = 5
    records.push(
      organized(
        'CreateOrganizationalUnit',
        { parentId: ROOT, name: 'deploys' },
        { organizationalUnit: { id: UNIT, name: 'deploys' } },
      ),
    )
    const assumeRolePolicyDocument = encoded(trustDocument(world.get('trust') as Trust, id))
    records.push(
      write(
        'CreateRole',
        { roleName: 'target', path: '/app/', assumeRolePolicyDocument },
        { recipientAccountId: roleAccount, responseElements: { role: { roleId: text('target') } } },
      ),
    )
    second = 10
  }

  const order = [
    ...Array.from({ length: options.related }, () => true),
    ...Array.from({ length: options.unrelated }, () => false),
  ].sort(() => next(3) - 1)
  const pass = () => {
    second += options.together ? next(2) : 1 + next(30)
  }
  let answer = answerIn(world)
  function perform(): void {
    for (const [index, run] of related().entries()) {
      if (index > 0) pass()
      const before = answer
      worlds.push(new Map(world))
      const written = run()
      answer = answerIn(world)
      const isOmitted = options.omitted && next(8) === 0
      if (isOmitted)
        written['requestParameters'] = pick([null, { omitted: true, originalSize: 105_000, reason: 'too large' }])
      records.push(written)
      steps.push({
        ...{ eventId: String(written['eventID']), eventName: String(written['eventName']), second },
        ...{ before, after: answer, omitted: isOmitted },
      })
    }
  }
  for (const isRelated of order) {
    pass()
    if (isRelated) perform()
    else records.push(unrelated())
  }
  second += 1 + next(30)
  record['eventTime'] = timeText(second)
  Object.assign(record, denied(action, caller, target, callerKind, text('caller') ?? ''), {
    eventTime: timeText(second),
  })
  const denial = denialNow()
  const answerThen = answer
  const until = steps.length
  records.push(record)
  const delivered = options.after - (options.undelivered ?? 0)
  let kept = records.length
  for (let at = 0; at < options.after; at += 1) {
    second += 1 + next(30)
    perform()
    if (at < delivered) kept = records.length
  }
  records.length = kept
  const access = read(world)
  const snapshot = snapshotFor(denial, access)
  second += 1
  const readAtMs = START_MS + second * 1_000
  // The accounts of the role and of the organization have records of their own.
  const ends = options.undelivered === null ? second + DELAY_SECONDS : second + next(DELAY_SECONDS)
  for (const [account, from] of [
    [HOME, 0],
    [HOME, ends],
    [AWAY, 0],
    [AWAY, ends],
    [MANAGEMENT, 0],
    [MANAGEMENT, ends],
  ] as const) {
    second = from
    records.push({ ...write('GetRole', { roleName: 'x' }), recipientAccountId: account })
  }
  if (!options.organizationsSeen)
    records.splice(0, records.length, ...records.filter(one => one['recipientAccountId'] !== MANAGEMENT))
  const whole = [...records, ...records.filter(() => next(10) === 0)]
  for (let at = whole.length - 1; at > 0; at -= 1) {
    const other = next(at + 1)
    const [a, b] = [whole[at] as Members, whole[other] as Members]
    whole[at] = b
    whole[other] = a
  }
  return {
    ...{ denial, records: whole, readAtMs, snapshot, archive: access.archive },
    ...{ steps: steps.slice(0, until), answer: answerThen },
    whyImpossible: () => whyImpossible(),
  }

  function whyImpossible(): string | null {
    const flip = steps.slice(0, until).findLastIndex(({ before, after }) => before === 'allowed' && after === 'denied')
    if (flip === -1) return null
    if (options.undelivered !== null) return 'not delivered: writes before the reading'
    const since = steps.slice(flip)
    if (since.some(step => step.omitted)) return 'parameters omitted since'
    // What it wrote may be what counts: a tag, a document, an attachment.
    if (steps.slice(0, flip).some(step => step.omitted)) return 'parameters omitted before'
    const seconds = since.map(step => step.second)
    if (new Set(seconds).size < seconds.length || steps[flip - 1]?.second === steps[flip]?.second)
      return 'two writes in one second'
    // Where the account is when it was read is what the reading shows of the organization.
    const shown = new Map<string, unknown>(world)
    const hidden = (key: string): boolean => {
      const [kind, type, place] = key.split('|')
      if (kind !== 'guard' || (type !== 'scp' && type !== 'rcp')) return false
      return !pathOf(type, shown).includes(place ?? '')
    }
    const all = [...worlds.slice(flip, until), ...(until < worlds.length ? [worlds[until] as World] : [new Map(world)])]
    // Only the record that made a unit shows what is above it, once the account is in it no more.
    if (!options.fromTheStart && all.some(at => at.get('parent') !== world.get('parent') && at.get('parent') === UNIT))
      return 'not seen: above a former unit'
    // The id of a caller that was made again stands only in the record that had made it.
    const named = (all[0]?.get('trust') as Trust | undefined)?.callerId ?? null
    if (isAssume && named !== null && named !== world.get('caller') && !options.fromTheStart)
      return 'not seen: the former id of the caller'
    for (const [index, at] of all.entries()) {
      const unseen = [...new Set([...at.keys(), ...changes.map(({ key }) => key), ...hiddenKeys()])].filter(
        key => !isSeen(key, flip + index),
      )
      for (const key of unseen)
        for (const other of otherValues(key, flip + index)) {
          const changed = new Map(at)
          if (other === undefined) changed.delete(key)
          else changed.set(key, other)
          if (answerIn(changed) !== answerIn(at)) return `not seen: ${key.split('|')[0]}`
        }
    }
    return null

    function hiddenKeys(): readonly string[] {
      return (['scp', 'rcp'] as const).flatMap(type =>
        placesOf(type).flatMap(place =>
          GUARDS.filter(id => guardType.get(id) === type).map(id => `guard|${type}|${place}|${id}`),
        ),
      )
    }

    /** Before the step with this index: written by a record before, told by the next record, or read at the end. */
    function isSeen(key: string, before: number): boolean {
      const own = changes.filter(change => change.key === key)
      const made = own.findLast(({ step }) => step < before)
      const after = own.find(({ step }) => step >= before)
      if (after === undefined) return !hidden(key) || isWritten(key, made, before)
      if (after.impliesBefore && steps[after.step]?.omitted === false) return true
      return isWritten(key, made, before)
    }
    function isWritten(key: string, made: Change | undefined, before: number): boolean {
      if (made === undefined)
        return options.fromTheStart
          ? key !== 'parent' && !omittedBetween(0, before)
          : versionsBefore.get(key.slice('default|'.length)) === 1 && !omittedBetween(0, before)
      return steps[made.step]?.omitted === false && !omittedBetween(made.step + 1, before)
    }
    function omittedBetween(from: number, to: number): boolean {
      return steps.slice(from, to).some(({ omitted }) => omitted)
    }
  }

  function otherValues(key: string, before: number): readonly unknown[] {
    switch (key.split('|')[0]) {
      case 'inline':
        return [undefined, allow('*'), one({ Effect: 'Deny', Action: '*', Resource: '*' })]
      case 'guard document':
        return [allow('*'), one({ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' }), allow('s3:*')]
      case 'attached':
      case 'member':
      case 'guard':
        return [undefined, true]
      case 'boundary':
        // Any policy may have been the boundary, also one that allows nothing.
        return [undefined, ...POLICIES, OTHER_POLICY]
      case 'tag':
        return [undefined, 'blue', 'red', 'dev', 'prod']
      case 'trust':
        return [
          { callerId: null, others: [`arn:aws:iam::${HOME}:root`], needsTag: false },
          { callerId: null, others: ['arn:aws:iam::999988887777:root'], needsTag: false },
        ]
      case 'default': {
        const arn = key.slice('default|'.length)
        // Any of those that are older than the first write that sets another one, also the same one again.
        const isFirst = !changes.some(change => change.key === key && change.step < before)
        const all = (versions.get(arn) ?? []).map((_, index) => `v${index + 1}`)
        return isFirst ? all.slice(0, versionsBefore.get(arn)) : all
      }
      default:
        return []
    }
  }
}

/** Of a role that does not exist. */
const NOBODY: Trust = { callerId: null, others: [], needsTag: false }

const timeText = (second: number): string => new Date(START_MS + second * 1_000).toISOString().replace('.000Z', 'Z')

function denied(action: string, caller: string, target: string, kind: 'user' | 'role', id: string): Members {
  const session = `arn:aws:sts::${HOME}:assumed-role/deploy/ci-42`
  const identity =
    kind === 'user'
      ? { type: 'IAMUser', arn: caller, accountId: HOME, userName: 'ann', principalId: id }
      : {
          ...{ type: 'AssumedRole', arn: session, accountId: HOME, principalId: `${id}:ci-42` },
          sessionContext: {
            sessionIssuer: { type: 'Role', arn: caller, accountId: HOME, userName: 'deploy', principalId: id },
          },
        }
  const who = kind === 'user' ? caller : session
  const isPass = action === 'iam:PassRole'
  return {
    ...{ eventVersion: '1.11', eventTime: timeText(0), awsRegion: 'eu-west-1', recipientAccountId: HOME },
    ...{ eventID: '99999999-0000-4000-8000-000000000000', userIdentity: identity },
    ...(isPass
      ? { eventSource: LAMBDA, eventName: 'CreateFunction20150331', errorCode: 'AccessDeniedException' }
      : { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied' }),
    errorMessage: `User: ${who} is not authorized to perform: ${action} on resource: ${target}`,
    requestParameters: isPass ? { role: target, functionName: 'f' } : null,
    responseElements: null,
  }
}
