/**
 * Which side lacks what. In one account a trust policy that names the caller is enough, so its gap alone is mended; from
 * another account, and for session tags and source identity, both sides must allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */

import { needsBothSides } from '../../actions/actions.ts'
import { list } from '../../iam/policy/policy-document.ts'
import type { Diagnosis } from '../diagnosis.ts'
import { guarded, lacking } from '../diagnosis-builder.ts'
import { asksTrust, type DiagnosisContext, hasNoIdentityPolicies, layerOf, type Rule } from '../diagnosis-context.ts'
import { sentence } from '../wording/short-names.ts'
import { identitySide } from './identity-side.ts'
import type { Side } from './side.ts'
import { trustSide } from './trust-side.ts'
import { unreadTrustSide } from './unread-trust.ts'

export const permissionGap: Rule = scene => {
  if (scene.evaluation === null || scene.evaluation.answer === 'allowed') return null
  const identity = hasNoIdentityPolicies(scene.denial) || mayNeedNoAllow(scene) ? null : identitySide(scene)
  if (!asksTrust(scene.denial)) return identity === null ? null : one(scene, identity)
  const trust = trustSide(scene)
  if (identity !== null && trust !== null && needsBoth(scene, trust)) return both(scene, identity, trust)
  const side = identity !== null && trust !== null ? decisive(scene, identity, trust) : (trust ?? identity)
  if (side !== null) return one(scene, side)
  const unread = unreadTrustSide(scene)
  return unread === null ? null : one(scene, unread)
}

/** The trust policy names the caller itself, and something undecided stands in the way: an allow would decide nothing. */
const mayNeedNoAllow = (scene: DiagnosisContext): boolean =>
  asksTrust(scene.denial) &&
  scene.evaluation?.answer === 'unknown' &&
  layerOf(scene, 'identity')?.answer === 'implicit-deny' &&
  layerOf(scene, 'trust')?.answer !== 'unseen'

function one(scene: DiagnosisContext, side: Side): Diagnosis {
  const { cause, finding, evidence, gaps, nextSteps, uncertain } = side
  const conclusion = { cause, summary: `${sentence(finding)}.`, evidence, gaps, nextSteps }
  return side.guarded ? guarded(scene, conclusion, uncertain) : lacking(scene, conclusion, uncertain)
}

function both(scene: DiagnosisContext, identity: Side, trust: Side): Diagnosis {
  const conclusion = {
    cause: 'identity-and-trust-gap',
    summary: `${sentence(identity.finding)}, and ${trust.finding}.`,
    evidence: [...identity.evidence, ...trust.evidence],
    // A change of one side alone lifts nothing.
    gaps: identity.gaps.length === 0 || trust.gaps.length === 0 ? [] : [...identity.gaps, ...trust.gaps],
    nextSteps: [...identity.nextSteps, ...trust.nextSteps],
  } as const
  const uncertain = [...identity.uncertain, ...trust.uncertain]
  return identity.guarded || trust.guarded
    ? guarded(scene, conclusion, uncertain)
    : lacking(scene, conclusion, uncertain)
}

function needsBoth(scene: DiagnosisContext, trust: Side): boolean {
  // A trust condition that could not be seen may well be met: it is said, and the identity gap stands by itself.
  if (isUnseen(scene)) return false
  if (scene.crossAccount !== false) return true
  if (needsBothSides(scene.denial.action)) return true
  return trust.cause === 'trust-condition' && delegatesToAccount(scene)
}

/** Both sides are undecided or lacking, and one answer is to be named first. */
function decisive(scene: DiagnosisContext, identity: Side, trust: Side): Side {
  // Denied whatever the unseen condition is: the trust policy only delegates to the account, and the caller has no allow.
  return isUnseen(scene) && scene.evaluation?.answer === 'denied' ? identity : trust
}

const isUnseen = (scene: DiagnosisContext): boolean => layerOf(scene, 'trust')?.answer === 'unknown'

/** The trust statement that fails by its condition alone names the account rather than the caller. */
function delegatesToAccount(scene: DiagnosisContext): boolean {
  const near = layerOf(scene, 'trust')?.statements.filter(outcome =>
    outcome.mismatches.some(mismatch => mismatch.element === 'condition'),
  )
  return (near ?? []).some(({ policy, index }) => {
    const block = policy.document.Statement[index]?.Principal
    if (block === undefined || block === '*') return false
    return list(block['AWS']).some(value => /^(\d{12}|arn:[^:]+:iam::\d{12}:root)$/.test(value))
  })
}
