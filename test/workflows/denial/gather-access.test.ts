import { describe, expect, it } from 'vitest'
import type { Read } from '../../../core/base/fact.ts'
import { ABSENT, found, known, unknown } from '../../../core/base/fact.ts'
import type { Denial, PassedRole } from '../../../core/denial/denial.ts'
import type { Role } from '../../../core/iam/evaluation/access-snapshot.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import type { AccessReader } from '../../../functions/ports/access-reader.ts'
import { gather, trustsBehind, withTargetPolicies } from '../../../functions/workflows/denial/gather-access.ts'
import { trusting } from '../../fixtures/evaluation.ts'
import { sent } from '../../fixtures/passed-service.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
const OTHER = 'arn:aws:iam::111122223333:role/orders-exec'

const roleOf = (arn: string): Role => ({
  kind: 'role',
  arn,
  accountId: '111122223333',
  name: arn.split('/').at(-1) ?? '',
  path: '/',
  uniqueId: null,
  tags: {},
  policies: [],
  unseen: [],
  boundary: ABSENT,
  trust: known({ Statement: [] }),
})

/** Answers every question, and records it. */
function reader(changes: Partial<AccessReader> = {}) {
  const asked: string[] = []
  const note = <T>(question: string, answer: T): Promise<T> => {
    asked.push(question)
    return Promise.resolve(answer)
  }
  const base: AccessReader = {
    identity: ({ accountId, kind, name }) =>
      note(`${kind} ${name} of ${accountId}`, found({ ...roleOf(`arn:aws:iam::${accountId}:${kind}/${name}`) })),
    role: ({ accountId, name }, scope = 'whole') =>
      note(`role ${name} of ${accountId}, ${scope}`, found(roleOf(`arn:aws:iam::${accountId}:role/${name}`))),
    roles: accountId =>
      note(`roles of ${accountId}`, known([ROLE, OTHER].map(arn => ({ arn, trust: unknown('not asked') })))),
    instanceProfileRole: ({ name }) => note(`profile ${name}`, found(ROLE)),
    organization: () => note('organization', known({ id: 'o-abc123', managementAccountId: '999999999999' })),
    serviceControlPolicies: accountId => note(`scps of ${accountId}`, known([])),
    resourceControlPolicies: accountId => note(`rcps of ${accountId}`, known([])),
  }
  return { asked, reader: { ...base, ...changes } }
}

const passed = (arn: string): PassedRole => ({
  arn,
  parameter: null,
  service: sent('ecs-tasks.amazonaws.com'),
})

const DENIAL: Denial = {
  id: 'event-1',
  source: 'cloudtrail',
  timeMs: null,
  accountId: '111122223333',
  region: 'eu-west-1',
  partition: 'aws',
  action: 'iam:PassRole',
  principal: {
    kind: 'user',
    arn: 'arn:aws:iam::111122223333:user/jane',
    roleArn: null,
    pathKnown: true,
    accountId: '111122223333',
    name: 'jane',
    sessionName: null,
    uniqueId: null,
  },
  resource: ROLE,
  reason: 'none-given',
  reasonPolicyArn: null,
  authorizationId: null,
  encodedMessage: null,
  call: { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
  via: null,
  passes: [passed(ROLE), passed(OTHER), passed(ROLE)],
  claims: null,
  context: {},
  awsEvaluation: null,
  message: '',
}
const by = (kind: Denial['principal']['kind'], name: string | null = 'deployer'): Denial => ({
  ...DENIAL,
  passes: [],
  principal: { ...DENIAL.principal, kind, name },
})

describe('gathering the access of a denial', () => {
  it('asks for the caller, each role of the call once, and the guardrails of their accounts', async () => {
    const { asked, reader: r } = reader()
    const snapshot = await gather(DENIAL, r)
    expect([...asked].sort()).toEqual([
      'organization',
      'rcps of 111122223333',
      'role orders-exec of 111122223333, trust',
      'role orders-task of 111122223333, trust',
      'scps of 111122223333',
      'user jane of 111122223333',
    ])
    expect(snapshot.targets.map(({ arn }) => arn)).toEqual([ROLE, OTHER])
  })

  it('takes SCPs from the account of the caller and RCPs from that of the role', async () => {
    const { asked, reader: r } = reader()
    await gather({ ...by('user'), resource: 'arn:aws:iam::444455556666:role/deploy-target' }, r)
    expect(asked).toContain('scps of 111122223333')
    expect(asked).toContain('rcps of 444455556666')
    expect(asked).toContain('role deploy-target of 444455556666, trust')
  })

  for (const kind of ['role', 'sso-role', 'service-linked-role'] as const)
    it(`reads the role behind a ${kind} session`, async () => {
      const { asked, reader: r } = reader()
      await gather(by(kind), r)
      expect(asked).toContain('role deployer of 111122223333')
    })

  for (const kind of ['root', 'web-identity', 'saml', 'service'] as const)
    it(`knows that a ${kind} caller carries no identity policies`, async () => {
      expect((await gather(by(kind), reader().reader)).caller).toEqual({ kind: 'absent' })
    })

  for (const kind of ['federated-user', 'unknown'] as const)
    it(`cannot tell whose policies a ${kind} caller has`, async () => {
      expect((await gather(by(kind), reader().reader)).caller.kind).toBe('unreadable')
    })

  it('reads the trust policies of the roles that enter the role of the caller, each once, and of none that people enter', async () => {
    const home = 'arn:aws:iam::111122223333'
    const denial = { ...by('role'), principal: { ...by('role').principal, roleArn: `${home}:role/deployer` } }
    const config = configSchema.parse({ mode: 'approve' })
    const asks = async (...principals: string[]) => {
      const { asked, reader: r } = reader()
      const caller = found({ ...roleOf(`${home}:role/deployer`), trust: known(trusting(...principals)) })
      const trusts = await trustsBehind(denial, caller, config, r)
      return { asked, trusts }
    }
    const { asked, trusts } = await asks(ROLE, OTHER, ROLE)
    expect(asked).toEqual(['role orders-task of 111122223333, trust', 'role orders-exec of 111122223333, trust'])
    expect([...trusts.keys()]).toEqual([ROLE, OTHER])
    expect((await asks(ROLE, `${home}:root`)).asked).toEqual([])
    expect((await asks(`${home}:user/jane`)).asked).toEqual([])
  })

  it('cannot read a caller whom the event does not name', async () => {
    expect((await gather(by('user', null), reader().reader)).caller).toEqual({
      kind: 'unreadable',
      why: 'the event does not name the caller',
    })
  })

  it('looks for near names only when the role does not exist', async () => {
    const absent = async (): Promise<Read<Role>> => ABSENT
    const missing = 'arn:aws:iam::111122223333:role/order-task'
    const { asked, reader: r } = reader({ role: absent })
    const snapshot = await gather({ ...by('user'), resource: missing }, r)
    expect(asked).toContain('roles of 111122223333')
    expect(snapshot.targets).toEqual([{ arn: missing, role: ABSENT, near: known([ROLE]) }])
    const unlisted = await gather({ ...by('user'), resource: missing }, { ...r, roles: async () => unknown('refused') })
    expect(unlisted.targets[0]?.near).toEqual(unknown('refused'))
  })

  it('follows an instance profile to its role', async () => {
    const profile = 'arn:aws:iam::111122223333:instance-profile/web'
    const { asked, reader: r } = reader()
    const snapshot = await gather({ ...DENIAL, resource: null, passes: [passed(profile)] }, r)
    expect(asked).toContain('profile web')
    expect(snapshot.targets.map(({ arn }) => arn)).toEqual([ROLE])
  })

  it('takes an instance profile for no role where a role is assumed', async () => {
    // https://github.com/gravitational/teleport/issues/36539
    const profile = 'arn:aws:iam::111122223333:instance-profile/web'
    const { asked, reader: r } = reader()
    const snapshot = await gather({ ...DENIAL, action: 'sts:AssumeRole', resource: profile, passes: [] }, r)
    expect(asked).not.toContain('profile web')
    expect(snapshot.targets).toMatchObject([{ arn: profile, role: ABSENT }])
  })

  it('knows that no role has the ARN of a user, and cannot tell which roles a pattern names', async () => {
    const { reader: r } = reader()
    const others = [
      'arn:aws:iam::111122223333:user/jane',
      'arn:aws:iam::***:user/jane',
      'arn:aws:sts::*:assumed-role/a/b',
    ]
    for (const resource of others) {
      const user = await gather({ ...by('user'), resource }, r)
      expect(user.targets[0]?.role).toEqual({ kind: 'absent' })
    }
    const patterns = ['*', 'arn:aws:iam::111122223333:*', 'arn:aws:iam::111122223333:r*/jane', 'arn:aws:iam::*:user*']
    for (const resource of [...patterns, 'arn:aws:iam::111122223333:role/*', 'arn:aws:iam::***:role/jane']) {
      const pattern = await gather({ ...by('user'), resource }, r)
      expect(pattern.targets[0]?.role).toEqual({ kind: 'unreadable', why: 'not the ARN of one role' })
    }
  })

  it('takes nothing of another partition for the caller or for the role that was asked for', async () => {
    const chinese = (kind: 'user' | 'role', name: string) => `arn:aws-cn:iam::111122223333:${kind}/${name}`
    const caller = { ...DENIAL.principal, arn: chinese('user', 'jane') }
    const denial = { ...by('user'), principal: caller, resource: chinese('role', 'orders-task') }
    const why = 'what was read is of another partition than the caller'
    const present = await gather(denial, reader().reader)
    expect(present.caller).toEqual({ kind: 'unreadable', why })
    expect(present.targets[0]?.role).toEqual({ kind: 'unreadable', why })
    const absent = await gather(denial, reader({ role: async () => ABSENT }).reader)
    expect(absent.targets[0]).toEqual({ arn: denial.resource, role: { kind: 'unreadable', why }, near: unknown(why) })
  })

  it('leaves RCPs unknown when nothing names the role', async () => {
    const snapshot = await gather({ ...by('user'), resource: null }, reader().reader)
    expect(snapshot.targets).toEqual([])
    expect(snapshot.rcps).toEqual(unknown('nothing names the account of the role'))
  })

  it('reads what the roles themselves may do only when asked to', async () => {
    const { asked, reader: r } = reader()
    const snapshot = await gather(DENIAL, r)
    asked.length = 0
    await withTargetPolicies(snapshot, r)
    expect(asked).toEqual(['role orders-task of 111122223333, whole', 'role orders-exec of 111122223333, whole'])
  })
})
