/**
 * Which side lacks what. Within one account, a trust policy that names the caller is enough, so only its gap is fixed. Across
 * accounts, for actions that need both sides, and where the caller's own allow has an unmet condition, both must allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */

import { needsBothSides } from '../../actions/index.ts'
import { list, parseEntityArn, permissionSetPattern } from '../../iam/index.ts'
import type { Diagnosis } from '../diagnosis.ts'
import { gapDiagnosis, guardedDiagnosis } from '../diagnosis-builder.ts'
import {
  type DiagnosisContext,
  denialAsksTrust,
  hasNoIdentityPolicies,
  layerOutcome,
  type Rule,
} from '../diagnosis-context.ts'
import { capitalize } from '../wording/short-names.ts'
import { identitySide } from './identity-side.ts'
import type { Side } from './side.ts'
import { trustSide, unreadTrustSide } from './trust-side.ts'

export const permissionGap: Rule = context => {
  if (context.evaluation === null || context.evaluation.answer === 'allowed') return null
  const identity = hasNoIdentityPolicies(context.denial) || mayNeedNoAllow(context) ? null : identitySide(context)
  if (!denialAsksTrust(context.denial)) return identity === null ? null : one(context, identity)
  const trust = trustSide(context)
  if (identity !== null && trust !== null && needsBoth(context, identity, trust)) return both(context, identity, trust)
  const side = identity !== null && trust !== null ? decisive(context, identity, trust) : (trust ?? identity)
  if (side !== null) return one(context, side)
  const unread = unreadTrustSide(context)
  return unread === null ? null : one(context, unread)
}

/** True when the trust policy names the caller itself and is undecided for another reason: an identity allow would not help. */
const mayNeedNoAllow = (context: DiagnosisContext): boolean =>
  denialAsksTrust(context.denial) &&
  context.evaluation?.answer === 'unknown' &&
  layerOutcome(context, 'identity')?.answer === 'implicit-deny' &&
  layerOutcome(context, 'trust')?.answer !== 'unseen'

function one(context: DiagnosisContext, side: Side): Diagnosis {
  const { cause, finding, evidence, gaps, nextSteps, uncertain } = side
  const conclusion = { cause, summary: `${capitalize(finding)}.`, evidence, gaps, nextSteps }
  return side.needsMfa ? guardedDiagnosis(context, conclusion, uncertain) : gapDiagnosis(context, conclusion, uncertain)
}

function both(context: DiagnosisContext, identity: Side, trust: Side): Diagnosis {
  const conclusion = {
    cause: 'identity-and-trust-gap',
    summary: `${capitalize(identity.finding)}, and ${trust.finding}.`,
    evidence: [...identity.evidence, ...trust.evidence],
    // A change on one side alone does not help.
    gaps: identity.gaps.length === 0 || trust.gaps.length === 0 ? [] : [...identity.gaps, ...trust.gaps],
    nextSteps: [...identity.nextSteps, ...trust.nextSteps],
  } as const
  const uncertain = [...identity.uncertain, ...trust.uncertain]
  return identity.needsMfa || trust.needsMfa
    ? guardedDiagnosis(context, conclusion, uncertain)
    : gapDiagnosis(context, conclusion, uncertain)
}

function needsBoth(context: DiagnosisContext, identity: Side, trust: Side): boolean {
  // An unknown trust condition may be met. It is reported, and the identity gap is a cause on its own.
  if (isUnseen(context)) return false
  if (context.crossAccount !== false) return true
  if (needsBothSides(context.denial.action)) return true
  // A change that lets the trust policy name the caller would bypass the condition.
  if (identity.cause === 'identity-condition' && trust.gaps.length > 0) return true
  return trust.cause === 'trust-condition' ? delegatesToAccount(context) : isOfPermissionSet(context)
}

/** True for a role of a permission set. Such a role is trusted through its account, because its ARN changes when it is created again. */
function isOfPermissionSet({ snapshot: { caller } }: DiagnosisContext): boolean {
  const arn = caller.kind === 'found' ? parseEntityArn(caller.value.arn) : null
  return arn !== null && permissionSetPattern(arn) !== null
}

/** Which of two lacking or undecided sides to name first. */
function decisive(context: DiagnosisContext, identity: Side, trust: Side): Side {
  // The call is denied whatever the unknown condition is: the trust policy delegates to the account, and the caller has no allow.
  return isUnseen(context) && context.evaluation?.answer === 'denied' ? identity : trust
}

const isUnseen = (context: DiagnosisContext): boolean => layerOutcome(context, 'trust')?.answer === 'unknown'

/** True when a trust statement where only the condition fails names the caller's account, and not the caller. */
function delegatesToAccount(context: DiagnosisContext): boolean {
  const { denial, snapshot } = context
  const { arn, roleArn, accountId } = denial.principal
  const itself = ['*', arn, roleArn, snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : null]
  const near = layerOutcome(context, 'trust')?.statements.filter(outcome =>
    outcome.mismatches.some(mismatch => mismatch.element === 'condition'),
  )
  return (near ?? []).some(({ policy, index }) => {
    const block = policy.document.Statement[index]?.Principal
    if (block === undefined || block === '*') return false
    const names = list(block['AWS'])
    const isAccount = names.some(name => /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1] === accountId)
    return isAccount && !names.some(name => itself.includes(name))
  })
}
