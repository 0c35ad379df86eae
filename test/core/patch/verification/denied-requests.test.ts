import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { AccessRequest } from '../../../../core/iam/evaluation/evaluation.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { deniedRequestsFor } from '../../../../core/patch/verification/denied-requests.ts'
import { type Config, DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { change, pass, patchOf } from '../../../fixtures/guardrails.ts'
import { sent } from '../../../fixtures/passed-service.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
} from '../../../fixtures/patches.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const EC2 = 'ec2.amazonaws.com'
const SEEN = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, trusting({ Service: EC2 }))])
const own = (before: readonly Statement[] | null, ...after: Statement[]) =>
  change('role-inline-policy', DEPLOYER, before === null ? null : document(...before), document(...after))

function found(
  changes: readonly PolicyChange[],
  denial: Denial = passDenial(),
  config: Partial<Config> = {},
  seen = SEEN,
) {
  const { grants, roles, requests } = deniedRequestsFor(patchOf(...changes), {
    denial,
    snapshot: seen,
    config: { ...DEFAULT_CONFIG, ...config },
  })
  return { grants, roles, requests: requests.map(shown) }
}
/** `role: value of the service key`. */
function shown({ resource, context }: AccessRequest): string {
  const fact = context['iam:awsservicename'] ?? context['iam:passedtoservice']
  const value = fact === undefined ? 'not sent' : fact.state === 'present' ? fact.values[0] : fact.state
  return `${resource.split('/').at(-1)}: ${value}`
}

describe('the requests that may have been denied', () => {
  it('are one for the role, with the service that receives it', () => {
    expect(found([own(null, pass())])).toEqual({
      grants: [TASK_ROLE],
      roles: [TASK_ROLE],
      requests: [`orders-task: ${ECS}`],
    })
  })

  it('are one for each value that the key may have', () => {
    const denial = passDenial([TASK_ROLE], ECS, 'optional')
    expect(found([own(null, pass())], denial).requests).toEqual([`orders-task: ${ECS}`, 'orders-task: absent'])
  })

  it('are one for each role that the patch grants, for its own service', () => {
    const passes = [
      { arn: TASK_ROLE, parameter: null, service: sent(ECS) },
      { arn: EXECUTION_ROLE, parameter: null, service: sent(EC2) },
    ]
    const both = found([own(null, pass([TASK_ROLE, EXECUTION_ROLE]))], { ...passDenial(), passes })
    expect(both.requests).toEqual([`orders-task: ${ECS}`, `orders-execution: ${EC2}`])
  })

  it('guess the service from the trust of that role', () => {
    const passes = [TASK_ROLE, EXECUTION_ROLE].map(arn => ({
      arn,
      parameter: null,
      service: { ...sent([]), mayBeAbsent: true },
    }))
    const both = found([own(null, pass([TASK_ROLE, EXECUTION_ROLE]))], { ...passDenial(), passes })
    expect(both.requests.filter(text => text.includes('amazonaws'))).toEqual([
      `orders-task: ${ECS}`,
      `orders-execution: ${EC2}`,
    ])
  })

  it('are one for a role whose trust the patch changes, without a service key', () => {
    const trust = change('role-trust-policy', EXECUTION_ROLE, null, document(allow('sts:AssumeRole', '*')))
    const denial = assumeDenial(TASK_ROLE)
    expect(found([trust], denial)).toMatchObject({
      roles: [TASK_ROLE, EXECUTION_ROLE],
      requests: ['orders-task: absent', 'orders-execution: absent'],
    })
    const managed = change('managed-policy', `arn:aws:iam::${ACCOUNT}:policy/p`, null, document())
    expect(found([managed], denial).roles).toEqual([TASK_ROLE])
  })

  it('name the service of a service-linked role', () => {
    const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
    const denial = { ...passDenial([linked]), action: 'iam:CreateServiceLinkedRole' as const }
    const seen = snapshot(identity(DEPLOYER), [])
    expect(found([own(null, allow('iam:CreateServiceLinkedRole', linked))], denial, {}, seen).requests).toEqual([
      'AWSServiceRoleForECS: ecs.amazonaws.com',
    ])
    expect(found([], { ...denial, resource: TASK_ROLE }, {}, seen).requests).toEqual(['orders-task: absent'])
  })

  it('are none without a role', () => {
    expect(found([], { ...passDenial([]), resource: null }, {}, snapshot(null, []))).toEqual({
      grants: [],
      roles: [],
      requests: [],
    })
  })
})

describe('what a patch is meant to allow', () => {
  const grants = (before: readonly Statement[] | null, after: readonly Statement[], config: Partial<Config> = {}) =>
    found([own(before, ...after)], passDenial(), config).grants
  const set = `arn:aws:iam::${ACCOUNT}:role/orders-*`

  it('is the exact roles of what it adds, each once', () => {
    expect(grants(null, [pass(), pass([TASK_ROLE, EXECUTION_ROLE])])).toEqual([TASK_ROLE, EXECUTION_ROLE])
    expect(grants([pass()], [pass(), pass(EXECUTION_ROLE)])).toEqual([EXECUTION_ROLE])
    expect(grants([pass()], [pass()])).toEqual([])
  })

  it('is only what a statement gains that takes in another', () => {
    expect(grants([pass()], [pass([TASK_ROLE, EXECUTION_ROLE])])).toEqual([EXECUTION_ROLE])
  })

  it('is a pattern only as an approved set', () => {
    expect(grants(null, [pass(set), pass(`${TASK_ROLE}?`)])).toEqual([])
    const approvedRoleSets = [{ name: 'orders', pattern: set, services: [ECS] }]
    const approved = found([own(null, pass(set))], passDenial(), { approvedRoleSets })
    expect([approved.grants, approved.roles]).toEqual([[set], [TASK_ROLE]])
  })
})
