import { describe, expect, it } from 'vitest'
import { found, known, unknown, unreadable } from '../../../../core/base/fact.ts'
import type { Identity, ListedRole, Role } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { couldBecome, isAdministrator } from '../../../../core/patch/risk/could-become.ts'
import { wayInWords } from '../../../../core/patch/risk/reach-wording.ts'
import { ANY_NAME } from '../../../../core/patch/risk/resource-samples.ts'
import type { Surroundings } from '../../../../core/patch/risk/surroundings.ts'
import type { WorldView } from '../../../../core/patch/risk/world.ts'
import { ACCOUNT, allow, document, identity, inline, managed, trusting } from '../../../fixtures/patches.ts'

const arnOf = (name: string, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`
const OPENED = arnOf('app')
const OPS = arnOf('ops')
const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`
const EVERYTHING = allow('*', '*')
const DELEGATED = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
const serviceTrust = (name: string, more: Partial<Statement> = {}) =>
  trusting({ Service: `${name}.amazonaws.com` }, more)
const LAMBDA = serviceTrust('lambda')
const NO_ONE = document()

const roleOf = (arn: string, trust: Role['trust'] | PolicyDocument, ...statements: Statement[]): Role => ({
  ...identity(arn, [inline(arn, 'p', ...statements)]),
  kind: 'role',
  trust: 'known' in trust ? trust : known(trust),
})
const opened = (...statements: Statement[]) => roleOf(OPENED, NO_ONE, ...statements)
const userOf = (arn: string, ...statements: Statement[]) => identity(arn, [inline(arn, 'p', ...statements)])

/** An account with these roles, and what was read about them and others. */
function account(
  read: readonly (Role | Identity)[],
  lists: { [id: string]: Surroundings['roles'] } = {},
): Surroundings {
  const roles = read.filter(one => 'trust' in one).map(({ arn, trust }): ListedRole => ({ arn, trust }))
  return {
    roles: new Map([[ACCOUNT, known([{ arn: OPENED, trust: known(NO_ONE) }, ...roles])], ...(lists['more'] ?? [])]),
    identities: new Map(read.map(one => [one.arn, found(one)])),
  }
}

/** `path: resource > end`, with `?` if it is uncertain. Null: there is no path. */
function way(from: Identity, around: Surroundings, standpoint: WorldView = {}): string | null {
  const { way } = couldBecome(from, around, standpoint)
  if (way === null) return null
  const steps = way.steps.map(({ path, it, role, to }) => {
    const passed = role === null ? '' : ` passing ${role.split('/').at(-1)}`
    return `${path.id}: ${it.any ? 'any' : it.resource}${passed} > ${to}`
  })
  return `${way.certain ? '' : '? '}${steps.join(', ')}`
}
const wants = (from: Identity, around: Surroundings) =>
  couldBecome(from, around).wants.map(want => (want.kind === 'identity' ? want.arn : `roles of ${want.accountId}`))
const unknowns = (from: Identity, around: Surroundings) =>
  couldBecome(from, around).unknowns.map(({ fact, why }) => `${fact}: ${why}`)

const admin = (trust: Role['trust'] | PolicyDocument = DELEGATED, arn = OPS) => roleOf(arn, trust, EVERYTHING)

describe('an administrator', () => {
  it.each<[string, Statement[], boolean]>([
    ['may do everything', [EVERYTHING], true],
    ['may do everything, in two letters', [allow('*:*', '*')], true],
    ['may do everything but one thing', [{ Effect: 'Allow', NotAction: 'iam:DeleteUser', Resource: '*' }], true],
    ['may do everything of a service', [allow('iam:*', '*')], false],
    ['may do everything to one bucket', [allow('*', 'arn:aws:s3:::orders')], false],
    ['is denied a whole service', [EVERYTHING, { Effect: 'Deny', Action: 'ec2:*', Resource: '*' }], false],
    ['is denied one thing', [EVERYTHING, { Effect: 'Deny', Action: 'ec2:StopInstances', Resource: '*' }], true],
    ['is only denied', [{ Effect: 'Deny', NotAction: 's3:*', Resource: '*' }], false],
  ])('%s', (_, statements, wanted) => {
    expect(isAdministrator(opened(...statements))).toBe(wanted)
    expect(way(opened(...statements), account([])) === '').toBe(wanted)
  })

  it('is one in its own partition', () => {
    const china = roleOf(`arn:aws-cn:iam::${ACCOUNT}:role/app`, NO_ONE, allow('*', 'arn:aws-cn:*:*:*:*'))
    expect(isAdministrator(china)).toBe(true)
    expect(isAdministrator(opened(allow('*', 'arn:aws-cn:*:*:*:*')))).toBe(false)
  })

  it('is none within a boundary, whatever else could not be read', () => {
    const boundary = found({ ...inline(OPENED, 'b', allow('s3:*', '*')), type: 'boundary' as const })
    expect(isAdministrator({ ...opened(EVERYTHING), boundary })).toBe(false)
    expect(isAdministrator({ ...opened(), unseen: [{ fact: 'policy x', why: 'AccessDenied' }] })).toBe(false)
    expect(isAdministrator({ ...opened(EVERYTHING), unseen: [{ fact: 'policy x', why: 'AccessDenied' }] })).toBe(true)
  })
})

describe('a role that another role trusts', () => {
  const assume = (Resource: string | string[]) => opened(allow('sts:AssumeRole', Resource))

  it.each<[string, Identity, Role, string | null]>([
    ['by its account, and an allow', assume(OPS), admin(), `sts-001: ${OPS} > ${OPS}`],
    ['by its account, and an allow for a pattern', assume(arnOf('o*')), admin(), `sts-001: ${OPS} > ${OPS}`],
    ['by its account, and an allow for everything', assume('*'), admin(), 'sts-001: any > administrator'],
    ['by its account, without an allow', opened(), admin(), null],
    ['by its account, and an allow for another', assume(arnOf('p*')), admin(), null],
    ['by its own name, without an allow', opened(), admin(trusting({ AWS: OPENED })), `sts-001: ${OPS} > ${OPS}`],
    [
      'by its account, and an allow of something else for it',
      opened(allow('sts:AssumeRole', arnOf('p')), allow('iam:GetRole', OPS)),
      admin(),
      null,
    ],
    ['under the name of another', assume(OPS), admin(trusting({ AWS: arnOf('apps') })), null],
    ['as everybody', opened(), admin(trusting({ AWS: '*' })), `sts-001: ${OPS} > ${OPS}`],
    [
      'as everybody, with an asterisk alone',
      opened(),
      admin(document({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' })),
      `sts-001: ${OPS} > ${OPS}`,
    ],
    [
      'as everybody but one',
      opened(),
      admin(document({ Effect: 'Allow', NotPrincipal: { AWS: arnOf('x') }, Action: 'sts:AssumeRole' })),
      `sts-001: ${OPS} > ${OPS}`,
    ],
    [
      'by a session of it',
      opened(),
      admin(trusting({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/app/ci` })),
      `sts-001: ${OPS} > ${OPS}`,
    ],
    [
      'in a Deny only',
      assume(OPS),
      admin(document({ Effect: 'Deny', Principal: { AWS: OPENED }, Action: 'sts:AssumeRole' })),
      null,
    ],
    ['with another account', assume(OPS), admin(trusting({ AWS: 'arn:aws:iam::444455556666:root' })), null],
  ])('%s', (_, from, ops, wanted) => {
    expect(way(from, account([ops]))).toBe(wanted)
  })

  it('leads on, and never back to itself', () => {
    const middle = roleOf(arnOf('middle'), trusting({ AWS: OPENED }), allow('sts:AssumeRole', [OPS, OPENED]))
    expect(way(opened(), account([middle, admin()]))).toBe(
      `sts-001: ${middle.arn} > ${middle.arn}, sts-001: ${OPS} > ${OPS}`,
    )
    const around = account([middle, roleOf(OPS, DELEGATED)])
    expect(couldBecome(opened(), around).reached.map(({ name }) => name)).toEqual(['middle', 'ops'])
    const own: Surroundings = {
      ...account([]),
      roles: new Map([[ACCOUNT, known([{ arn: OPENED, trust: known(trusting({ AWS: OPENED })) }])]]),
    }
    expect(couldBecome(opened(allow('sts:AssumeRole', '*')), own).reached).toEqual([])
  })

  it('is unknown where its trust policy, its policies or the list could not be read', () => {
    expect(unknowns(opened(), account([admin(unknown('AccessDenied'))]))).toEqual(['trust policy of ops: AccessDenied'])
    expect(way(assume(arnOf('o*')), account([admin(unknown('AccessDenied'))]))).toBe(null)
    const unread = { ...account([admin()]), identities: new Map([[OPS, unreadable('throttled')]]) }
    expect(unknowns(assume(OPS), unread)).toEqual(['the policies of ops: throttled'])
    expect(unknowns(assume(OPS), { ...account([]), roles: new Map([[ACCOUNT, unknown('AccessDenied')]]) })).toEqual([
      `the roles of account ${ACCOUNT} and whom they trust: AccessDenied`,
    ])
    const partly = { ...admin(), unseen: [{ fact: 'policy x of ops', why: 'AccessDenied' }] }
    expect(unknowns(assume(OPS), account([partly]))).toEqual(['policy x of ops: AccessDenied'])
    expect(unknowns(assume(OPS), account([admin()]))).toEqual([])
  })

  it('is to be read next if it was not, and not if it does not exist', () => {
    expect(wants(opened(), { roles: new Map(), identities: new Map() })).toEqual([`roles of ${ACCOUNT}`])
    expect(wants(assume(OPS), { ...account([admin()]), identities: new Map() })).toEqual([OPS])
    const absent = { ...account([admin()]), identities: new Map([[OPS, { kind: 'absent' as const }]]) }
    expect(wants(assume(OPS), absent)).toEqual([])
    expect(way(assume(OPS), absent)).toBe(null)
  })

  it('of another account counts if its policies name it', () => {
    const other = arnOf('ops', '444455556666')
    const lets = admin(trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), other)
    const around = { ...account([]), identities: new Map([[other, found(lets)]]) }
    expect(way(assume(other), around)).toBe(`sts-001: ${other} > ${other}`)
    expect(way(assume(arnOf('dev', '444455556666')), around)).toBe(null)
    expect(way(opened({ ...allow('sts:AssumeRole', other), Effect: 'Deny' }), around)).toBe(null)
    const closed = admin(trusting({ AWS: 'arn:aws:iam::444455556666:root' }), other)
    expect(way(assume(other), { ...around, identities: new Map([[other, found(closed)]]) })).toBe(null)
    expect(wants(assume(other), account([]))).toEqual([other])
    expect(wants(opened(allow('sts:AssumeRole', OPS), allow('iam:GetRole', other)), account([]))).toEqual([])
    const user = 'arn:aws:iam::444455556666:role/ops'
    expect(way(assume(user), { ...around, identities: new Map([[user, found(userOf(user, EVERYTHING))]]) })).toBe(null)
  })

  it('of another account by a pattern asks for the roles of that account, and matches them', () => {
    const pattern = arnOf('o*', '444455556666')
    const [ops, dev] = [arnOf('ops', '444455556666'), arnOf('dev', '444455556666')]
    expect(wants(assume(pattern), account([]))).toEqual(['roles of 444455556666'])
    const trust = known(trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` }))
    const listed = account([]).roles
    const around: Surroundings = {
      roles: new Map([
        ...listed,
        [
          '444455556666',
          known([
            { arn: dev, trust },
            { arn: ops, trust },
          ]),
        ],
      ]),
      identities: new Map([ops, dev].map(arn => [arn, found(roleOf(arn, trust, EVERYTHING))])),
    }
    expect(way(assume(pattern), around)).toBe(`sts-001: ${ops} > ${ops}`)
  })

  it('of any account cannot be listed', () => {
    const pattern = 'arn:aws:iam::*:role/ops'
    expect(unknowns(assume(pattern), account([]))).toEqual([
      `the roles of other accounts that ${pattern} names: it names no account`,
    ])
    expect(unknowns(opened(allow('iam:GetRole', pattern)), account([]))).toEqual([])
    const everywhere: Statement = { ...allow('sts:AssumeRole', 'arn:aws:iam::????????????:role/*'), Effect: 'Deny' }
    expect(unknowns(opened(allow('sts:AssumeRole', pattern), everywhere), account([]))).toEqual([])
    for (const some of ['1*', '*3', '4444*6666', '11112222333?'])
      expect(unknowns(assume(`arn:aws:iam::${some}:role/ops*`), account([]))).toHaveLength(1)
    const notThere: Statement = { ...allow('sts:AssumeRole', 'arn:aws:iam::4*:role/*'), Effect: 'Deny' }
    expect(unknowns(opened(allow('sts:AssumeRole', 'arn:aws:iam::4*:role/ops'), notThere), account([]))).toEqual([])
  })
})

describe('a role that may change permissions', () => {
  const attach = (Resource: string) => opened(allow('iam:AttachRolePolicy', Resource))
  const CALLER = userOf(ANA)
  const group = `arn:aws:iam::${ACCOUNT}:group/admins`

  it.each<[string, Identity, readonly (Role | Identity)[], WorldView, string | null]>([
    ['its own', attach(OPENED), [], {}, `iam-009: ${OPENED} > administrator`],
    ['of any role', attach('*'), [], {}, 'iam-009: any > administrator'],
    [
      'of another role, whose holder may be somebody else',
      attach(OPS),
      [roleOf(OPS, NO_ONE)],
      {},
      `? iam-009: ${OPS} > administrator`,
    ],
    ['of a role that does not exist', attach(OPS), [], {}, null],
    [
      'of roles by a pattern',
      attach(arnOf('o*')),
      [roleOf(arnOf('dev'), NO_ONE), roleOf(OPS, NO_ONE)],
      {},
      `? iam-009: ${OPS} > administrator`,
    ],
    [
      'of its caller',
      opened(allow('iam:PutUserPolicy', ANA)),
      [],
      { caller: CALLER },
      `iam-007: ${ANA} > administrator`,
    ],
    ['of a user', opened(allow('iam:PutUserPolicy', ANA)), [], {}, `? iam-007: ${ANA} > administrator`],
    [
      'of a group, which it may be in',
      opened(allow('iam:AddUserToGroup', group)),
      [],
      {},
      `? iam-013: ${group} > administrator`,
    ],
  ])('%s', (_, from, read, standpoint, wanted) => {
    expect(way(from, account(read), standpoint)).toBe(wanted)
  })

  it('of a role that it may create', () => {
    const create = opened(allow(['iam:CreateRole', 'iam:AttachRolePolicy'], OPS))
    expect(way(create, account([]))).toBe(`iam-create-role-attach: ${OPS} > administrator`)
  })

  it('of a policy that it carries, and of one that others may carry', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/deploy`
    const may = opened(allow('iam:CreatePolicyVersion', arn))
    const carrying = { ...may, policies: [...may.policies, managed(OPENED, 'deploy', 1)] }
    expect(way(carrying, account([]))).toBe(`iam-001: ${arn} > administrator`)
    expect(way(may, account([]))).toBe(`? iam-001: ${arn} > administrator`)
  })

  it('of a role that the list lacks because it could not be read', () => {
    const unread = { ...account([]), roles: new Map([[ACCOUNT, unknown('AccessDenied')]]) }
    expect(way(attach(OPS), unread)).toBe(`? iam-009: ${OPS} > administrator`)
  })
})

describe('a role that leads to more than 10,000 others', () => {
  it('is not known to be harmless', () => {
    const trust = trusting({ AWS: OPENED })
    const reads = (count: number) =>
      account(Array.from({ length: count }, (_, at) => roleOf(arnOf(`team-${at}`), trust)))
    expect(unknowns(opened(), reads(10_000))).toEqual([
      'everybody that the role leads to: more than 10000 users and roles',
    ])
    expect(unknowns(opened(), reads(3))).toEqual([])
  })
})

describe('a role of which something limits the names', () => {
  const takesOver = (...roles: string[]) => allow('iam:UpdateAssumeRolePolicy', roles.length === 0 ? '*' : roles)
  const ofApp = (boundary: Statement) => ({
    ...opened(takesOver(arnOf('app-*'))),
    boundary: found({ ...inline(OPENED, 'b', boundary), type: 'boundary' as const }),
  })

  it.each([
    ['the bot’s own', 'rolemedic-*'],
    ['controls', '*control*'],
    ['one letter', 'r*'],
  ])('may take over all others: %s', (_, name) => {
    const denied: Statement = { Effect: 'Deny', Action: 'iam:*', Resource: arnOf(name) }
    expect(way(opened(takesOver(), denied), account([]))).toBe('iam-012: any > administrator')
  })

  it('may take over a role whose name both patterns match, and no other', () => {
    const around = account([admin(NO_ONE, arnOf('app-web')), admin(NO_ONE, arnOf('app-web-prod'))])
    const taken = `iam-012: ${arnOf('app-web-prod')} > ${arnOf('app-web-prod')}`
    expect(way(ofApp(allow('iam:*', arnOf('*-prod'))), around)).toBe(taken)
    const others: Statement = { Effect: 'Deny', Action: 'iam:*', NotResource: arnOf('*-prod') }
    expect(way(opened(takesOver(arnOf('app-*')), others), around)).toBe(taken)
    expect(way(ofApp(allow('iam:*', arnOf('web-*'))), around)).toBe(null)
  })

  it('may take over a role that an SCP excepts from a deny', () => {
    const others: Statement = { Effect: 'Deny', Action: 'iam:*', NotResource: arnOf('app-*') }
    const scp = { ...inline(OPENED, 'scp', EVERYTHING, others), type: 'scp' as const }
    const around = () => ({
      organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
      scps: known([{ id: 'r-1', policies: [scp] }]),
    })
    const taken = `iam-012: ${arnOf('app-web')} > ${arnOf('app-web')}`
    expect(way(opened(takesOver()), account([admin(NO_ONE, arnOf('app-web'))]), { around })).toBe(taken)
  })

  const long = ['?'.repeat(65), `${'?'.repeat(33)}*${'?'.repeat(32)}`, `*${'?'.repeat(20)}`]
  it.each([ANY_NAME, `${ANY_NAME}*`, ...long])('is not known to be harmless where a policy names %s', name => {
    const denied: Statement = { Effect: 'Deny', Action: 'iam:*', Resource: arnOf(name) }
    expect(unknowns(opened(takesOver(), denied), account([]))).toEqual([
      'the resources in the policies of app: one of them is only about long names',
    ])
  })

  const trail = (name: string, Region = 'eu-west-1') => `arn:aws:cloudtrail:${Region}:${ACCOUNT}:trail/${name}`
  const stops = (...trails: string[]) => allow('cloudtrail:StopLogging', trails)
  const within = (boundary: Statement, ...statements: Statement[]) => ({
    ...opened(...statements),
    boundary: found({ ...inline(OPENED, 'b', boundary), type: 'boundary' as const }),
  })
  const team = (at: number) => trail(`team${at}-*`)

  it.each<[string, Identity]>([
    [
      'the 26th of many patterns',
      within(allow('*', trail('*-prod')), stops(...Array.from({ length: 25 }, (_, at) => team(at)), trail('z-*'))),
    ],
    [
      'one after many that others are about',
      within(
        allow('*', trail('*-prod')),
        allow(
          's3:*',
          Array.from({ length: 25 }, (_, at) => team(at)),
        ),
        stops(trail('z-*')),
      ),
    ],
    [
      'what three patterns leave',
      within(allow('*', trail('*-prod')), stops(trail('z-*')), {
        Effect: 'Deny',
        Action: '*',
        NotResource: trail('*-mid-*'),
      }),
    ],
    [
      'what two long patterns leave',
      within(allow('*', trail(`*${'x'.repeat(180)}`)), stops(trail(`${'x'.repeat(180)}*`))),
    ],
    ['one name in any Region, and any name in one', within(allow('*', trail('*')), stops(trail('audit', '*')))],
    [
      'every Region but one',
      opened(stops('*'), { Effect: 'Deny', Action: 'cloudtrail:*', Resource: trail('*', 'us-east-1') }),
    ],
    [
      'Regions by a pattern but one',
      opened(stops(trail('*', 'us-*')), { Effect: 'Deny', Action: 'cloudtrail:*', Resource: trail('*', 'us-east-1') }),
    ],
    [
      'every Region but one, by a condition',
      opened(stops('*'), {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
      }),
    ],
  ])('may harm %s', (_, from) => {
    expect(couldBecome(from, account([])).harms.map(({ harm }) => harm.need.action)).toEqual(['cloudtrail:StopLogging'])
  })

  it.each(['states.amazonaws.com', 'states.eu-west-1.amazonaws.com', 'states.amazonaws.com.cn'])(
    'may pass a role to %s',
    Service => {
      const from = opened(allow('states:TestState', '*'), allow('iam:PassRole', OPS))
      expect(way(from, account([admin(trusting({ Service }))]))).toBe(
        `stepfunctions-test-state: any passing ops > ${OPS}`,
      )
      expect(way(from, account([admin(LAMBDA)]))).toBe(null)
    },
  )

  it.each([
    ['beyond its field', `arn:aws:lambda:*:function:orders`],
    ['beyond its field, and a pattern', `arn:aws:lambda:*:function:ord*`],
    ['before the name alone', '*:function:orders'],
    ['from the service on', 'arn:aws:*:function:orders:*'],
  ])('may write what others run, by a wildcard that goes %s', (_, Resource) => {
    const from = opened(allow('lambda:UpdateFunctionCode', Resource))
    expect(way(from, account([admin(LAMBDA)]))).toContain(`> ${OPS}`)
  })

  it('runs nothing of its own by a document of AWS, and an instance in any partition, which is no document', () => {
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSSSMForSAPServiceLinkedRolePolicy.html
    const from = opened(
      allow('ssm:SendCommand', ['arn:*:ssm:*:*:document/AWSSystemsManagerSAP-*', 'arn:*:ec2:*:*:instance/*']),
    )
    expect(way(from, account([admin(serviceTrust('ec2'))]))).toBe(null)
  })

  it('may take over a role, by a wildcard that goes beyond its field', () => {
    const around = account([admin(NO_ONE), admin(NO_ONE, arnOf('ops2'))])
    for (const name of ['*role/ops', '*/ops', '*ops'])
      expect(way(opened(takesOver(name)), around), name).toContain(`> ${OPS}`)
    expect(way(opened(takesOver('*role/web')), around)).toBe(null)
  })

  it('may become a role that trusts its project in another Region', () => {
    const project = (Region: string) => `arn:aws:codebuild:${Region}:${ACCOUNT}:project/docs`
    const Condition = { ArnEquals: { 'aws:SourceArn': project('eu-central-1') } }
    const around = account([admin(serviceTrust('codebuild', { Condition }))])
    const builds = (Region: string) =>
      opened(allow(['codebuild:StartBuild', 'codebuild:UpdateProject'], project(Region)))
    for (const Region of ['*', 'eu-*', 'eu-central-1'])
      expect(way(builds(Region), around), Region).toContain(`> ${OPS}`)
    expect(way(builds('us-east-1'), around)).toBe(null)
  })

  it.each<[string, string[]]>([
    ['that are too many', Array.from({ length: 600 }, (_, at) => team(at))],
    ['that have too much in common', Array.from({ length: 12 }, (_, at) => trail(`*${at}*`))],
  ])('is not known to be harmless for patterns %s', (_, trails) => {
    const from = within(allow('*', trail('audit')), stops(...trails))
    expect(unknowns(from, account([]))).toEqual(['the resources in the policies of app: they are too many to compare'])
    expect(unknowns(opened(allow('s3:ListBucket', trails)), account([]))).toEqual([])
  })

  it('is not known to be harmless where an SCP is about long names alone', () => {
    const scp = (name: string) => ({
      ...inline(OPENED, 'scp', EVERYTHING, { Effect: 'Deny', Action: 'iam:*', Resource: arnOf(name) }),
      type: 'scp' as const,
    })
    const under = (name: string) => ({
      around: () => ({
        organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
        scps: known([{ id: 'r-1', policies: [scp(name)] }]),
      }),
    })
    const seen = (name: string) => couldBecome(opened(takesOver()), account([]), under(name)).unknowns.length
    expect(seen(long[0] ?? '')).toBe(1)
    expect(seen('rolemedic-*')).toBe(0)
  })

  it('is known where no policy names such a resource', () => {
    expect(unknowns(opened(takesOver(arnOf(`app-${'?'.repeat(60)}`))), account([]))).toEqual([])
  })
})

describe('a role that may take over a principal', () => {
  const keys = (Resource: string) => opened(allow('iam:CreateAccessKey', Resource))
  it.each<[string, Identity, readonly (Role | Identity)[], string | null]>([
    ['a user with every permission', keys(ANA), [userOf(ANA, EVERYTHING)], `iam-002: ${ANA} > ${ANA}`],
    ['a user with few', keys(ANA), [userOf(ANA, allow('s3:GetObject', '*'))], null],
    ['any user', keys('*'), [], 'iam-002: any > administrator'],
    [
      'users by a pattern, who were not listed',
      keys(`arn:aws:iam::${ACCOUNT}:user/a*`),
      [],
      `? iam-002: arn:aws:iam::${ACCOUNT}:user/a${ANY_NAME} > administrator`,
    ],
    [
      'a role, by its trust policy',
      opened(allow('iam:UpdateAssumeRolePolicy', OPS)),
      [admin(NO_ONE)],
      `iam-012: ${OPS} > ${OPS}`,
    ],
    [
      'roles by a pattern, which were listed',
      opened(allow('iam:UpdateAssumeRolePolicy', arnOf('o*'))),
      [admin(NO_ONE, arnOf('dev')), admin(NO_ONE)],
      `? iam-012: ${OPS} > ${OPS}`.slice(2),
    ],
    [
      'a service-linked role, whose trust is fixed',
      opened(allow('iam:UpdateAssumeRolePolicy', arnOf('aws-service-role/x.amazonaws.com/y'))),
      [],
      null,
    ],
  ])('%s', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  it('that was not read yet', () => {
    expect(wants(keys(ANA), account([]))).toEqual([ANA])
  })
})

describe('a role that may pass roles', () => {
  const compute = (...actions: string[]) => allow(['lambda:CreateFunction', 'lambda:InvokeFunction', ...actions], '*')
  const passing = (Resource: string | string[], ...more: Statement[]) =>
    opened(allow('iam:PassRole', Resource), compute(), ...more)

  it.each<[string, Identity, readonly (Role | Identity)[], string | null]>([
    ['any, to compute', passing('*'), [], 'lambda-001: any passing * > administrator'],
    ['one that the service may take', passing(OPS), [admin(LAMBDA)], `lambda-001: any passing ops > ${OPS}`],
    ['one that another service may take', passing(OPS), [admin(serviceTrust('ec2'))], null],
    ['one with few permissions', passing(OPS), [roleOf(OPS, LAMBDA)], null],
    [
      'some by a pattern',
      passing(arnOf('o*')),
      [admin(LAMBDA, arnOf('dev')), admin(LAMBDA)],
      `lambda-001: any passing ops > ${OPS}`,
    ],
    [
      'some by a pattern, but not that one',
      passing(arnOf('o*'), { ...allow('iam:PassRole', OPS), Effect: 'Deny' }),
      [admin(LAMBDA)],
      null,
    ],
    ['without compute', opened(allow('iam:PassRole', '*')), [admin(LAMBDA)], null],
    ['of another account', passing(arnOf('ops', '444455556666')), [admin(LAMBDA)], null],
    [
      'to another service',
      passing(OPS, {
        Effect: 'Deny',
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      }),
      [admin(LAMBDA)],
      null,
    ],
    [
      'to this service only',
      opened(
        compute(),
        allow('iam:PassRole', OPS, { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } }),
      ),
      [admin(LAMBDA)],
      `lambda-001: any passing ops > ${OPS}`,
    ],
  ])('%s', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  it('for one resource of the service', () => {
    const only = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`
    const from = opened(allow('iam:PassRole', OPS), allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], only))
    expect(way(from, account([admin(LAMBDA)]))).toBe(`lambda-001: ${only} passing ops > ${OPS}`)
  })

  it('to a call of which AWS publishes no service, whatever service the policy names', () => {
    const toEc2 = { Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } }
    const microvm = allow(['lambda:CreateMicrovmImage', 'lambda:RunMicrovm'], '*')
    const from = (...more: Statement[]) => opened(microvm, allow('iam:PassRole', OPS, toEc2), ...more)
    expect(way(from(), account([admin(LAMBDA)]))).toBe(`lambda-microvm: any passing ops > ${OPS}`)
    const deny: Statement = { ...allow('iam:PassRole', OPS), Effect: 'Deny' }
    expect(way(from(deny), account([admin(LAMBDA)]))).toBe(null)
  })

  it('in China under either name of the service', () => {
    const cn = (name: string) => `arn:aws-cn:iam::${ACCOUNT}:role/${name}`
    const under = (service: string, arn: (name: string) => string) => {
      const condition = { Condition: { StringEquals: { 'iam:PassedToService': service } } }
      const from = roleOf(arn('app'), NO_ONE, compute(), allow('iam:PassRole', '*', condition))
      return way(from, { roles: new Map([[ACCOUNT, known([])]]), identities: new Map() })
    }
    expect(under('lambda.amazonaws.com.cn', cn)).toBe('lambda-001: any passing * > administrator')
    expect(under('lambda.amazonaws.com', cn)).toBe('lambda-001: any passing * > administrator')
    expect(under('lambda.amazonaws.com.cn', arnOf)).toBe(null)
  })

  it('that could not be listed: one by its name, none by a pattern', () => {
    const unread = { ...account([admin(LAMBDA)]), roles: new Map([[ACCOUNT, unknown('AccessDenied')]]) }
    expect(way(passing(OPS), unread)).toBe(`lambda-001: any passing ops > ${OPS}`)
    expect(way(passing(arnOf('o*')), unread)).toBe(null)
  })

  it('names the one that may do anything', () => {
    const around = account([admin(LAMBDA), roleOf(arnOf('few'), LAMBDA)])
    expect(wayInWords(couldBecome(passing('*'), around), 'deployer')).toBe(
      'Through app deployer could become administrator: app may run a Lambda function with any role, such as ops.',
    )
    const unread = { ...around, identities: new Map() }
    expect(couldBecome(passing('*'), unread).wantsForWords).toEqual([
      { kind: 'identity', arn: OPS },
      { kind: 'identity', arn: arnOf('few') },
    ])
    expect(couldBecome(passing('*'), around).wantsForWords).toEqual([])
  })

  it('reads at most five to name one, those with a telling name first', () => {
    const plain = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map(name => roleOf(arnOf(name), LAMBDA))
    const around = { ...account([...plain, admin(LAMBDA, arnOf('TerraformRun'))]), identities: new Map() }
    expect(
      couldBecome(passing('*'), around).wantsForWords.map(want => (want.kind === 'identity' ? want.arn : '')),
    ).toEqual(['TerraformRun', 'a1', 'a2', 'a3', 'a4'].map(name => arnOf(name)))
  })
})

describe('a role that may change what runs with a role', () => {
  const orders = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`
  const code = (Resource: string) => opened(allow('lambda:UpdateFunctionCode', Resource))

  it.each<[string, Identity, readonly (Role | Identity)[], string | null]>([
    ['any', code('*'), [], 'lambda-003: any > administrator'],
    ['one, which may have any role of the service', code(orders), [admin(LAMBDA)], `? lambda-003: ${orders} > ${OPS}`],
    ['one, in an account whose roles of the service have few permissions', code(orders), [roleOf(OPS, LAMBDA)], null],
    ['one, in an account whose administrators other services use', code(orders), [admin(serviceTrust('ec2'))], null],
    ['one of another account', code('arn:aws:lambda:us-east-1:444455556666:function:orders'), [admin(LAMBDA)], null],
  ])('%s', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  it.each([
    ['codebuild', 'codebuild:StartBuild', 'codebuild', 'project/orders', 'project/other'],
    ['states', 'states:UpdateStateMachine', 'states', 'stateMachine:orders', 'stateMachine:other'],
    [
      'codepipeline',
      ['codepipeline:UpdatePipeline', 'codepipeline:StartPipelineExecution'],
      'codepipeline',
      'orders',
      'other',
    ],
  ])('one of %s whose role says for which resource it is taken', (service, actions, prefix, own, other) => {
    const resource = (name: string) => `arn:aws:${prefix}:us-east-1:${ACCOUNT}:${name}`
    const taken = (name: string) =>
      admin(serviceTrust(service, { Condition: { ArnEquals: { 'aws:SourceArn': resource(name) } } }))
    const from = opened(allow(actions, resource(own)))
    expect(way(from, account([taken(own)]))).toContain(`> ${OPS}`)
    expect(way(from, account([taken(other)]))).toBe(null)
  })

  it('does not call that certain for a service that sends no source', () => {
    const elsewhere = serviceTrust('lambda', { Condition: { ArnEquals: { 'aws:SourceArn': `${orders}-2` } } })
    expect(way(code(orders), account([admin(elsewhere)]))).toBe(`? lambda-003: ${orders} > ${OPS}`)
  })

  it('names a role of the service that may do anything, for any of them', () => {
    expect(wayInWords(couldBecome(code('*'), account([admin(LAMBDA)])), 'deployer')).toBe(
      'Through app deployer could become administrator: app may update the code of any Lambda function, and one of them may run as ops.',
    )
  })

  it('knows the roles of pods by the provider of their cluster', () => {
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE`
    const pods = document({
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
    })
    const github = document({
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
      Action: 'sts:AssumeRoleWithWebIdentity',
    })
    const cluster = `arn:aws:emr-containers:us-east-1:${ACCOUNT}:/virtualclusters/abc`
    const from = opened(allow('emr-containers:StartJobRun', cluster))
    expect(way(from, account([admin(pods)]))).toBe(`? emrcontainers-job-run: ${cluster} > ${OPS}`)
    expect(way(from, account([admin(github)]))).toBe(null)
  })
})

describe('a role that may write what others run', () => {
  const EXEC = arnOf(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1`)
  const BUCKET = `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-eu-west-1`
  const write = (...Resource: string[]) => opened(allow('s3:PutObject', Resource))
  const deploying = `? cdk-assets: ${BUCKET} > ${EXEC}`
  const exec = (...statements: Statement[]) => roleOf(EXEC, serviceTrust('cloudformation'), ...statements)
  const bootstrapped = [exec(EVERYTHING)]

  it.each<[string, Identity, readonly (Role | Identity)[], string | null]>([
    ['of the assets bucket of the CDK', write(`${BUCKET}/*`), bootstrapped, deploying],
    ['of each such bucket', write('arn:aws:s3:::cdk-hnb659fds-assets-*/*'), bootstrapped, deploying],
    ['of each bucket of the CDK', write('arn:aws:s3:::cdk-*'), bootstrapped, deploying],
    ['of every bucket', write('*'), bootstrapped, deploying],
    ['of it, its templates alone', write(`${BUCKET}/*.json`), bootstrapped, deploying],
    ['of it, one file', write(`${BUCKET}/0123abcd.zip`), bootstrapped, deploying],
    ['of it, where the CDK may do little', write(`${BUCKET}/*`), [exec(allow('s3:*', '*'))], null],
    ['of every bucket, without the CDK', write('*'), [admin(LAMBDA)], null],
    ['of another bucket', write('arn:aws:s3:::orders-assets/*'), bootstrapped, null],
    ['of the bucket itself, which is no file', write(BUCKET), bootstrapped, null],
    [
      'of the bucket of another qualifier, whose role has another name',
      write(`arn:aws:s3:::cdk-team-assets-${ACCOUNT}-eu-west-1/*`),
      [exec(allow('s3:*', '*'))],
      `? cdk-assets: arn:aws:s3:::cdk-team-assets-${ACCOUNT}-eu-west-1 > administrator`,
    ],
    ['of the bucket of another account', write('arn:aws:s3:::cdk-hnb659fds-assets-444455556666-eu-west-1/*'), [], null],
  ])('files %s', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  const SHOP = `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/shop`
  const push = (Resource: string) => opened(allow('ecr:PutImage', Resource))
  it.each<[string, Identity, readonly (Role | Identity)[], string | null]>([
    [
      'one, where an administrator runs images',
      push(SHOP),
      [admin(serviceTrust('ecs-tasks'))],
      `? ecr-put-image: ${SHOP} > ${OPS}`,
    ],
    ['one, where no administrator runs images', push(SHOP), [admin(serviceTrust('ec2'))], null],
    ['one, where what runs images may do little', push(SHOP), [roleOf(OPS, serviceTrust('ecs-tasks'))], null],
    ['any', push('*'), [], '? ecr-put-image: any > administrator'],
  ])('images of %s repository', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  it('is told as what it may lead to', () => {
    const words = (from: Identity, ...read: Role[]) => wayInWords(couldBecome(from, account(read)), 'deployer')
    expect(words(write(`${BUCKET}/*`), ...bootstrapped)).toBe(
      `Through app deployer might become administrator: app may replace templates and code in the assets bucket of the CDK cdk-hnb659fds-assets-${ACCOUNT}-eu-west-1, from which CloudFormation deploys as cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1, which may do anything.`,
    )
    expect(words(push(SHOP), admin(serviceTrust('ecs-tasks')))).toBe(
      'Through app deployer might become administrator: app may replace images in the image repository shop, which others run, which may lead to ops, which may do anything.',
    )
  })

  it('is not known to lead nowhere where the roles could not be listed', () => {
    const unlisted: Surroundings = { roles: new Map([[ACCOUNT, unknown('AccessDenied')]]), identities: new Map() }
    expect(unknowns(push(SHOP), unlisted)).toEqual([
      `the roles of account ${ACCOUNT} and whom they trust: AccessDenied`,
    ])
  })
})

describe('a role that passes roles through a pipeline', () => {
  it.each([
    ['codepipeline', `codepipeline-create: any passing ops > ${OPS}`],
    ['cloudformation', `codepipeline-create: any passing ops > ${OPS}`],
    ['lambda', null],
  ])('reaches those of %s', (service, wanted) => {
    const from = opened(allow('codepipeline:CreatePipeline', '*'), allow('iam:PassRole', OPS))
    expect(way(from, account([admin(serviceTrust(service))]))).toBe(wanted)
  })
})

describe('a role that may change an identity provider', () => {
  const github = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`
  const corp = `arn:aws:iam::${ACCOUNT}:saml-provider/corp`
  const federated = (provider: string, action: string) =>
    document({ Effect: 'Allow', Principal: { Federated: provider }, Action: action })
  const byToken = admin(federated(github, 'sts:AssumeRoleWithWebIdentity'))
  const bySaml = admin(federated(corp, 'sts:AssumeRoleWithSAML'))
  const client = (Resource: string) => opened(allow('iam:AddClientIDToOpenIDConnectProvider', Resource))

  it.each<[string, Identity, readonly Role[], string | null]>([
    ['becomes a role that trusts it', client(github), [byToken], `iam-add-oidc-client-id: ${github} > ${OPS}`],
    ['of all, administrator', client('*'), [byToken], 'iam-add-oidc-client-id: any > administrator'],
    [
      'by a pattern, the roles that trust one of those',
      client(`arn:aws:iam::${ACCOUNT}:oidc-provider/token.*`),
      [byToken],
      `iam-add-oidc-client-id: arn:aws:iam::${ACCOUNT}:oidc-provider/token.${ANY_NAME} > ${OPS}`,
    ],
    [
      'by a pattern that none matches, nobody',
      client(`arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.*`),
      [byToken],
      null,
    ],
    ['that no role trusts, nobody', client(`${github}-2`), [byToken], null],
    [
      'for SAML, too',
      opened(allow('iam:UpdateSAMLProvider', corp)),
      [bySaml],
      `iam-update-saml-provider: ${corp} > ${OPS}`,
    ],
    [
      'for SAML, by a role that only lets tokens in',
      opened(allow('iam:UpdateSAMLProvider', corp)),
      [admin(federated(corp, 'sts:AssumeRoleWithWebIdentity'))],
      null,
    ],
    [
      'of certificates, the roles of the service',
      opened(allow('rolesanywhere:UpdateTrustAnchor', `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:trust-anchor/a1`)),
      [admin(serviceTrust('rolesanywhere'))],
      `rolesanywhere-update-trust-anchor: arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:trust-anchor/a1 > ${OPS}`,
    ],
  ])('%s', (_, from, read, wanted) => {
    expect(way(from, account(read))).toBe(wanted)
  })

  it('is nobody where the roles could not be listed', () => {
    const unread = { ...account([byToken]), roles: new Map([[ACCOUNT, unknown('AccessDenied')]]) }
    expect(way(client(github), unread)).toBe(null)
    expect(unknowns(client(github), unread)).toEqual([
      `the roles of account ${ACCOUNT} and whom they trust: AccessDenied`,
    ])
  })
})

describe('a role that may remove its own limits', () => {
  const limited = (action: string, more: Partial<Identity> = {}, ...statements: Statement[]) => ({
    ...opened(...statements, allow(action, OPENED)),
    ...more,
  })

  it.each<[string, Identity, string | null]>([
    ['a boundary that it does not have', limited('iam:DeleteRolePermissionsBoundary', {}, allow('s3:*', '*')), null],
    ['a deny that it does not have', limited('iam:DeleteRolePolicy', {}, allow('s3:*', '*')), null],
    [
      'that of another role, which may be its own next',
      opened(allow('iam:DeleteRolePermissionsBoundary', OPS)),
      `? iam-delete-role-boundary: ${OPS} > administrator`,
    ],
  ])('%s', (_, from, wanted) => {
    expect(way(from, account([roleOf(OPS, NO_ONE)]))).toBe(wanted)
  })

  it('by its own name is everything behind the limit', () => {
    const onSelf = allow('iam:DeleteRolePermissionsBoundary', OPENED)
    const bounded = {
      ...opened(EVERYTHING),
      boundary: found({ ...inline(OPENED, 'b', onSelf), type: 'boundary' as const }),
    }
    expect(way(bounded, account([]))).toBe(`iam-delete-role-boundary: ${OPENED} > ${OPENED} boundary`)
    expect(way({ ...bounded, policies: [inline(OPENED, 'p', allow('s3:*', '*'), onSelf)] }, account([]))).toBe(null)
    const exact = opened(
      EVERYTHING,
      { Effect: 'Deny', NotAction: 'iam:DeleteRolePolicy', Resource: '*' },
      { Effect: 'Deny', Action: 'iam:DeleteRolePolicy', NotResource: OPENED },
    )
    expect(way(exact, account([]))).toBe(`iam-delete-role-policy: ${OPENED} > ${OPENED} deny`)
  })
})
