import { describe, expect, it } from 'vitest'
import { known } from '../../../../core/base/fact.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { AccessSnapshot } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { openedWith, verify } from '../../../../core/patch/verification/verify.ts'
import { type Config, DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { change, diagnosis, pass, patchOf, SID } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  aloneWith,
  assumeDenial,
  DEPLOYER,
  document,
  ecsTrust,
  githubTrust,
  identity,
  inline,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../../../fixtures/patches.ts'

const REPORTS = `arn:aws:iam::${ACCOUNT}:role/reports`
type Given = { readonly denial?: Denial; readonly seen?: AccessSnapshot; readonly config?: Partial<Config> }
const about = ({ denial = passDenial(), seen, config }: Given) => ({
  denial,
  diagnosis,
  snapshot: seen ?? snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)]),
  config: { ...DEFAULT_CONFIG, ...config },
  nowMs: NOW_MS,
})
const opened = (changes: readonly PolicyChange[], given: Given = {}) =>
  openedWith(patchOf(...changes), about(given), aloneWith(about(given).snapshot))
const verified = (changes: readonly PolicyChange[], given: Given = {}) =>
  verify(patchOf(...changes), { ...about(given), opened: opened(changes, given) }).verification

describe('a counterexample', () => {
  it('is another role that the caller could assume', () => {
    const seen = snapshot(identity(DEPLOYER), [role(REPORTS, trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` }))])
    const granting = (Resource: string) => [
      change('role-inline-policy', DEPLOYER, null, document({ Sid: SID, ...allow('sts:AssumeRole', Resource) })),
    ]
    const given = { denial: assumeDenial(REPORTS), seen }
    expect(verified(granting(REPORTS), given).counterexample).toBe(null)
    expect(verified(granting(`${REPORTS}*`), given).counterexample).toMatchObject({
      action: 'sts:AssumeRole',
      resource: `${REPORTS}-admin`,
    })
  })

  it('is another token that the role would accept', () => {
    const [main, fix] = ['main', 'fix'].map(name => `repo:acme/shop:ref:refs/heads/${name}`) as [string, string]
    const trust = (subjects: string[]) => githubTrust(subjects)
    const denial = webIdentityDenial(REPORTS, fix)
    const given = { denial, seen: snapshot(null, [role(REPORTS, trust([main]))]) }
    const accepting = (after: PolicyDocument) => [change('role-trust-policy', REPORTS, trust([main]), after)]
    expect(verified(accepting(trust([main, fix])), given).counterexample).toBe(null)
    const wide = verified(accepting(trust([main, `${fix}*`])), given)
    expect(wide.counterexample?.context['token.actions.githubusercontent.com:sub']).toEqual({
      state: 'present',
      values: [`${fix}x`],
    })
  })

  it('is another principal that a first trust policy lets in', () => {
    const after = document({ Sid: SID, Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' })
    const given = { denial: assumeDenial(REPORTS), seen: snapshot(identity(DEPLOYER), [role(REPORTS, document())]) }
    expect(verified([change('role-trust-policy', REPORTS, null, after)], given).counterexample).not.toBe(null)
  })

  it('is no role of an approved set, and one beside it', () => {
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    const approvedRoleSets = [{ name: 'orders', pattern, services: ['ecs-tasks.amazonaws.com'] }]
    const granting = (Resource: string[]) => [change('role-inline-policy', DEPLOYER, null, document(pass(Resource)))]
    const given = { config: { approvedRoleSets } }
    expect(verified(granting([pattern]), given).counterexample).toBe(null)
    expect(verified(granting([pattern, `arn:aws:iam::${ACCOUNT}:role/O*`]), given).counterexample).toMatchObject({
      resource: `arn:aws:iam::${ACCOUNT}:role/ORDERS-TASK`,
    })
  })

  it('is what a removed Deny kept out, unless that is the denied request alone', () => {
    const service = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }
    const standing = allow('iam:PassRole', TASK_ROLE, { Condition: service })
    const removing = (Resource: string) => {
      const deny: Statement = { Effect: 'Deny', Action: 'iam:PassRole', Resource, Condition: service }
      const caller = identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', deny, standing)])
      const changes = [change('role-inline-policy', DEPLOYER, document(deny, standing), document(standing))]
      return verified(changes, { seen: snapshot(caller, [role(TASK_ROLE, ecsTrust)]) })
    }
    const proof = { outcome: 'more', detail: 'it changes a Deny in the policy of deployer' }
    expect(removing(TASK_ROLE)).toMatchObject({ proof, counterexample: null, controls: { changed: 0 } })
    expect(removing('*')).toMatchObject({
      proof,
      counterexample: { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/orders-task-admin` },
      controls: { changed: 1 },
    })
  })

  it('is looked for only where the proof fails: else the denied request alone is evaluated', () => {
    const trust = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` })
    const seen = snapshot(identity(DEPLOYER), [role(REPORTS, trust)])
    const letIn = (Principal: Statement['Principal']) =>
      change(
        'role-trust-policy',
        REPORTS,
        trust,
        document(...trust.Statement, {
          Sid: SID,
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          ...(Principal && { Principal }),
        }),
      )
    const given = { denial: assumeDenial(REPORTS), seen }
    expect(verified([letIn({ AWS: DEPLOYER })], given).controls).toEqual({ evaluated: 1, changed: 0 })
    const wide = verified([letIn({ AWS: `arn:aws:iam::${ACCOUNT}:root` })], given).controls
    expect(wide.evaluated).toBeGreaterThan(1)
    expect(wide.changed).toBe(1)
  })
})

describe('what a patch opens', () => {
  const granting = (Resource: string) => [change('role-inline-policy', DEPLOYER, null, document(pass(Resource)))]
  const admin = (arn: string) => role(arn, ecsTrust, [inline(arn, 'p', allow('*', '*'))])

  it('is a set only by a pattern', () => {
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    const config = { approvedRoleSets: [{ name: 'orders', pattern, services: [] }] }
    expect(opened(granting(TASK_ROLE), { config }).sets).toEqual([])
    expect(opened(granting(pattern), { config }).sets.map(set => set.pattern)).toEqual([pattern])
  })

  it('is judged within the SCPs of the account of the caller, and no other', () => {
    const deny = { Effect: 'Deny', NotAction: 's3:*', Resource: '*' } as const
    const scp = { type: 'scp', name: 's', arn: null, attachedTo: ACCOUNT, document: { Statement: [deny] } } as const
    const scps = known([{ id: ACCOUNT, policies: [scp] }])
    const foreign = 'arn:aws:iam::444455556666:role/tools'
    const key = (arn: string) => role(arn, ecsTrust, [inline(arn, 'p', allow('iam:PutRolePolicy', '*'))])
    const ways = (arn: string) =>
      opened(granting(arn), {
        seen: snapshot(identity(DEPLOYER), [key(arn)], { scps }),
        denial: passDenial([arn]),
      }).reaches.map(reach => reach.way !== null)
    expect(ways(TASK_ROLE)).toEqual([false])
    expect(ways(foreign)).toEqual([true])
    expect(
      opened(granting(TASK_ROLE), { seen: snapshot(identity(DEPLOYER), [admin(TASK_ROLE)]) }).reaches[0]?.way,
    ).toEqual({ certain: true, steps: [] })
  })
})
