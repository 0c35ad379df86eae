import { describe, expect, it } from 'vitest'
import {
  actionNamed,
  actionWithOrWithoutPrefix,
  asksTrustPolicy,
  authorizationOf,
  meantActions,
  NAMES_WITHOUT_PREFIX,
  needsBothSides,
  passesRoles,
  SESSION_ACTIONS,
  wantsRole,
} from '../../../core/actions/actions.ts'
import { isOwnStatement } from '../../../core/actions/own-statement.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app'
const SELF = 'arn:aws:sts::111122223333:self'
const ROOT = 'arn:aws:iam::111122223333:root'

describe('the target of an action', () => {
  it.each([
    ['sts:AssumeRole', ROLE, true],
    ['sts:AssumeRole', ROOT, true],
    ['sts:SetContext', ROLE, true],
    ['sts:SetContext', SELF, false],
    // Only a request of STS for itself is one; a role may have the name.
    ['sts:SetContext', 'arn:aws:iam::111122223333:self', true],
    ['sts:SetContext', 'arn:aws:sts::111122223333:selfish', true],
    ['sts:AssumeRoot', ROOT, false],
  ] as const)('of %s, %s can only be a role: %s', (action, arn, expected) => {
    expect(wantsRole(action, arn)).toBe(expected)
  })
})

it('reads the longer of two names that begin alike', () => {
  const pattern = new RegExp(`^(?:${NAMES_WITHOUT_PREFIX})`)
  expect(pattern.exec('AssumeRoleWithWebIdentity')?.[0]).toBe('AssumeRoleWithWebIdentity')
  expect(pattern.exec('AssumeRoleWithSAML')?.[0]).toBe('AssumeRoleWithSAML')
})

describe('the name of an action', () => {
  it.each([
    ['iam:passrole', 'iam:PassRole'],
    ['STS:ASSUMEROLE', 'sts:AssumeRole'],
    ['s3:GetObject', null],
    ['PassRole', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j is %s', (text, expected) => {
    expect(actionNamed(text)).toBe(expected)
  })

  it.each([
    ['PassRole', 'iam:PassRole'],
    ['assumerole', 'sts:AssumeRole'],
    ['sts:TagSession', 'sts:TagSession'],
    ['GetObject', null],
    [null, null],
  ])('without its prefix: %j is %s', (text, expected) => {
    expect(actionWithOrWithoutPrefix(text)).toBe(expected)
  })

  it('tells whether roles are passed', () => {
    expect(passesRoles('IAM:PassRole')).toBe(true)
    expect(passesRoles('sts:AssumeRole')).toBe(false)
    expect(passesRoles('s3:GetObject')).toBe(false)
  })
})

describe('the policies that decide about an action', () => {
  const OTHER_ROOT = 'arn:aws:sts::111122223333:root'

  it.each([
    ['iam:PassRole', ROLE, 'identity'],
    ['sts:AssumeRole', ROLE, 'trust-or-both'],
    ['STS:assumerole', ROLE, 'trust-or-both'],
    ['sts:TagSession', ROLE, 'both'],
    ['sts:AssumeRoleWithSAML', ROLE, 'trust'],
    // A session asks for itself: it has no trust policy.
    ['sts:SetContext', SELF, 'identity'],
    ['sts:SetContext', ROLE, 'both'],
    ['sts:AssumeRoot', ROOT, 'identity'],
    ['s3:GetObject', ROLE, 'identity'],
  ] as const)('of %s on %s: %s', (action, resource, sides) => {
    expect(authorizationOf(action, resource).sides).toBe(sides)
    expect(asksTrustPolicy(action, resource)).toBe(sides !== 'identity')
  })

  it('refuse nothing by themselves for an action that is not ours', () => {
    expect(authorizationOf('s3:GetObject', ROLE)).toEqual({
      sides: 'identity',
      resourceControlPolicies: false,
      refusals: [],
    })
  })

  it('know the root user only as a resource of IAM', () => {
    expect(wantsRole('sts:AssumeRoot', OTHER_ROOT)).toBe(false)
    expect(wantsRole('sts:SetContext', ROOT)).toBe(true)
    expect(wantsRole('sts:SetContext', OTHER_ROOT)).toBe(true)
  })

  it('are those of both sides for what a session carries', () => {
    for (const name of ['sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext'] as const)
      expect(needsBothSides(name)).toBe(true)
    expect(needsBothSides('sts:AssumeRole')).toBe(false)
    expect(needsBothSides('iam:PassRole')).toBe(false)
  })

  it('name AWS principals for these actions', () => {
    expect(SESSION_ACTIONS).toEqual(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext'])
  })

  it('may also allow what belongs to an action', () => {
    expect(meantActions('iam:PassRole')).toEqual(['iam:passrole', 'iam:getrole'])
    expect(meantActions('sts:AssumeRole')).toEqual(['sts:assumerole'])
  })
})

describe('a statement of rolemedic', () => {
  const OWN: Statement = {
    Sid: 'Rolemedic0123abcd',
    Effect: 'Allow',
    Action: ['iam:PassRole', 'iam:GetRole'],
    Resource: ROLE,
  }

  it('allows what rolemedic drafts, and has its Sid', () => {
    expect(isOwnStatement(OWN)).toBe(true)
    expect(isOwnStatement({ ...OWN, Action: 'STS:AssumeRole', Principal: { AWS: ROLE } })).toBe(true)
  })

  it.each<[string, Statement]>([
    ['another Sid', { ...OWN, Sid: 'Rolemedic' }],
    ['an explicit deny', { ...OWN, Effect: 'Deny' }],
    ['no action', { ...OWN, Action: [] }],
    ['another action', { ...OWN, Action: ['iam:PassRole', 'iam:CreateRole'] }],
    ['everybody as principal', { ...OWN, Principal: '*' }],
    ['everybody in a list', { ...OWN, Principal: { AWS: [ROLE, '*'] } }],
    ['everybody of a provider', { ...OWN, Principal: { AWS: ROLE, Federated: '*' } }],
    ['NotAction', { ...OWN, NotAction: 'iam:PassRole' }],
    ['NotResource', { ...OWN, NotResource: ROLE }],
    ['NotPrincipal', { ...OWN, NotPrincipal: { AWS: ROLE } }],
  ])('is none with %s', (_, statement) => {
    expect(isOwnStatement(statement)).toBe(false)
  })
})
