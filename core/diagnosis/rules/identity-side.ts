/** What the caller's identity policies lack for this request. */

import { requestOf } from '../../access/index.ts'
import { resolveRequest } from '../../actions/index.ts'
import type { Unknown } from '../../base/index.ts'
import { isPlanned } from '../../denial/index.ts'
import { entityName, isOnResource, type LayerOutcome, type StatementOutcome } from '../../iam/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOutcome, serviceFor } from '../diagnosis-context.ts'
import {
  describeMismatch,
  describeOutcome,
  EXPIRED_GRANT,
  evidenceOf,
  firstByRank,
  layerEvidence,
  nearMisses,
} from '../evidence.ts'
import { type ConditionMismatch, failedConditions, isValueList, splitExpiredGrants } from '../failed-conditions.ts'
import { followUpSteps, rolesLacking, serviceTrustGaps, serviceTrustSteps } from '../follow-up-steps.ts'
import { PASSED_TO_SERVICE, ruledOutFor } from '../resolve-service.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { callerLabel, joinNames } from '../wording/short-names.ts'
import {
  gapBesideNearest,
  isExactStatement,
  KEEP_ROLE_ARN,
  onlyServiceKey,
  serviceGaps,
  serviceKeyUnproven,
} from './service-condition.ts'
import type { Side } from './side.ts'

export function identitySide(context: DiagnosisContext): Side | null {
  const layer = layerOutcome(context, 'identity')
  if (layer === null) return null
  const unsent = serviceKeyUnproven(context, layer)
  if (unsent !== null) return unsent
  const undecided = undecidedAllows(layer)
  if (undecided.length > 0) return unseenSide(context, undecided)
  if (!lacks(layer)) return null
  const { lasting, ended } = splitExpiredGrants(layer, context.nowMs)
  const near = nearMisses(lasting)
  const conditional = near.filter(one => failedConditions(one).length > 0)
  return conditional.length > 0
    ? conditionSide(context, aboutTheRole(context, conditional))
    : gapSide(context, layer, near, ended)
}

/** The statements that are certainly about the role. All of them, if a tag or another unknown value decides that for each. */
function aboutTheRole(
  { denial, snapshot, resource }: DiagnosisContext,
  statements: readonly StatementOutcome[],
): readonly StatementOutcome[] {
  const resolved = resolveRequest(requestOf(denial, resource ?? undefined), snapshot)
  const certain = statements.filter(one => isOnResource(one, resolved))
  return certain.length > 0 ? certain : statements
}

function gapSide(
  context: DiagnosisContext,
  layer: LayerOutcome,
  near: readonly StatementOutcome[],
  ended: readonly StatementOutcome[],
): Side {
  const { denial, snapshot } = context
  const attachedTo = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : denial.principal.roleArn
  const roles = rolesLacking(context)
  const on = `${joinNames(roles.map(entityName)) || 'the role'}${receivers(context, roles)}`
  const gone = isPlanned(denial) ? ', which does not exist,' : ', which no longer exists,'
  const deleted = snapshot.caller.kind === 'absent' ? gone : ''
  const seen = layer.unknowns.length > 0 ? ' that could be read' : ''
  const nothing = `no identity policy of ${callerLabel(denial)}${deleted}${seen} allows ${denial.action} on ${on}`
  const more = [
    ...guessedService(context).map(({ why }) => why),
    ...(near[0] === undefined ? [] : [`the nearest statement ${describeOutcome(near[0])}`]),
  ]
  return {
    cause: 'identity-gap',
    finding: more.length === 0 ? nothing : `${nothing} (${more.join('; ')})`,
    evidence: [
      layerEvidence(layer, attachedTo, nothing),
      ...near.map(one => evidenceOf(one, describeOutcome(one))),
      ...ended.map(one => evidenceOf(one, EXPIRED_GRANT)),
    ],
    gaps: roles.length === 0 ? [] : [{ kind: 'identity', roles }, ...serviceTrustGaps(context, roles)],
    nextSteps: [...sourcesDisagree(context), ...followUpSteps(context), ...serviceTrustSteps(context, roles)],
    uncertain: guessedService(context),
    needsMfa: false,
  }
}

/** The receiving services in words: each role of a call may go to another one. */
function receivers(context: DiagnosisContext, roles: readonly string[]): string {
  const { passedService } = context
  if (passedService === null) return ''
  const services = roles.map(role => serviceFor(context, role))
  const names = passedService.services.join(' or ')
  return services.every(one => one === null || one.services.join(' or ') === names)
    ? ` for ${names}`
    : ' for the services that receive them'
}

/**
 * True when only the service of a service-linked role differs. The role's ARN names its service, so such an allow concerns another role.
 */
const onlyLinkedService = (unmet: readonly ConditionMismatch[]): boolean =>
  unmet.length === 1 &&
  unmet.every(
    ({ key, operator, got }) => key.toLowerCase() === 'iam:awsservicename' && isValueList(operator) && got !== null,
  )

/** True when an allow for all but some services excepts this one: no draft goes round that. */
const exceptsService = (unmet: readonly ConditionMismatch[]): boolean =>
  unmet.some(({ key, operator }) => key.toLowerCase() === PASSED_TO_SERVICE.toLowerCase() && /Not/i.test(operator))

/**
 * A statement that excepts the service, if there is one, or else one that misses only the service, and rather one whose list can take
 * it; otherwise the one with the fewest unmet conditions, and rather one that wants MFA. Among equals the one with the most conditions,
 * so that a draft bypasses none.
 */
function closest(context: DiagnosisContext, statements: readonly StatementOutcome[]): StatementOutcome | undefined {
  return firstByRank(statements, one => {
    const unmet = failedConditions(one)
    const isJoinable = onlyServiceKey(unmet) && isExactStatement(context, one)
    const { Condition = {} } = one.policy.document.Statement[one.index] ?? {}
    const conditions = Object.values(Condition).flatMap(keys => Object.keys(keys))
    return [
      exceptsService(unmet) ? 0 : 1,
      onlyServiceKey(unmet) ? 0 : 1,
      isJoinable ? 0 : 1,
      unmet.length,
      unmet.some(({ key }) => isMfaKey(key)) ? 0 : 1,
      -conditions.length,
    ]
  })
}

function conditionSide(context: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const { denial } = context
  const best = closest(context, statements)
  const unmet = best === undefined ? [] : failedConditions(best)
  const mfa = unmet.some(mismatch => isMfaKey(mismatch.key))
  const text = unmet.map(describeMismatch).join('; ')
  const name = best === undefined ? '' : `${best.policy.name} of `
  const own = best !== undefined && onlyServiceKey(unmet)
  const linked = onlyLinkedService(unmet) ? best : undefined
  const owner = `the owner of the policy ${best?.policy.arn ?? best?.policy.name ?? ''}`
  return {
    cause: 'identity-condition',
    finding: `policy ${name}${callerLabel(denial)} allows ${denial.action} on ${entityName(context.resource ?? 'the role')} under a condition that is not met: it ${text}`,
    evidence: statements.map(one => evidenceOf(one, describeOutcome(one))),
    gaps: own ? serviceGaps(context, best, unmet[0]) : linked ? [gapBesideNearest(linked, rolesLacking(context))] : [],
    nextSteps: own
      ? [
          ...(unmet[0]?.got === null ? [KEEP_ROLE_ARN] : []),
          ...sourcesDisagree(context),
          ...serviceTrustSteps(context, rolesLacking(context)),
        ]
      : mfa
        ? [MFA_STEP]
        : linked
          ? []
          : [advice('Meet the condition in the call, or ask its owner: it is deliberate.', null, owner)],
    uncertain: [],
    needsMfa: mfa,
  }
}

/** Allows that depend on unknown keys, if no other statement allows. */
function undecidedAllows(layer: LayerOutcome): readonly StatementOutcome[] {
  const allows = layer.about.filter(one => one.effect === 'Allow')
  return allows.some(one => one.matches === 'yes') ? [] : allows.filter(one => one.matches === 'unknown')
}

function unseenSide(context: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const keys = [...new Set(unknowns.map(unknown => unknown.fact))].join(' and ')
  const name = statements[0]?.policy.name ?? ''
  return {
    cause: 'identity-condition',
    finding: `policy ${name} of ${callerLabel(context.denial)} allows ${context.denial.action} only under a condition that the event does not show (${keys})`,
    evidence: statements.map(one => evidenceOf(one, describeOutcome(one))),
    gaps: [],
    nextSteps: [
      unknowns.some(unknown => isMfaKey(unknown.fact))
        ? MFA_STEP
        : advice(`Check what the call sends for ${keys}.`, null, 'the person who configures the call'),
    ],
    uncertain: unknowns,
    needsMfa: false,
  }
}

/** A guessed service as an unknown fact, which rules out `proved`. */
export function guessedService(context: DiagnosisContext): readonly Unknown[] {
  const { passedService, denial, resource } = context
  if (passedService?.evidence !== 'trust') return []
  const { services } = passedService
  const ruledOut = ruledOutFor(denial, resource).map(({ service }) => service)
  const guess = services.some(service => ruledOut.includes(service)) ? 'that it sends no value' : services.join(' or ')
  const open =
    ruledOut.length > 0
      ? 'the call does not send what was granted before'
      : denial.call.eventName === null
        ? 'the text does not say which call this was'
        : 'AWS does not publish what this call sends'
  return [{ fact: PASSED_TO_SERVICE, why: `${open}: ${guess} is a guess` }]
}

/** Both values if the sources disagree. The grant follows the better source. */
export function sourcesDisagree({ passedService, denial }: DiagnosisContext): readonly NextStep[] {
  if (passedService === null || passedService.disputed.length === 0) return []
  const { services, evidence, disputed } = passedService
  const better = evidence === 'decoded' ? 'AWS’s own evaluation' : 'AWS’s table of this operation'
  const others = disputed.map(
    ({ service, source }) => `${source === null ? 'AWS’s table' : `its policy ${source}`} names ${service}`,
  )
  const call = denial.call.eventName === null ? 'this call' : denial.call.eventName
  return [
    advice(
      `Sources disagree on what ${call} sends as ${PASSED_TO_SERVICE}: ${better} names ${joinNames(services)}, ${joinNames(others)}. The grant follows the first.`,
    ),
  ]
}
