import { describe, expect, it } from 'vitest'
import { type ContextFacts, present } from '../../../core/iam/conditions/context.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../../core/iam/policy/sourced-policy.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  ecsTrust,
  githubTrust,
  identity,
  inline,
  TASK_ROLE,
} from '../../fixtures/patches.ts'
import { type ControlRequest, callerControls, trustControls } from './control-requests.ts'

const ROLE = `arn:aws:iam::${ACCOUNT}:role`
const USER = `arn:aws:iam::${ACCOUNT}:user`
/** An account that no policy names. */
const ELSEWHERE = 'arn:aws:iam::210987654321'

const denied = (action: string, resource: string, context: ContextFacts = {}): AccessRequest => ({
  action,
  resource,
  principalArn: DEPLOYER,
  roleArn: DEPLOYER,
  context,
})
const passing = (context: ContextFacts = { 'iam:passedtoservice': present('ecs-tasks.amazonaws.com') }) =>
  denied('iam:PassRole', TASK_ROLE, context)
const unique = (texts: readonly string[]) => [...new Set(texts)].sort()
const resourcesOf = (controls: readonly ControlRequest[], action: string) =>
  unique(controls.filter(({ request }) => request.action === action).map(({ request }) => request.resource))

describe('control requests of the caller', () => {
  const controls = (grants: readonly string[], policies: readonly SourcedPolicy[] = [], about = passing()) =>
    callerControls(identity(DEPLOYER, policies), about, grants)

  it('ask for roles whose names are near, longer, shorter, in another case, path or account', () => {
    expect(resourcesOf(controls([TASK_ROLE]), 'sts:AssumeRole')).toEqual(
      unique([
        TASK_ROLE,
        `${ROLE}/orders-task-admin`,
        `${ROLE}/orders-task2`,
        `${ROLE}/orders-tas`,
        `${ROLE}/ORDERS-TASK`,
        `${ROLE}/other/orders-task`,
        `${ROLE}/Administrator`,
        `${ELSEWHERE}:role/orders-task`,
      ]),
    )
    expect(resourcesOf(controls([`${ROLE}/team/Q`]), 'iam:GetRole')).toEqual(
      unique([
        `${ROLE}/team/Q`,
        `${ROLE}/team/Q-admin`,
        `${ROLE}/team/Q2`,
        `${ROLE}/team/x`,
        `${ROLE}/team/q`,
        `${ROLE}/team/other/Q`,
        `${ROLE}/Administrator`,
        `${ELSEWHERE}:role/team/Q`,
      ]),
    )
  })

  it('ask for a role of a set that does not exist yet', () => {
    expect(resourcesOf(controls([`${ROLE}/orders-*`]), 'iam:GetRole')).toContain(`${ROLE}/orders-rolemedic-control`)
  })

  it('ask for one role of each pattern that the policies name today', () => {
    const policies = [
      inline(
        DEPLOYER,
        'p',
        allow('iam:PassRole', [`${ROLE}/app-*`, `${ROLE}/web-?`, 'arn:aws:s3:::orders', `${USER}/ana`]),
      ),
      inline(DEPLOYER, 'q', allow('s3:*', '*')),
    ]
    expect(resourcesOf(controls([], policies), 'iam:GetRole')).toEqual(
      unique([`${ROLE}/app-rolemedic-control`, `${ROLE}/web-x`, `${ROLE}/rolemedic-control`]),
    )
    expect(controls([], [])).toEqual([])
  })

  it('pass the role to other services, to similar ones, and to none', () => {
    const sent = (about: AccessRequest) =>
      unique(
        controls([TASK_ROLE], [], about)
          .filter(({ request }) => request.action === 'iam:PassRole' && request.resource === TASK_ROLE)
          .map(({ request }) => {
            const fact = request.context['iam:passedtoservice']
            return fact?.state === 'present' ? String(fact.values[0]) : 'none'
          }),
      )
    const others = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com']
    expect(sent(passing())).toEqual(
      unique([...others, 'ecs-tasks.amazonaws.com.cn', 'x-ecs-tasks.amazonaws.com', 'none']),
    )
    expect(sent(passing({}))).toEqual(unique([...others, 'none']))
    expect(sent(passing({ 'iam:passedtoservice': { state: 'absent' } }))).toEqual(unique([...others, 'none']))
  })

  it('send no service with a call that passes no role', () => {
    const about = denied('sts:AssumeRole', TASK_ROLE)
    const services = controls([TASK_ROLE], [], about).filter(
      ({ request }) => request.context['iam:passedtoservice'] !== undefined,
    )
    expect(services).toEqual([])
    expect(resourcesOf(controls([TASK_ROLE], [], about), 'sts:AssumeRole')).toContain(`${ROLE}/orders-task-admin`)
  })

  it('carry other tags, another source identity and another service name where the call carries some', () => {
    const values = (key: string, context: ContextFacts) =>
      controls([TASK_ROLE], [], denied('sts:AssumeRole', TASK_ROLE, context)).flatMap(({ request }) => {
        const fact = request.context[key]
        return fact?.state === 'present' && /control/.test(String(fact.values[0])) ? [request.resource] : []
      })
    for (const key of ['aws:tagkeys', 'sts:sourceidentity', 'iam:awsservicename']) {
      expect(values(key, { [key]: present('team') })).toEqual([TASK_ROLE])
      expect(values(key, {})).toEqual([])
    }
  })
})

describe('control requests for a trust policy', () => {
  const principals = (by: string, role = TASK_ROLE, trust: PolicyDocument = ecsTrust) =>
    unique(
      trustControls(role, trust, { ...denied('sts:AssumeRole', role), principalArn: by, roleArn: null }, null)
        .filter(({ request }) => request.action === 'sts:AssumeRole')
        .map(({ request }) => request.principalArn),
    )
  const near = [
    `${ROLE}/deployer-admin`,
    `${ROLE}/deployer2`,
    `${ROLE}/deploye`,
    `${ROLE}/DEPLOYER`,
    `${ROLE}/other/deployer`,
    `${ROLE}/Administrator`,
    `${ELSEWHERE}:role/deployer`,
    `${USER}/deployer-admin`,
    `${USER}/rolemedic-control`,
    `${ROLE}/rolemedic-control`,
    `${ELSEWHERE}:user/rolemedic-control`,
  ]

  it('come from roles and users whose names are near, in this account and in others', () => {
    expect(principals(DEPLOYER)).toEqual(unique(near))
    expect(principals(`${USER}/deployer`)).toEqual(unique(near))
    const other = 'arn:aws:iam::444455556666:role'
    expect(principals(DEPLOYER, `${other}/reports`)).toEqual(unique([...near, `${other}/rolemedic-control`]))
  })

  it('come from other services where one was denied', () => {
    const others = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com']
    expect(principals('codebuild.amazonaws.com')).toEqual(unique([...others, `${ROLE}/rolemedic-control`]))
    expect(principals('glue.amazonaws.com')).toEqual(unique([...others.slice(0, 3), `${ROLE}/rolemedic-control`]))
    expect(principals('glue.amazonaws.com', 'no ARN')).toEqual(unique(others.slice(0, 3)))
  })

  it('come from the role that was denied where the record names it, and from the caller where it was read', () => {
    const about = {
      ...denied('sts:AssumeRole', TASK_ROLE),
      principalArn: 'arn:aws:sts::111122223333:assumed-role/deployer/ci',
    }
    const by = (caller: Parameters<typeof trustControls>[3]) =>
      trustControls(TASK_ROLE, ecsTrust, about, caller).map(({ request }) => request.principalArn)
    expect(by(null)).toContain(`${ROLE}/deployer-admin`)
    expect(by(identity(`${ROLE}/builder`))).toContain(`${ROLE}/builder-admin`)
    expect(by(identity(`${ROLE}/builder`))).not.toContain(`${ROLE}/deployer-admin`)
  })

  it('come from roles of other permission sets, and of this one under other paths, suffixes and accounts', () => {
    const path = 'aws-reserved/sso.amazonaws.com/eu-west-1'
    const set = (name: string, at = `${path}/`, suffix = '0123456789abcdef', root = `arn:aws:iam::${ACCOUNT}`) =>
      `${root}:role/${at}AWSReservedSSO_${name}_${suffix}`
    const found = principals(set('Admin', `${path}/`, 'fedcba9876543210'))
    expect(found.filter(arn => arn.includes('AWSReservedSSO_') && /_[0-9a-f]{15,17}$/.test(arn))).toEqual(
      unique([
        set('Admin_Prod'),
        set('Admin-Prod'),
        set('Admin_0123456789abcdef'),
        set('Admi'),
        set('xAdmin'),
        set('admin'),
        set('Admin', ''),
        set('Admin', 'aws-reserved/sso.amazonaws.com/'),
        set('Admin', 'aws-reserved/sso.amazonaws.com/xx-control-1/'),
        set('Admin', `${path}/`, '0123456789abcdef', ELSEWHERE),
        set('Admin', `${path}/`, '0123456789abcde'),
        set('Admin', `${path}/`, '0123456789abcdef0'),
        set('Admin', `${path}/other/`, 'fedcba9876543210'),
        set('Admin', `${path}/`, 'fedcba987654321'),
        set('Admin', `${path}/`, 'fedcba98765432102'),
        set('Admin', `${path}/`, 'fedcba9876543210', ELSEWHERE),
      ]),
    )
    const short = principals(set('Q', 'aws-reserved/sso.amazonaws.com/'))
    expect(short).toContain(set('x', 'aws-reserved/sso.amazonaws.com/'))
    expect(short).toContain(set('Q', ''))
    expect(short).not.toContain(set('Q', 'aws-reserved/sso.amazonaws.com/'))
  })

  it('ask for the other calls that a trust policy decides, by the caller itself', () => {
    const actions = unique(
      trustControls(TASK_ROLE, ecsTrust, denied('sts:AssumeRole', TASK_ROLE), null)
        .filter(({ request }) => request.principalArn === DEPLOYER)
        .map(({ request }) => request.action),
    )
    expect(actions).not.toContain('sts:AssumeRole')
    expect(actions).toContain('sts:TagSession')
    expect(actions).not.toContain('iam:GetRole')
  })

  it('carry what the call carried, but for what names the caller', () => {
    const context = {
      'aws:principalarn': present(DEPLOYER),
      'aws:userid': present('AROAEXAMPLE:ci'),
      'aws:sourceip': present('192.0.2.1'),
    }
    const controls = trustControls(TASK_ROLE, ecsTrust, denied('sts:AssumeRole', TASK_ROLE, context), null)
    expect(unique(controls.flatMap(({ request }) => Object.keys(request.context)))).toEqual(['aws:sourceip'])
  })
})

describe('control requests for a token', () => {
  const GITHUB = 'token.actions.githubusercontent.com'
  const subject = 'repo:acme/shop:ref:refs/heads/main'
  const claims = { [`${GITHUB}:sub`]: present(subject), [`${GITHUB}:aud`]: present('sts.amazonaws.com') }
  const others = (context: ContextFacts, trust: PolicyDocument) =>
    trustControls(TASK_ROLE, trust, denied('sts:AssumeRoleWithWebIdentity', TASK_ROLE, context), null).map(
      ({ request }) => {
        const text = (key: string) => {
          const fact = request.context[`${GITHUB}:${key}`]
          return fact?.state === 'present' ? String(fact.values[0]) : 'none'
        }
        return `${text('sub')} for ${text('aud')}`
      },
    )

  it('carry near subjects and audiences, of other owners, and none', () => {
    expect(others(claims, githubTrust(subject))).toEqual([
      `${subject}x for sts.amazonaws.com`,
      'repo:acme/shop:ref:refs/heads/mai for sts.amazonaws.com',
      `x${subject} for sts.amazonaws.com`,
      'repo:rolemedic-control/shop:ref:refs/heads/main for sts.amazonaws.com',
      'rolemedic-control for sts.amazonaws.com',
      '* for sts.amazonaws.com',
      'none for sts.amazonaws.com',
      `${subject} for sts.amazonaws.comx`,
      `${subject} for sts.amazonaws.co`,
      `${subject} for xsts.amazonaws.com`,
      `${subject} for rolemedic-control`,
      `${subject} for *`,
      `${subject} for none`,
    ])
  })

  it('leave a claim as it is that the trust policy does not limit, or that was not seen', () => {
    const open = document({ Effect: 'Allow', Principal: { Federated: 'x' }, Action: 'sts:AssumeRoleWithWebIdentity' })
    expect(others(claims, open)).toEqual([])
    const trust = githubTrust(subject)
    expect(others({ [`${GITHUB}:sub`]: { state: 'absent' } }, trust)).toEqual([])
    expect(others({ [`${GITHUB}:actor`]: present('ana') }, trust)).toEqual([])
    const upper = document({
      ...open.Statement[0],
      Effect: 'Allow',
      Condition: { StringEquals: { [`${GITHUB}:SUB`]: subject } },
    })
    expect(others(claims, upper)).toHaveLength(7)
  })
})
