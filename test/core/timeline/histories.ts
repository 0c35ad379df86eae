/** Random histories of one account: what IAM held after every write, the records of the writes, and the answer of a second evaluator. */

import { requestOf } from '../../../core/access/access-request.ts'
import { snapshotFor } from '../../../core/access/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { parseRecord } from '../../../core/denial/index.ts'
import type { AccessSnapshot, PolicyArchive, PolicyDocument } from '../../../core/iam/index.ts'
import { present } from '../../../core/iam/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { naiveAnswer } from '../../naive/naive-evaluator.ts'

export const HOME = '111122223333'
export const AWAY = '444455556666'
const START_MS = Date.parse('2026-11-20T00:00:00Z')
const CALLER_ROLE = `arn:aws:iam::${HOME}:role/ci/deploy`
const CALLER_USER = `arn:aws:iam::${HOME}:user/ann`

type Members = Record<string, unknown>
type Document = { Version: '2012-10-17'; Statement: readonly Members[] }

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
  readonly unrelated: number
  /** Some writes share their second. */
  readonly together: boolean
  /** The trail begins before anything was granted, so that every document is in it. */
  readonly fromTheStart: boolean
  /** The parameters of some writes are omitted. */
  readonly omitted: boolean
}

type State = {
  readonly inline: Map<string, Map<string, Document>>
  readonly attached: Map<string, Set<string>>
  readonly boundaries: Map<string, string>
  readonly policies: Map<string, { versions: Map<string, Document>; defaultId: string; next: number }>
  readonly members: Set<string>
  trust: Document
}

export type GeneratedHistory = {
  readonly denial: Denial
  readonly record: Members
  readonly records: readonly Members[]
  readonly snapshot: AccessSnapshot
  readonly archive: PolicyArchive
  /** Each write on the subjects, with the answers before and after it. */
  readonly steps: readonly {
    readonly eventId: string
    readonly second: number
    readonly before: string
    readonly after: string
    readonly omitted: boolean
  }[]
  readonly answer: string
}

const OTHER = (at: number) => `arn:aws:iam::${HOME}:policy/p${at}`

export function historyOf(seed: number, options: HistoryOptions): GeneratedHistory {
  const next = random(seed)
  const pick = <T>(items: readonly T[]): T => items[next(items.length)] as T
  const { action, isCrossAccount, callerKind } = options
  const caller = callerKind === 'user' ? CALLER_USER : CALLER_ROLE
  const name = callerKind === 'user' ? 'ann' : 'deploy'
  const target = `arn:aws:iam::${isCrossAccount ? AWAY : HOME}:role/app/target`
  const own = callerKind === 'user' ? ['caller', 'team', 'night'] : ['caller']
  const state: State = {
    inline: new Map([...own, 'other'].map(entity => [entity, new Map<string, Document>()])),
    attached: new Map([...own, 'other'].map(entity => [entity, new Set<string>()])),
    boundaries: new Map(),
    policies: new Map(),
    members: new Set(),
    trust: trusting(isCrossAccount || next(2) === 0 ? caller : `arn:aws:iam::${HOME}:root`),
  }

  function statement(): Members {
    const resource = pick([target, target, '*', `${target}-2`, 'arn:aws:iam::*:role/app/*'])
    switch (next(7)) {
      case 0:
        return { Effect: 'Deny', Action: action, Resource: resource }
      case 1:
        return { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
      case 2:
        return action === 'iam:PassRole'
          ? {
              Effect: 'Allow',
              Action: action,
              Resource: resource,
              Condition: {
                StringEquals: { 'iam:PassedToService': pick(['lambda.amazonaws.com', 'ec2.amazonaws.com']) },
              },
            }
          : { Effect: 'Allow', Action: 'sts:*', Resource: resource }
      default:
        return { Effect: 'Allow', Action: pick([action, action.replace(/:.*/, ':*')]), Resource: resource }
    }
  }
  const document = (): Document => ({
    Version: '2012-10-17',
    Statement: Array.from({ length: 1 + next(2) }, statement),
  })
  function trusting(...principals: readonly string[]): Document {
    return {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: [...principals] }, Action: 'sts:AssumeRole' }],
    }
  }

  // What was there before the trail begins.
  for (let at = 0; at < 4; at += 1)
    state.policies.set(OTHER(at), { versions: new Map([['v1', document()]]), defaultId: 'v1', next: 2 })
  for (const entity of options.fromTheStart ? [] : own) {
    if (next(2) === 0) state.inline.get(entity)?.set('base', document())
    if (next(2) === 0) state.attached.get(entity)?.add(OTHER(next(4)))
  }
  if (!options.fromTheStart && callerKind === 'user' && next(2) === 0) state.members.add('team')
  if (!options.fromTheStart && action === 'iam:PassRole' && next(5) === 0)
    state.boundaries.set('caller', OTHER(next(4)))

  const accountOf = (): Members => accountFile()
  function accountFile(): Members {
    const policyList = (entity: string) =>
      [...(state.inline.get(entity) ?? [])].map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument }))
    const attachedList = (entity: string) =>
      [...(state.attached.get(entity) ?? [])].map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn.slice(-2) }))
    const boundary = state.boundaries.get('caller')
    const common = (entity: string) => ({
      AttachedManagedPolicies: attachedList(entity),
      ...(entity === 'caller' && boundary !== undefined
        ? { PermissionsBoundary: { PermissionsBoundaryArn: boundary } }
        : {}),
    })
    const root = trusting(`arn:aws:iam::${HOME}:root`)
    const roles = [
      ...(callerKind === 'role'
        ? [
            {
              Arn: caller,
              RoleName: name,
              RoleId: 'AROAEXAMPLEDEPLOY123',
              RolePolicyList: policyList('caller'),
              AssumeRolePolicyDocument: root,
              ...common('caller'),
            },
          ]
        : []),
      {
        Arn: `arn:aws:iam::${HOME}:role/other`,
        RoleName: 'other',
        RoleId: 'AROAEXAMPLEOTHER1234',
        RolePolicyList: policyList('other'),
        AssumeRolePolicyDocument: root,
        ...common('other'),
      },
      ...(isCrossAccount
        ? []
        : [
            {
              Arn: target,
              RoleName: 'target',
              RoleId: 'AROAEXAMPLETARGET123',
              RolePolicyList: [],
              AttachedManagedPolicies: [],
              AssumeRolePolicyDocument: state.trust,
            },
          ]),
    ]
    return {
      UserDetailList:
        callerKind === 'user'
          ? [
              {
                Arn: caller,
                UserName: name,
                UserId: 'AIDAEXAMPLEANN123456',
                UserPolicyList: policyList('caller'),
                GroupList: [...state.members],
                ...common('caller'),
              },
            ]
          : [],
      GroupDetailList: own
        .filter(entity => entity !== 'caller')
        .map(group => ({
          Arn: `arn:aws:iam::${HOME}:group/${group}`,
          GroupName: group,
          GroupPolicyList: policyList(group),
          AttachedManagedPolicies: attachedList(group),
        })),
      RoleDetailList: roles,
      Policies: [...state.policies].map(([Arn, { versions, defaultId }]) => ({
        ...{ Arn, PolicyName: Arn.slice(-2), DefaultVersionId: defaultId },
        PolicyVersionList: [...versions].map(([VersionId, Document]) => ({
          VersionId,
          IsDefaultVersion: VersionId === defaultId,
          Document,
        })),
      })),
    }
  }

  const record = denied(action, caller, target, callerKind)
  const parsed = parseRecord(record)
  if (parsed.kind !== 'denial') throw new Error(`the generated denial is ${parsed.kind}`)
  const { denial } = parsed

  const read = () => {
    const files = [{ name: 'home.json', details: readAccountDetails('home.json', JSON.stringify(accountOf())) }]
    if (isCrossAccount) {
      const away = {
        UserDetailList: [],
        GroupDetailList: [],
        RoleDetailList: [
          {
            Arn: target,
            RoleName: 'target',
            RoleId: 'AROAEXAMPLETARGET123',
            RolePolicyList: [],
            AttachedManagedPolicies: [],
            AssumeRolePolicyDocument: state.trust,
          },
        ],
        Policies: [],
      }
      files.push({ name: 'away.json', details: readAccountDetails('away.json', JSON.stringify(away)) })
    }
    return accessIn(files)
  }
  const naive = (): string => {
    const access = read()
    const snapshot = snapshotFor(denial, access)
    const request = requestOf(denial, target)
    const context = { ...request.context, 'iam:passedtoservice': present('lambda.amazonaws.com') }
    return naiveAnswer(
      { ...request, context },
      {
        ...snapshot,
        scps: { known: true, value: [] },
        rcps: { known: true, value: [] },
        session: { known: true, value: [] },
        vpce: { known: true, value: [] },
      },
    )
  }

  const records: Members[] = []
  const steps: { eventId: string; second: number; before: string; after: string; omitted: boolean }[] = []
  let second = 10
  let serial = 0
  const write = (eventName: string, requestParameters: Members, more: Members = {}): Members => {
    serial += 1
    return {
      eventVersion: '1.11',
      eventTime: timeText(second),
      eventSource: 'iam.amazonaws.com',
      eventName,
      awsRegion: 'us-east-1',
      recipientAccountId: HOME,
      eventID: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${HOME}:assumed-role/admin/run-${serial}`,
        accountId: HOME,
        principalId: `AROAEXAMPLEADMIN1234:run-${serial}`,
      },
      requestParameters,
      responseElements: null,
      errorCode: undefined,
      ...more,
    }
  }
  const encoded = (one: Document): string =>
    next(2) === 0 ? JSON.stringify(one) : encodeURIComponent(JSON.stringify(one))

  function related(): Members {
    const entity = pick(own)
    const kind = entity === 'caller' ? (callerKind === 'user' ? 'User' : 'Role') : 'Group'
    const who = { [`${kind.toLowerCase()}Name`]: entity === 'caller' ? name : entity }
    const inline = state.inline.get(entity) as Map<string, Document>
    const attached = state.attached.get(entity) as Set<string>
    for (;;) {
      switch (next(action === 'sts:AssumeRole' ? 12 : 10)) {
        case 0:
        case 1: {
          const policyName = pick(['base', 'deploy', 'extra'])
          const one = document()
          inline.set(policyName, one)
          return write(`Put${kind}Policy`, { ...who, policyName, policyDocument: encoded(one) })
        }
        case 2: {
          const names = [...inline.keys()]
          if (names.length === 0) break
          const policyName = pick(names)
          inline.delete(policyName)
          return write(`Delete${kind}Policy`, { ...who, policyName })
        }
        case 3: {
          const policyArn = OTHER(next(4))
          attached.add(policyArn)
          return write(`Attach${kind}Policy`, { ...who, policyArn })
        }
        case 4: {
          const arns = [...attached]
          if (arns.length === 0) break
          const policyArn = pick(arns)
          attached.delete(policyArn)
          return write(`Detach${kind}Policy`, { ...who, policyArn })
        }
        case 5: {
          const policyArn = OTHER(next(4))
          const policy = state.policies.get(policyArn)
          if (policy === undefined) break
          const versionId = `v${policy.next}`
          policy.next += 1
          const one = document()
          policy.versions.set(versionId, one)
          const setAsDefault = next(4) > 0
          if (setAsDefault) policy.defaultId = versionId
          return write(
            'CreatePolicyVersion',
            { policyArn, policyDocument: encoded(one), setAsDefault },
            {
              responseElements: { policyVersion: { versionId, isDefaultVersion: setAsDefault } },
            },
          )
        }
        case 6: {
          const policyArn = OTHER(next(4))
          const policy = state.policies.get(policyArn)
          if (policy === undefined) break
          const versionId = pick([...policy.versions.keys()])
          policy.defaultId = versionId
          return write('SetDefaultPolicyVersion', { policyArn, versionId })
        }
        case 7: {
          // AWS's pages contradict each other about a trust policy that names a user with a boundary.
          if (callerKind === 'user' && action === 'sts:AssumeRole') break
          const mine = callerKind === 'user' ? { userName: name } : { roleName: name }
          const verb = callerKind === 'user' ? 'User' : 'Role'
          if (state.boundaries.has('caller')) {
            state.boundaries.delete('caller')
            return write(`Delete${verb}PermissionsBoundary`, mine)
          }
          const permissionsBoundary = OTHER(next(4))
          state.boundaries.set('caller', permissionsBoundary)
          return write(`Put${verb}PermissionsBoundary`, { ...mine, permissionsBoundary })
        }
        case 8:
        case 9: {
          if (callerKind !== 'user') break
          const groupName = pick(['team', 'night'])
          if (state.members.has(groupName)) {
            state.members.delete(groupName)
            return write('RemoveUserFromGroup', { userName: name, groupName })
          }
          state.members.add(groupName)
          return write('AddUserToGroup', { userName: name, groupName })
        }
        default: {
          state.trust = pick([
            trusting(caller),
            trusting(`arn:aws:iam::${HOME}:root`),
            trusting('arn:aws:iam::999988887777:root'),
          ])
          return write(
            'UpdateAssumeRolePolicy',
            { roleName: 'target', policyDocument: encoded(state.trust) },
            isCrossAccount ? { recipientAccountId: AWAY } : {},
          )
        }
      }
    }
  }

  function unrelated(): Members {
    switch (next(6)) {
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
        return write('AttachUserPolicy', { userName: 'bystander', policyArn: OTHER(next(4)) })
      default:
        return write('GetRole', { roleName: name })
    }
  }

  if (options.fromTheStart) {
    const root = trusting(`arn:aws:iam::${HOME}:root`)
    second = 1
    records.push(
      callerKind === 'user'
        ? write('CreateUser', { userName: name }, { responseElements: { user: { userId: 'AIDAEXAMPLEANN123456' } } })
        : write(
            'CreateRole',
            { roleName: name, path: '/ci/', assumeRolePolicyDocument: encoded(root) },
            { responseElements: { role: { roleId: 'AROAEXAMPLEDEPLOY123' } } },
          ),
    )
    second = 2
    for (const groupName of own.slice(1)) records.push(write('CreateGroup', { groupName }))
    second = 3
    for (const [arn, { versions }] of state.policies)
      records.push(
        write(
          'CreatePolicy',
          { policyName: arn.slice(-2), policyDocument: encoded(versions.get('v1') as Document) },
          { responseElements: { policy: { arn, defaultVersionId: 'v1' } } },
        ),
      )
    second = 4
    records.push(
      write(
        'CreateRole',
        { roleName: 'target', path: '/app/', assumeRolePolicyDocument: encoded(state.trust) },
        {
          recipientAccountId: isCrossAccount ? AWAY : HOME,
          responseElements: { role: { roleId: 'AROAEXAMPLETARGET123' } },
        },
      ),
    )
    second = 10
  }
  const order = [
    ...Array.from({ length: options.related }, () => true),
    ...Array.from({ length: options.unrelated }, () => false),
  ].sort(() => next(3) - 1)
  let answer = naive()
  for (const isRelated of order) {
    second += options.together ? next(2) : 1 + next(30)
    if (!isRelated) {
      records.push(unrelated())
      continue
    }
    const before = answer
    const one = related()
    answer = naive()
    const omitted = options.omitted && next(8) === 0
    if (omitted) one['requestParameters'] = pick([null, { omitted: true, originalSize: 105_000, reason: 'too large' }])
    records.push(one)
    steps.push({ eventId: String(one['eventID']), second, before, after: answer, omitted })
  }
  second += 1 + next(30)
  record['eventTime'] = timeText(second)
  const atEnd = parseRecord(record)
  if (atEnd.kind !== 'denial') throw new Error('the generated denial cannot be read')
  const access = read()
  const snapshot = snapshotFor(atEnd.denial, access)
  records.push(record)
  // The role's account has records of its own.
  if (isCrossAccount) records.push({ ...write('GetRole', { roleName: 'x' }), recipientAccountId: AWAY })
  const whole = [...records, ...records.filter(() => next(10) === 0)]
  for (let at = whole.length - 1; at > 0; at -= 1) {
    const other = next(at + 1)
    const [a, b] = [whole[at] as Members, whole[other] as Members]
    whole[at] = b
    whole[other] = a
  }
  return { denial: atEnd.denial, record, records: whole, snapshot, archive: access.archive, steps, answer }
}

const timeText = (second: number): string => new Date(START_MS + second * 1_000).toISOString().replace('.000Z', 'Z')

function denied(action: string, caller: string, target: string, kind: 'user' | 'role'): Members {
  const session = `arn:aws:sts::${HOME}:assumed-role/deploy/ci-42`
  const identity =
    kind === 'user'
      ? { type: 'IAMUser', arn: caller, accountId: HOME, userName: 'ann', principalId: 'AIDAEXAMPLEANN123456' }
      : {
          ...{ type: 'AssumedRole', arn: session, accountId: HOME, principalId: 'AROAEXAMPLEDEPLOY123:ci-42' },
          sessionContext: {
            sessionIssuer: {
              type: 'Role',
              arn: caller,
              accountId: HOME,
              userName: 'deploy',
              principalId: 'AROAEXAMPLEDEPLOY123',
            },
          },
        }
  const who = kind === 'user' ? caller : session
  const isPass = action === 'iam:PassRole'
  return {
    ...{ eventVersion: '1.11', eventTime: timeText(0), awsRegion: 'eu-west-1', recipientAccountId: HOME },
    ...{ eventID: '99999999-0000-4000-8000-000000000000', userIdentity: identity },
    ...(isPass
      ? { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331', errorCode: 'AccessDeniedException' }
      : { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied' }),
    errorMessage: `User: ${who} is not authorized to perform: ${action} on resource: ${target}`,
    requestParameters: isPass ? { role: target, functionName: 'f' } : null,
    responseElements: null,
  }
}

export type { PolicyDocument }
