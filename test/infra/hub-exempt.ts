/** Whom the statements of the SCPs exempt, and whom somebody else could become by that. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { present } from '../../core/iam/conditions/context.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import {
  ANYTHING,
  ASSETS,
  answer,
  answerTo,
  arn,
  type Call,
  callsOf,
  HUB,
  list,
  MAPPING,
  type Policy,
  policies,
  policyIn,
  roleArn,
  type Statement,
  samplesOf,
  shipped,
  statements,
} from './hub-policies.ts'

/** The principals that a statement exempts, as it names them. */
const exemptOf = ({ Condition = {} }: Statement): readonly string[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    /Not(Like|Equals)/.test(operator) ? list(keys['aws:PrincipalArn']) : [],
  )
const EXEMPT = [...new Set(statements.flatMap(exemptOf))]
/** Ways to act as a role. Each is enough. */
const waysInto = (role: string): readonly Call[] => [
  ['sts:AssumeRole', role],
  ...['UpdateAssumeRolePolicy', 'PassRole', 'CreateRole', 'DeleteRole', 'UpdateRole'].map(
    (call): Call => [`iam:${call}`, role],
  ),
  ...['PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRolePermissionsBoundary'].map(
    (call): Call => [`iam:${call}`, role],
  ),
  ['iam:PutRolePermissionsBoundary', role],
]
/** Ways to run code with a role that nobody else can assume: `function`, the stack's own role, and their sources. */
const waysToRunAs = (role: string): readonly Call[] => {
  const [, name = ''] = /role\/(.*)$/.exec(role) ?? []
  if (name.startsWith('rolemedic-')) {
    const runs = arn('lambda', `function:${name}`)
    return [
      ['lambda:UpdateFunctionCode', runs],
      ['lambda:UpdateFunctionConfiguration', runs],
      ['lambda:InvokeFunction', runs],
      ['lambda:CreateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(runs) }],
      ['s3:PutObject', `${ASSETS}/0a1b2c.zip`],
    ]
  }
  if (!name.startsWith('cdk-')) return []
  return [
    ...['stack/rolemedic-bot/1a', 'stack/CDKToolkit/1a', 'stack/orders/1a'].flatMap((stack): Call[] => [
      ['cloudformation:UpdateStack', arn('cloudformation', stack)],
      ['cloudformation:CreateChangeSet', arn('cloudformation', stack)],
      ['cloudformation:ExecuteChangeSet', arn('cloudformation', stack)],
    ]),
    ['s3:PutObject', `${ASSETS}/0a1b2c.json`],
  ]
}
/** Changes with which federated callers could enter any role that trusts them. */
const FEDERATION: readonly Call[] = [
  ['iam:UpdateSAMLProvider', `arn:aws:iam::${HUB}:saml-provider/corp`],
  ['iam:AddClientIDToOpenIDConnectProvider', `arn:aws:iam::${HUB}:oidc-provider/gitlab.corp.test`],
]

/** The principals that somebody can become, in any number of steps, under these SCPs. */
/** `enroll` asks AWS who an operator is, and runs no code of theirs. */
const isAsked = (principal: string, [action, on]: Call): boolean =>
  principal === roleArn('platform-operates-rolemedic') &&
  action === 'lambda:InvokeFunction' &&
  on === arn('lambda', 'function:rolemedic-enroll')

function reach(from: string, under: readonly unknown[]): readonly string[] {
  const held = [from]
  for (const principal of held)
    for (const role of EXEMPT.flatMap(samplesOf)) {
      if (held.includes(role)) continue
      const ways = [...waysInto(role), ...waysToRunAs(role), ...FEDERATION].filter(call => !isAsked(principal, call))
      if (ways.some(call => answerTo(principal, [ANYTHING, ...under], ...call) !== 'denied')) held.push(role)
    }
  return held
}

const ADMINISTRATOR = roleArn('Administrator')
const without = (drop: (statement: Statement) => Statement | null): readonly unknown[] =>
  policies.map(policy => ({ ...policy, Statement: policy.Statement.flatMap(each => drop(each) ?? []) }))

describe('a principal that an SCP of the hub exempts', () => {
  it('is one of those that the documents name', () => {
    expect([...EXEMPT].map(each => each.replace(`arn:aws:iam::${HUB}:role/`, '')).toSorted()).toEqual([
      `cdk-hnb659fds-*-role-${HUB}-*`,
      'platform-deploys-rolemedic',
      'platform-keeps-rolemedic-secrets',
      'platform-operates-rolemedic',
      'rolemedic-*',
      'rolemedic-decide',
      'rolemedic-enroll',
      'rolemedic-verify',
      'rolemedic-write',
    ])
  })

  it.each(EXEMPT)('%s is itself out of reach of an administrator, in one hop', pattern => {
    for (const role of samplesOf(pattern)) {
      const open = [...waysInto(role), ...waysToRunAs(role)].filter(
        call => answer('Administrator', ...call) !== 'denied',
      )
      expect(open, role).toEqual([])
    }
  })

  it('is out of reach in any number of hops', () => {
    expect(reach(ADMINISTRATOR, policies)).toEqual([ADMINISTRATOR])
  })

  it('lets the keeper of secrets and the operators become nobody else', () => {
    for (const name of ['platform-keeps-rolemedic-secrets', 'platform-operates-rolemedic'])
      expect(reach(roleArn(name), policies)).toEqual([roleArn(name)])
  })

  it.each(EXEMPT.filter(pattern => !/rolemedic-(decide|verify|write|enroll)$/.test(pattern)))(
    '%s would be reached if no statement named it, and from it the bot',
    pattern => {
      const [, start = ''] = /role\/([a-z]+-[a-z0-9]+)/.exec(pattern) ?? []
      const names = (resource: string) => resource.includes(`:role/${start}`)
      const open = without(each => ({
        ...each,
        ...(each.Resource === undefined ? {} : { Resource: list(each.Resource).filter(one => !names(one)) }),
      })).map(policy => ({
        ...(policy as Policy),
        Statement: (policy as Policy).Statement.filter(({ Resource }) => Resource === undefined || Resource.length > 0),
      }))
      const reached = reach(ADMINISTRATOR, open)
      expect(reached.some(role => role.includes(`role/${start}`))).toBe(true)
      if (start === 'platform-deploys' || start === 'cdk-hnb659fds')
        expect(reached).toContain(`arn:aws:iam::${HUB}:role/rolemedic-write`)
    },
  )
})

describe('each statement of the SCPs', () => {
  it.each(statements.map(statement => [statement.Sid, statement] as const))(
    '%s denies to an administrator, and would be missed',
    (sid, statement) => {
      const calls = callsOf(statement)
      expect(calls.length).toBeGreaterThan(0)
      expect(calls.filter(call => answer('Administrator', ...call) !== 'denied')).toEqual([])
      const others = [ANYTHING, ...without(each => (each.Sid === sid ? null : each))]
      expect(calls.some(call => answerTo(ADMINISTRATOR, others, ...call) !== 'denied')).toBe(true)
    },
  )

  it.each(statements.map(statement => [statement.Sid, statement] as const))(
    '%s binds nobody whom it exempts, and denies to all others of the exempt',
    (_sid, statement) => {
      const alone = [ANYTHING, { Version: '2012-10-17', Statement: [statement] }]
      const calls = callsOf(statement)
      const exempt = exemptOf(statement).flatMap(samplesOf)
      for (const role of exempt)
        expect(
          calls.filter(call => answerTo(role, alone, ...call) === 'denied'),
          role,
        ).toEqual([])
      const matched = (role: string) =>
        exemptOf(statement).some(pattern => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(role))
      for (const role of EXEMPT.flatMap(samplesOf).filter(each => !matched(each)))
        expect(
          calls.filter(call => answerTo(role, alone, ...call) !== 'denied'),
          role,
        ).toEqual([])
    },
  )

  it('lets operators invoke enroll, and no other function', () => {
    const operator = roleArn('platform-operates-rolemedic')
    const invokes = (name: string) =>
      answerTo(operator, [ANYTHING, ...policies], 'lambda:InvokeFunction', arn('lambda', `function:rolemedic-${name}`))
    expect(FUNCTIONS.filter(name => invokes(name) !== 'denied')).toEqual(['enroll'])
  })

  // One that names whom it binds binds nobody else.
  const ofAll = statements.filter(({ Condition = {} }) => Condition['ArnLike']?.['aws:PrincipalArn'] === undefined)
  it.each(ofAll.map(statement => [statement.Sid, statement] as const))('%s binds the root user', (_sid, statement) => {
    const root = `arn:aws:iam::${HUB}:root`
    const alone = [ANYTHING, { Version: '2012-10-17', Statement: [statement] }]
    const asRoot = (call: Call): Call => [call[0], call[1], { ...call[2], 'aws:principalarn': present(root) }]
    for (const call of callsOf(statement).map(asRoot)) expect(answerTo(ADMINISTRATOR, alone, ...call)).toBe('denied')
  })
})

describe('a deploy role that is broken', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/deploy-settings.md'), 'utf8')
  const [, was = '', more = ''] = /sed 's#("[^"]+rolemedic")#&, ("[^"]+")#g' hub-scp-code\.json/.exec(page) ?? []
  const recovery = [shipped('hub-scp-code').replaceAll(was, `${was}, ${more}`), shipped('hub-scp-data')].map(policyIn)
  const as = (name: string, ...call: Call) => answerTo(roleArn(name), [ANYTHING, ...recovery], ...call)
  const BROKEN = roleArn('platform-deploys-rolemedic')

  it('is repaired by the one role that the page exempts for it', () => {
    expect(was).toContain('platform-deploys-rolemedic')
    expect(as('OrganizationAccountAccessRole', 'iam:UpdateAssumeRolePolicy', BROKEN)).toBe('allowed')
    expect(as('OrganizationAccountAccessRole', 'iam:CreateRole', BROKEN)).toBe('allowed')
  })

  it('opens nothing to an administrator meanwhile: the other role is covered as it is exempt', () => {
    for (const role of [BROKEN, roleArn('OrganizationAccountAccessRole')])
      for (const call of waysInto(role)) expect([call, as('Administrator', ...call)]).toEqual([call, 'denied'])
    expect(reach(ADMINISTRATOR, recovery)).toEqual([ADMINISTRATOR])
  })
})
