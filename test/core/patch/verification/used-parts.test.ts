import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import { areAllUsed, type DenialWithAccess } from '../../../../core/patch/verification/used-parts.ts'
import { change, pass } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  GITHUB_PROVIDER,
  identity,
  inline,
  managed,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../../../fixtures/patches.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const LAMBDA = 'lambda.amazonaws.com'
const SUBJECT = 'token.actions.githubusercontent.com:sub'

const asked = (denial: Denial, caller: string | null = DEPLOYER): DenialWithAccess => ({
  denial,
  snapshot: snapshot(caller === null ? null : identity(caller), [role(denial.resource ?? '', ecsTrust)]),
})
const own = (...after: Statement[]) => change('role-inline-policy', DEPLOYER, null, document(...after))
const TASK = asked(passDenial())
const EXECUTION = asked(passDenial([EXECUTION_ROLE]))

describe('what was added', () => {
  it('is used by the request that it was made for, also with an end', () => {
    expect(areAllUsed([own(pass())], [TASK])).toBe(true)
    const ends = { DateLessThan: { 'aws:CurrentTime': '2026-11-24T20:00:00Z' } }
    const Condition = { StringEquals: { 'iam:PassedToService': ECS }, ...ends }
    expect(areAllUsed([own(pass(TASK_ROLE, { Condition }))], [TASK])).toBe(true)
  })

  it('is used whole only by requests for each of its roles', () => {
    const both = own(pass([TASK_ROLE, EXECUTION_ROLE]))
    expect(areAllUsed([both], [TASK])).toBe(false)
    expect(areAllUsed([both], [TASK, EXECUTION])).toBe(true)
  })

  it('is used whole only by requests for each of its services', () => {
    const Condition = { StringEquals: { 'iam:PassedToService': [ECS, LAMBDA] } }
    const both = own(pass(TASK_ROLE, { Condition }))
    expect(areAllUsed([both], [TASK])).toBe(false)
    expect(areAllUsed([both], [TASK, asked(passDenial([TASK_ROLE], LAMBDA))])).toBe(true)
  })

  it('is used whole only by requests for each of its statements', () => {
    const more = { Sid: 'Rolemedic01234567b', ...allow('sts:AssumeRole', EXECUTION_ROLE) }
    expect(areAllUsed([own(pass(), more)], [TASK])).toBe(false)
    expect(areAllUsed([own(pass(), more)], [TASK, asked(assumeDenial(EXECUTION_ROLE))])).toBe(true)
  })

  it('is not used by a request of somebody else, nor where the caller was not found', () => {
    expect(areAllUsed([own(pass())], [asked(passDenial(), 'arn:aws:iam::111122223333:role/other')])).toBe(false)
    expect(areAllUsed([own(pass())], [asked(passDenial(), null)])).toBe(false)
  })

  it('to a managed policy is used by those who have it, and by nobody else', () => {
    const policies = [managed(DEPLOYER, 'reporting', 1), inline(DEPLOYER, 'own')]
    const seen = snapshot(identity(DEPLOYER, policies), [role(TASK_ROLE, ecsTrust)])
    const writing = (name: string) =>
      change('managed-policy', `arn:aws:iam::${ACCOUNT}:policy/${name}`, null, document(pass()))
    expect(areAllUsed([writing('reporting')], [{ denial: passDenial(), snapshot: seen }])).toBe(true)
    expect(areAllUsed([writing('other')], [{ denial: passDenial(), snapshot: seen }])).toBe(false)
  })

  it('to a trust policy is used by whom it lets in, and by nobody else', () => {
    const before = trusting({ Service: ECS })
    const Condition = { StringEquals: { [SUBJECT]: 'repo:acme/orders:environment:prod' } }
    const added: Statement = {
      Sid: 'Rolemedic01234567',
      Effect: 'Allow',
      Principal: { Federated: GITHUB_PROVIDER },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition,
    }
    const trust = change('role-trust-policy', TASK_ROLE, before, document(...before.Statement, added))
    const by = (subject: string, to = TASK_ROLE) => [asked(webIdentityDenial(to, subject), null)]
    expect(areAllUsed([trust], by('repo:acme/orders:environment:prod'))).toBe(true)
    expect(areAllUsed([trust], by('repo:acme/orders:ref:refs/heads/main'))).toBe(false)
    expect(areAllUsed([trust], by('repo:acme/orders:environment:prod', EXECUTION_ROLE))).toBe(false)
  })

  it('beside somebody’s statement is used by the denied role, not by each that the statement names', () => {
    const theirs = allow('iam:PassRole', [TASK_ROLE, EXECUTION_ROLE], {
      Sid: 'Theirs',
      Condition: { StringEquals: { 'iam:PassedToService': LAMBDA } },
    })
    const beside = {
      ...theirs,
      Sid: 'Rolemedic01234567',
      Condition: { StringEquals: { 'iam:PassedToService': ECS } },
    }
    const edited = change('managed-policy', DEPLOYER, document(theirs), document(theirs, beside))
    expect(areAllUsed([edited], [TASK])).toBe(true)
    expect(areAllUsed([edited], [asked(passDenial([TASK_ROLE], LAMBDA))])).toBe(false)
  })

  it('to read the passed role needs no request, and alone it is not used', () => {
    const read = { Sid: 'Rolemedic01234567b', ...allow('iam:GetRole', TASK_ROLE) }
    expect(areAllUsed([own(pass(), read)], [TASK])).toBe(true)
    expect(areAllUsed([own(read)], [TASK])).toBe(false)
  })
})
