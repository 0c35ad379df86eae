import { describe, expect, it } from 'vitest'
import { ABSENT, found, known, unreadable } from '../../../../core/base/fact.ts'
import type { AccessSnapshot, TargetRole } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { TargetKind } from '../../../../core/patch/patch.ts'
import { applyToSnapshot, documentAt } from '../../../../core/patch/verification/apply-to-snapshot.ts'
import { change } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  ecsTrust,
  identity,
  inline,
  managed,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

const OLD = allow('s3:GetObject', '*')
const NEW = document(allow('iam:PassRole', TASK_ROLE))
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/shared`

const written = (seen: AccessSnapshot, kind: TargetKind, arn: string) =>
  applyToSnapshot(seen, [change(kind, arn, null, NEW)])
/** `name: first action` of each policy. */
const policies = ({ caller }: AccessSnapshot) =>
  caller.kind === 'found'
    ? caller.value.policies.map(({ name, document: { Statement } }) => `${name}: ${Statement[0]?.Action}`)
    : null
const trustOf = ({ role: read }: TargetRole) => (read.kind === 'found' ? read.value.trust : null)

describe('the account after a change', () => {
  const own = inline(DEPLOYER, 'rolemedic', OLD)
  const beside = inline(DEPLOYER, 'deploy', OLD)
  const ofGroup = inline(`arn:aws:iam::${ACCOUNT}:group/all`, 'rolemedic', OLD)
  const named = { ...managed(DEPLOYER, 'rolemedic', 1, OLD) }

  it('has an inline policy with its new document, and others of other owners and kinds as they were', () => {
    const seen = snapshot(identity(DEPLOYER, [beside, ofGroup, named, own]), [])
    expect(policies(written(seen, 'role-inline-policy', DEPLOYER))).toEqual([
      'deploy: s3:GetObject',
      'rolemedic: s3:GetObject',
      'rolemedic: s3:GetObject',
      'rolemedic: iam:PassRole',
    ])
  })

  it.each<[string, TargetKind, string, readonly string[]]>([
    ['a new inline policy', 'role-inline-policy', DEPLOYER, ['deploy: s3:GetObject', 'rolemedic: iam:PassRole']],
    [
      'a new inline policy of a user',
      'user-inline-policy',
      DEPLOYER,
      ['deploy: s3:GetObject', 'rolemedic: iam:PassRole'],
    ],
    [
      'the inline policy of its permission set, under the name of Identity Center',
      'permission-set-inline-policy',
      DEPLOYER,
      ['deploy: s3:GetObject', 'AwsSSOInlinePolicy: iam:PassRole'],
    ],
    ['no policy of another role', 'role-inline-policy', TASK_ROLE, ['deploy: s3:GetObject']],
    ['no policy of another permission set', 'permission-set-inline-policy', TASK_ROLE, ['deploy: s3:GetObject']],
    ['no policy for a change of its trust', 'role-trust-policy', DEPLOYER, ['deploy: s3:GetObject']],
    ['no managed policy that it does not have', 'managed-policy', POLICY, ['deploy: s3:GetObject']],
  ])('has %s', (_, kind, arn, wanted) => {
    expect(policies(written(snapshot(identity(DEPLOYER, [beside]), []), kind, arn))).toEqual(wanted)
  })

  it('has a managed policy with its new document wherever it is attached, as a boundary, too', () => {
    const shared = managed(DEPLOYER, 'shared', 2, OLD)
    const boundary = found({ ...shared, type: 'boundary' as const })
    const seen = snapshot(identity(DEPLOYER, [beside, shared], { boundary }), [role(TASK_ROLE, ecsTrust, [shared])])
    const { caller, targets } = written(seen, 'managed-policy', POLICY)
    expect(policies({ ...seen, caller })).toEqual(['deploy: s3:GetObject', 'shared: iam:PassRole'])
    const [target] = targets
    expect(target?.role.kind === 'found' && target.role.value.policies[0]?.document).toEqual(NEW)
    expect(caller.kind === 'found' && caller.value.boundary).toEqual(
      found({ ...(boundary.kind === 'found' ? boundary.value : shared), document: NEW }),
    )
    const other = { ...shared, arn: `${POLICY}-2`, type: 'boundary' as const }
    const kept = written(snapshot(identity(DEPLOYER, [], { boundary: found(other) }), []), 'managed-policy', POLICY)
    expect(kept.caller.kind === 'found' && kept.caller.value.boundary).toEqual(found(other))
    const none = written(snapshot(identity(DEPLOYER), []), 'managed-policy', POLICY)
    expect(none.caller.kind === 'found' && none.caller.value.boundary).toEqual(ABSENT)
  })

  it('has the new trust of that role, and of no other', () => {
    const seen = snapshot(null, [role(TASK_ROLE, ecsTrust), role(DEPLOYER, ecsTrust)])
    const trusts = (kind: TargetKind) => written(seen, kind, TASK_ROLE).targets.map(trustOf)
    expect(trusts('role-trust-policy')).toEqual([known(NEW), known(ecsTrust)])
    expect(trusts('role-inline-policy')).toEqual([known(ecsTrust), known(ecsTrust)])
  })

  it('leaves alone who was not read', () => {
    const unread = { ...role(TASK_ROLE, ecsTrust), role: unreadable('AccessDenied') }
    const seen = snapshot(null, [unread])
    expect(written(seen, 'role-inline-policy', DEPLOYER)).toEqual(seen)
    expect(written(seen, 'role-trust-policy', TASK_ROLE)).toEqual(seen)
  })

  it('has every change, one after the other', () => {
    const seen = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)])
    const both = applyToSnapshot(seen, [
      change('role-inline-policy', DEPLOYER, null, NEW),
      change('role-trust-policy', TASK_ROLE, ecsTrust, NEW),
    ])
    expect(policies(both)).toEqual(['rolemedic: iam:PassRole'])
    expect(both.targets.map(trustOf)).toEqual([known(NEW)])
  })
})

describe('the document of a target', () => {
  const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`
  const ofGroup = inline(`arn:aws:iam::${ACCOUNT}:group/all`, 'rolemedic', OLD)
  const at = (...policies: Parameters<typeof identity>[1] & object) =>
    documentAt(snapshot(identity(ANA, policies), []), change('user-inline-policy', ANA, null, NEW).target)

  it('is the inline policy of the entity itself, and of no group or managed policy of its name', () => {
    const own = inline(ANA, 'rolemedic', allow('iam:PassRole', '*'))
    expect(at(ofGroup, own)).toBe(own.document)
    expect(at(ofGroup)).toBe(null)
    expect(at(managed(ANA, 'rolemedic', 1, OLD))).toBe(null)
    expect(at(inline(ANA, 'other', OLD))).toBe(null)
  })
})
