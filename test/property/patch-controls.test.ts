import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { requestOf } from '../../core/access/access-request.ts'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import { applyToSnapshot } from '../../core/patch/verification/apply-to-snapshot.ts'
import { isCertain } from '../fixtures/passed-service.ts'
import { ACCOUNT, allow, DEPLOYER, identity, inline, role, trusting } from '../fixtures/patches.ts'
import { naiveAnswer } from '../naive/naive-evaluator.ts'
import { type DiagnosisContext, setup, TIMEOUT_MS } from './generators.ts'
import { offers } from './patch-offers.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS })

it('a patch that is offered changes the answer to nothing else among 200 similar requests', () => {
  offers((one, { diagnosis }, patch) => {
    const meant = new Set([one.denial.resource, ...one.denial.passes.map(pass => pass.arn)])
    const sets = (one.config.approvedRoleSets ?? []).map(set => set.pattern.slice(0, -1))
    for (const { request, seen } of neighbours(one)) {
      const changed = applyToSnapshot(seen, patch.changes)
      const before = [evaluate(request, seen).answer, naively(request, seen)]
      const after = [evaluate(request, changed).answer, naively(request, changed)]
      if (before.join() === after.join()) continue
      const service = request.context['iam:passedtoservice']
      const inSet = sets.some(prefix => request.resource.startsWith(prefix))
      const services = one.denial.passes.flatMap(pass => pass.service.values.map(value => value.service))
      const correctService =
        request.action !== 'iam:PassRole' ||
        (service?.state === 'present' && services.includes(service.values[0] ?? '')) ||
        (service?.state === 'absent' && !isCertain(diagnosis.passedService))
      expect({ request, before, after, ok: (meant.has(request.resource) || inSet) && correctService }).toMatchObject({
        ok: true,
      })
      expect([one.denial.action, ...(one.withGetRole ? ['iam:GetRole'] : [])]).toContain(request.action)
      expect(request.roleArn).toBe(DEPLOYER)
    }
  })
})

/** The naive answer without the keys that the request does not show: one of the worlds that an unknown allows. */
function naively(request: AccessRequest, snapshot: AccessSnapshot): string {
  const shown = Object.fromEntries(Object.entries(request.context).filter(([, fact]) => fact.state !== 'unknown'))
  const context = new Proxy<ContextFacts>(shown, { get: (facts, key) => facts[String(key)] ?? ABSENT_KEY })
  return naiveAnswer({ ...request, context }, snapshot)
}

/** Independent of the checks in `verify`: the same caller and others, similar roles, other services, other actions. */
function neighbours(
  one: DiagnosisContext,
): readonly { readonly request: AccessRequest; readonly seen: AccessSnapshot }[] {
  const base = requestOf(one.denial)
  const denied = one.denial.resource ?? ''
  const roles = [
    denied,
    `${denied}s`,
    denied.slice(0, -1),
    denied
      .toUpperCase()
      .replace(/^ARN:AWS:IAM/, 'arn:aws:iam')
      .replace(':ROLE/', ':role/'),
    denied.replace(':role/', ':role/deep/'),
    denied.replace(/:\d{12}:/, ':555566667777:'),
    ...[
      'orders',
      'orders-2',
      'Admin',
      'EC2-roles-for-ABC',
      'team/x',
      'b',
      'A',
      'x',
      'y1',
      'lambda',
      'reports',
      'deployer',
      'cdk-exec',
      'team/admin',
    ].map(name => `arn:aws:iam::${ACCOUNT}:role/${name}`),
  ]
  const services = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com']
  const actions = ['iam:GetRole', 'iam:PutRolePolicy', 'sts:AssumeRole', 'sts:TagSession', 'iam:CreateUser']
  const trustAll = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
  const caller = one.snapshot.caller
  const others = [
    `arn:aws:iam::${ACCOUNT}:role/deployer-2`,
    `arn:aws:iam::555566667777:role/deployer`,
    `arn:aws:iam::${ACCOUNT}:role/x/deployer`,
  ]

  const byCaller = roles.flatMap(resource => {
    const seen = { ...one.snapshot, targets: [role(resource, trustAll)] }
    const passes = services.map(value => ({
      ...base,
      resource,
      action: 'iam:PassRole',
      context: { ...base.context, 'iam:passedtoservice': present(value) },
    }))
    const absent = {
      ...base,
      resource,
      action: 'iam:PassRole',
      context: { ...base.context, 'iam:passedtoservice': { state: 'absent' as const } },
    }
    const other = actions.map(action => ({ ...base, resource, action }))
    // Must not replace a trust policy that trusts everybody here.
    const isTrusted = one.denial.action.startsWith('sts:') && resource === denied
    return caller.kind === 'found' && !isTrusted
      ? [...passes, absent, ...other].map(request => ({ request, seen }))
      : []
  })
  const byOthers = others.flatMap(arn =>
    ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'].map(action => ({
      request: { ...base, action, principalArn: arn, roleArn: arn, context: {} },
      seen: {
        ...one.snapshot,
        caller: found(identity(arn, [inline(arn, 'all', allow('*', '*'))])),
        scps: known([]),
      },
    })),
  )
  return [...byCaller, ...byOthers]
}

it('asks about 200 neighbours of a PassRole denial', () => {
  const passes = setup.filter(({ denial }) => denial.action === 'iam:PassRole')
  for (const one of fc.sample(passes, 5)) expect(neighbours(one).length).toBeGreaterThanOrEqual(200)
})
