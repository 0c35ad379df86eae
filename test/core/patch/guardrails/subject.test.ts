import { describe, expect, it } from 'vitest'
import {
  type Changes,
  change,
  detail,
  diagnosis,
  grant,
  outcome,
  pass,
  patchOf,
  sees,
  taskRole,
  trustPatch,
} from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  assumeDenial,
  DEPLOYER,
  document,
  ecsTrust,
  identity,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

describe('protected', () => {
  it.each([
    ['the role, whatever its case', 'arn:aws:iam::*:role/ORDERS-TASK'],
    ['the caller', 'arn:aws:iam::*:role/deploy*'],
  ])('refuses %s when a glob names it', (_, glob) => {
    expect(outcome('protected', { config: { protected: [glob] } })).toBe('refuse')
  })

  it('refuses a tagged role and a tagged caller', () => {
    const tags = { 'Rolemedic:Protected': 'yes' }
    expect(outcome('protected', sees([role(TASK_ROLE, ecsTrust, [], { tags })]))).toBe('refuse')
    expect(outcome('protected', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('refuse')
  })

  it('refuses to write a policy that a glob matches', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/guard`
    const patch = patchOf(change('managed-policy', arn, null, document(pass())))
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:policy/guard'] } })).toBe('refuse')
  })

  it('refuses a role under a path if the glob has only its name', () => {
    const patch = grant(pass(`arn:aws:iam::${ACCOUNT}:role/admin/eu/break-glass`))
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('refuse')
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass-2'] } })).toBe('pass')
  })

  it('refuses a role set that contains a protected role', () => {
    const patch = grant(pass(`arn:aws:iam::${ACCOUNT}:role/orders-*`))
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/*-admin'] } })).toBe('refuse')
    const elsewhere = ['arn:aws:iam::444455556666:role/*-admin']
    expect(outcome('protected', { patch, config: { protected: elsewhere } })).toBe('pass')
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('pass')
  })

  it('compares a glob that is no ARN with all of the name of a set', () => {
    const patch = grant(pass(`arn:aws:iam::${ACCOUNT}:role/orders-*`))
    expect(outcome('protected', { patch, config: { protected: ['*-admin'] } })).toBe('refuse')
    expect(outcome('protected', { patch, config: { protected: ['vpc-*'] } })).toBe('pass')
  })

  it('takes the caller as it was read, and as the record names it where it was not', () => {
    const guard = { config: { protected: ['arn:aws:iam::*:role/deploy*'] } }
    const by = (roleArn: string | null, arn: string | null) => {
      const denial = passDenial()
      return { denial: { ...denial, principal: { ...denial.principal, roleArn, arn } } }
    }
    const builder = `arn:aws:iam::${ACCOUNT}:role/builder`
    const patch = trustPatch({ AWS: builder })
    const unread = { ...guard, patch, snapshot: snapshot(null, [taskRole]) }
    expect(outcome('protected', { ...guard, patch, ...by(null, null) })).toBe('refuse')
    expect(
      outcome('protected', { ...guard, patch, ...by(DEPLOYER, null), ...sees([taskRole], identity(builder)) }),
    ).toBe('pass')
    expect(outcome('protected', { ...unread, ...by(DEPLOYER, null) })).toBe('refuse')
    expect(outcome('protected', { ...unread, ...by(null, DEPLOYER) })).toBe('refuse')
    expect(outcome('protected', { ...unread, ...by(builder, null) })).toBe('pass')
    expect(outcome('protected', { ...unread, ...by(null, null) })).toBe('pass')
  })

  it('passes others', () => {
    expect(outcome('protected', { config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('pass')
  })
})

describe('own-roles', () => {
  const own = `arn:aws:iam::${ACCOUNT}:role/rolemedic-writer`
  it('refuses a rolemedic role as caller and as target', () => {
    expect(outcome('own-roles', sees([taskRole], identity(own)))).toBe('refuse')
    expect(outcome('own-roles', sees([role(own, ecsTrust)]))).toBe('refuse')
  })
  it('refuses a role named rolemedic, ignoring case, and writing to it', () => {
    for (const name of ['rolemedic', 'RoleMedic-writer'])
      expect(outcome('own-roles', sees([taskRole], identity(`arn:aws:iam::${ACCOUNT}:role/${name}`)))).toBe('refuse')
    const patch = patchOf(change('role-inline-policy', own, null, document(pass())))
    expect(outcome('own-roles', { patch })).toBe('refuse')
  })
  it('refuses a rolemedic role as caller even if its policies could not be read', () => {
    const denial = passDenial()
    const named = { ...denial, principal: { ...denial.principal, roleArn: own } }
    expect(outcome('own-roles', { denial: named, snapshot: snapshot(null, [taskRole]) })).toBe('refuse')
  })
  it('passes a managed policy with its name, which is no role', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/rolemedic-notes`
    expect(outcome('own-roles', { patch: patchOf(change('managed-policy', arn, null, document(pass()))) })).toBe('pass')
  })
  it('passes a role with a similar name', () => {
    expect(outcome('own-roles', sees([role(`arn:aws:iam::${ACCOUNT}:role/rolemedics`, ecsTrust)]))).toBe('pass')
  })
})

describe('approvers-path', () => {
  const approver = `arn:aws:iam::${ACCOUNT}:role/on-call/ana`
  it('refuses a role under the path of the approvers', () => {
    expect(
      outcome('approvers-path', { ...sees([taskRole], identity(approver)), config: { approversPath: '/on-call/' } }),
    ).toBe('refuse')
    expect(
      outcome('approvers-path', { ...sees([role(approver, ecsTrust)]), config: { approversPath: '/on-call/' } }),
    ).toBe('refuse')
  })
  it('passes others, and everybody if no path is set', () => {
    expect(outcome('approvers-path', { config: { approversPath: '/on-call/' } })).toBe('pass')
    expect(outcome('approvers-path', sees([taskRole], identity(approver)))).toBe('pass')
  })
})

describe('reserved-entity', () => {
  const reserved = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef`
  const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
  const edits = (arn: string) => ({ patch: patchOf(change('role-inline-policy', arn, null, document(pass()))) })

  it('refuses to edit a reserved or service-linked role, and to pass a reserved one', () => {
    expect(outcome('reserved-entity', edits(reserved))).toBe('refuse')
    expect(outcome('reserved-entity', edits(linked))).toBe('refuse')
    expect(outcome('reserved-entity', edits(`arn:aws:iam::${ACCOUNT}:role/no role's name`))).toBe('refuse')
    expect(outcome('reserved-entity', sees([role(reserved, ecsTrust)]))).toBe('refuse')
  })
  it('refuses root and a service-linked caller', () => {
    for (const kind of ['root', 'service-linked-role'] as const) {
      const denial = passDenial()
      expect(outcome('reserved-entity', { denial: { ...denial, principal: { ...denial.principal, kind } } })).toBe(
        'refuse',
      )
    }
  })
  it('passes a managed policy, and a role of AWS that is assumed, not passed', () => {
    const policy = patchOf(change('managed-policy', `arn:aws:iam::${ACCOUNT}:policy/p`, null, document(pass())))
    expect(outcome('reserved-entity', { patch: policy })).toBe('pass')
    expect(outcome('reserved-entity', { ...sees([role(linked, ecsTrust)]), denial: assumeDenial(linked) })).toBe('pass')
    expect(outcome('reserved-entity', sees([role(linked, ecsTrust)]))).toBe('refuse')
  })
  it('passes a permission set', () => {
    const patch = patchOf(change('permission-set-inline-policy', reserved, null, document(pass())))
    expect(outcome('reserved-entity', { patch })).toBe('pass')
  })
})

describe('likely-verdict', () => {
  it('refuses a likely cause, or needs two approvers if the configuration allows it', () => {
    const likely = { ...diagnosis, verdict: 'likely' as const }
    expect(outcome('likely-verdict', { diagnosis: likely })).toBe('refuse')
    expect(outcome('likely-verdict', { diagnosis: likely, config: { patchLikely: true } })).toBe('warn elevated')
  })
  it('names what could not be seen', () => {
    const likely = { ...diagnosis, verdict: 'likely' as const }
    const unknowns = [{ fact: 'the external id', why: 'a record has none' }]
    expect(detail('likely-verdict', { diagnosis: { ...likely, unknowns } })).toBe(
      'The cause is likely, not proved: the external id could not be seen.',
    )
    expect(detail('likely-verdict', { diagnosis: { ...likely, unknowns: [] } })).toBe(
      'The cause is likely, not proved: a decisive fact could not be seen.',
    )
  })
  it('refuses a cause that is not ours even then', () => {
    for (const verdict of ['not-ours', 'not-enough-evidence'] as const)
      expect(detail('likely-verdict', { diagnosis: { ...diagnosis, verdict }, config: { patchLikely: true } })).toBe(
        'A grant cannot fix this cause.',
      )
  })
})

describe('denial-age', () => {
  const aged = (hours: number, more: Changes = {}) =>
    outcome('denial-age', { denial: { ...passDenial(), timeMs: NOW_MS - hours * 3_600_000 }, ...more })
  it('refuses a denial older than a day', () => {
    expect(aged(24.1)).toBe('refuse')
    expect(aged(24)).toBe('pass')
    expect(aged(23.9)).toBe('pass')
  })
  it('refuses a denial without a time, unless a person asks', () => {
    const timeless = { denial: { ...passDenial(), timeMs: null } }
    expect(outcome('denial-age', timeless)).toBe('refuse')
    expect(outcome('denial-age', { ...timeless, asked: true })).toBe('pass')
  })
  it('only warns a person who asks', () => {
    expect(aged(100, { asked: true })).toBe('warn low')
  })
  it('needs two approvers for a time in the future', () => {
    expect(aged(-1)).toBe('warn elevated')
    const ahead = (ms: number) => outcome('denial-age', { denial: { ...passDenial(), timeMs: NOW_MS + ms } })
    expect(ahead(5 * 60_000)).toBe('pass')
    expect(ahead(5 * 60_000 + 1)).toBe('warn elevated')
  })
})

describe('changes-per-day', () => {
  it('refuses at the limit and passes below it', () => {
    expect(outcome('changes-per-day', { changesToday: 10 })).toBe('refuse')
    expect(outcome('changes-per-day', { changesToday: 9 })).toBe('pass')
  })
})

describe('administrator-roles', () => {
  const of = (kind: 'role-inline-policy' | 'role-trust-policy' | 'permission-set-inline-policy', name: string) =>
    outcome('administrator-roles', {
      patch: patchOf(change(kind, `arn:aws:iam::${ACCOUNT}:role/${name}`, null, document(pass()))),
    })

  it.each([
    'cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
    'awscontroltowerexecution',
    'AWSControlTowerStackSetRole',
    'service-role/AWSControlTowerAdmin',
    'AWSCloudFormationStackSetExecutionRole',
    'AWSCloudFormationStackSetAdministrationRole',
    'AWSAFTExecution',
    'AWSAFTService',
    'AWSAFTAdmin',
    'OrganizationAccountAccessRole',
    'stacksets-exec-0123456789abcdef',
    'teams/AWSServiceRoleForExample',
    'AWSReservedSSO_AdministratorAccess_0123456789abcdef',
  ])('refuses to change the policies or the trust of %s', name => {
    expect(of('role-inline-policy', name)).toBe('refuse')
    expect(of('role-trust-policy', name)).toBe('refuse')
  })

  it('passes other roles, a permission set, and the right to pass one of them', () => {
    expect(of('role-inline-policy', 'cdk-hnb659fds-deploy-role-111122223333-eu-west-1')).toBe('pass')
    expect(of('role-inline-policy', 'OrganizationAccountAccessRoleReader')).toBe('pass')
    expect(of('role-inline-policy', 'team-AWSAFTExecution')).toBe('pass')
    expect(of('permission-set-inline-policy', 'AWSReservedSSO_Developer_0123456789abcdef')).toBe('pass')
    const exec = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1`
    expect(outcome('administrator-roles', { patch: grant(pass(exec)) })).toBe('pass')
  })

  it('takes the name from the ARN, whatever the target is called', () => {
    const made = change(
      'role-trust-policy',
      `arn:aws:iam::${ACCOUNT}:role/OrganizationAccountAccessRole`,
      null,
      document(pass()),
    )
    const patch = patchOf({ ...made, target: { ...made.target, name: 'orders-task' } })
    expect(outcome('administrator-roles', { patch })).toBe('refuse')
  })

  it('follows the configuration', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/break-glass-1`
    const patch = patchOf(change('role-trust-policy', arn, null, document(pass())))
    expect(outcome('administrator-roles', { patch })).toBe('pass')
    expect(outcome('administrator-roles', { patch, config: { administratorRoles: ['break-glass-*'] } })).toBe('refuse')
  })
})
