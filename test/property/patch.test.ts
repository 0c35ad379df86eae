import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { AccessPicture } from '../../functions/core/access/access-picture.ts'
import { withChanges } from '../../functions/core/access/apply-to-picture.ts'
import { requestOf } from '../../functions/core/evaluate/access-request.ts'
import { type AccessRequest, evaluate } from '../../functions/core/evaluate/evaluate.ts'
import { found, known } from '../../functions/core/fact.ts'
import { limitUntil } from '../../functions/core/patch/limit.ts'
import { present } from '../../functions/core/policy/context.ts'
import { list, type PolicyDocument, type Statement } from '../../functions/core/policy/policy.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  examineScene,
  identity,
  inline,
  NOW_MS,
  role,
  trusting,
} from '../core/patch-scenes.ts'
import { RUNS, type Scene, scene, TIMEOUT_MS } from './scenes.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS })

const outcomeOf = ({ denial, picture, config, withGetRole }: Scene) =>
  examineScene(denial, picture, { config, withGetRole })

/** Every scene whose patch is offered. */
function offers(
  check: (
    scene: Scene,
    outcome: ReturnType<typeof outcomeOf>,
    patch: NonNullable<ReturnType<typeof outcomeOf>['patch']>,
  ) => void,
) {
  fc.assert(
    fc.property(scene, one => {
      const outcome = outcomeOf(one)
      if (outcome.patch !== null && outcome.refusal === null) check(one, outcome, outcome.patch)
    }),
    { numRuns: RUNS },
  )
}

const added = (before: PolicyDocument | null, after: PolicyDocument): readonly Statement[] => {
  const old = (before?.Statement ?? []).map(statement => JSON.stringify(statement))
  return after.Statement.filter(statement => !old.includes(JSON.stringify(statement)))
}

describe('a patch that is offered', () => {
  it('is not rare among the generated scenes', () => {
    const kinds = new Map<string, number>()
    for (const one of fc.sample(scene, { numRuns: 600, seed: 1 })) {
      const outcome = outcomeOf(one)
      const kind =
        outcome.refusal ?? `${one.denial.action} ${outcome.patch?.changes.map(change => change.target.kind).join('+')}`
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    for (const kind of [
      'iam:PassRole role-inline-policy',
      'iam:PassRole managed-policy',
      'sts:AssumeRole role-inline-policy',
      'sts:AssumeRole role-trust-policy',
      'sts:AssumeRoleWithWebIdentity role-trust-policy',
    ])
      expect([...kinds.keys()]).toContain(kind)
  })

  it('lifts the denial', () => {
    offers(({ denial, picture }, { diagnosis }, patch) => {
      const service = diagnosis.passedService?.service
      const request = requestOf(denial, undefined, diagnosis.passedService?.proven === true ? service : undefined)
      expect(evaluate(request, picture).answer).not.toBe('allowed')
      expect(evaluate(request, withChanges(picture, patch.changes)).answer).not.toBe('denied')
      if (service === undefined || diagnosis.passedService?.proven === true)
        expect(evaluate(request, withChanges(picture, patch.changes)).answer).toBe('allowed')
    })
  })

  it('changes the answer to nothing else in a neighbourhood of 200 requests', () => {
    offers((one, { diagnosis }, patch) => {
      const meant = new Set([one.denial.resource, ...one.denial.passes.map(pass => pass.arn)])
      const sets = (one.config.approvedRoleSets ?? []).map(set => set.pattern.slice(0, -1))
      for (const { request, seen } of neighbours(one)) {
        const before = evaluate(request, seen).answer
        const after = evaluate(request, withChanges(seen, patch.changes)).answer
        if (before === after) continue
        const service = request.context['iam:passedtoservice']
        const inSet = sets.some(prefix => request.resource.startsWith(prefix))
        const services = one.denial.passes.flatMap(pass => pass.service.candidates)
        const rightService =
          request.action !== 'iam:PassRole' ||
          (service?.state === 'present' && services.includes(service.values[0] ?? '')) ||
          (service?.state === 'absent' && diagnosis.passedService?.proven !== true)
        expect({ request, before, after, ok: (meant.has(request.resource) || inSet) && rightService }).toMatchObject({
          ok: true,
        })
        expect([one.denial.action, ...(one.withGetRole ? ['iam:GetRole'] : [])]).toContain(request.action)
        expect(request.roleArn).toBe(DEPLOYER)
      }
    })
  })

  it('never holds a wildcard in an action, nor in a resource outside an approved set', () => {
    offers((one, _, patch) => {
      const approved = (one.config.approvedRoleSets ?? []).map(set => set.pattern)
      for (const { target, before, after } of patch.changes)
        for (const { Sid, Action, Resource, Principal, NotAction, NotResource, NotPrincipal } of added(before, after)) {
          // A statement that grew by a value keeps the elements it had.
          if (!/^Rolemedic[0-9a-f]{8}[a-z]?$/.test(Sid ?? '') || before?.Statement.some(was => was.Sid === Sid))
            continue
          expect([NotAction, NotResource, NotPrincipal]).toEqual([undefined, undefined, undefined])
          expect(list(Action).join()).toMatch(/^[a-z]+:[A-Za-z]+$/)
          for (const resource of list(Resource)) if (!approved.includes(resource)) expect(resource).not.toMatch(/[*?$]/)
          if (target.kind === 'role-trust-policy') expect(Principal).toEqual({ AWS: DEPLOYER })
        }
    })
  })

  it('only adds statements or one value, and stays within the quotas', () => {
    offers(({ picture }, _, patch) => {
      for (const { target, before, after } of patch.changes) {
        expect(after.Statement.length - (before?.Statement.length ?? 0)).toBeGreaterThanOrEqual(0)
        const size = JSON.stringify(after).length
        const caller = picture.caller.kind === 'found' ? picture.caller.value : null
        const others = (caller?.policies ?? []).filter(({ arn, name }) => arn === null && name !== target.policyName)
        const inlineSize = others.reduce((sum, policy) => sum + JSON.stringify(policy.document).length, size)
        if (target.kind === 'role-inline-policy') expect(inlineSize).toBeLessThanOrEqual(10_240)
        else expect(size).toBeLessThanOrEqual(target.kind === 'managed-policy' ? 6_144 : 2_048)
      }
    })
  })

  it('adds nothing when it is drafted again over what it wrote', () => {
    offers((one, _, patch) => {
      const again = outcomeOf({ ...one, picture: withChanges(one.picture, patch.changes) })
      expect(again.patch === null || again.refusal !== null).toBe(true)
    })
  })

  it('grants nothing after its end when it is limited', () => {
    offers(({ denial, picture }, outcome) => {
      if (outcome.verified?.result.ok !== true) return
      const endMs = NOW_MS + 3_600_000
      const limited = withChanges(picture, limitUntil(outcome.verified.result.value, endMs).patch.changes)
      const { passedService } = outcome.diagnosis
      // Where sending is not proven the key may be absent: then this request asks for an unknown.
      const request = requestOf(denial, undefined, passedService?.proven === true ? passedService.service : undefined)
      if (evaluate(request, withChanges(picture, outcome.patch?.changes ?? [])).answer !== 'allowed') return
      const at = (ms: number): AccessRequest => ({
        ...request,
        context: { ...request.context, 'aws:currenttime': present(new Date(ms).toISOString()) },
      })
      expect(evaluate(at(NOW_MS), limited).answer).toBe('allowed')
      expect(evaluate(at(endMs + 1), limited).answer).toBe(evaluate(at(endMs + 1), picture).answer)
    })
  })
})

/** Written apart from the controls of `verify`: the same caller and others, near roles, other services, other actions. */
function neighbours(one: Scene): readonly { readonly request: AccessRequest; readonly seen: AccessPicture }[] {
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
  const caller = one.picture.caller
  const others = [
    `arn:aws:iam::${ACCOUNT}:role/deployer-2`,
    `arn:aws:iam::555566667777:role/deployer`,
    `arn:aws:iam::${ACCOUNT}:role/x/deployer`,
  ]

  const byCaller = roles.flatMap(resource => {
    const seen = { ...one.picture, targets: [role(resource, trustAll)] }
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
    // A changed trust policy must not stand in for the one that trusts everybody here.
    const isTrusted = one.denial.action.startsWith('sts:') && resource === denied
    return caller.kind === 'found' && !isTrusted
      ? [...passes, absent, ...other].map(request => ({ request, seen }))
      : []
  })
  const byOthers = others.flatMap(arn =>
    ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'].map(action => ({
      request: { ...base, action, principalArn: arn, roleArn: arn, context: {} },
      seen: {
        ...one.picture,
        caller: found(identity(arn, [inline(arn, 'all', allow('*', '*'))])),
        scps: known([]),
      },
    })),
  )
  return [...byCaller, ...byOthers]
}

it('asks about 200 neighbours of a PassRole denial', () => {
  const passes = scene.filter(({ denial }) => denial.action === 'iam:PassRole')
  for (const one of fc.sample(passes, 5)) expect(neighbours(one).length).toBeGreaterThanOrEqual(200)
})
