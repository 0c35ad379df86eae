/** What the caller's identity policies lack for this request. */
import type { LayerOutcome, StatementOutcome } from '../../iam/evaluation/evaluation.ts'
import { afterGrant } from '../after-grant.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOf } from '../diagnosis-context.ts'
import { ENDED, evidenceOf, layerEvidence, mismatchText, nearest, outcomeText } from '../evidence.ts'
import { withoutEndedGrants } from '../expired-grants.ts'
import { rolesLacking, serviceTrustGaps } from '../passed-roles.ts'
import { isReadFromTrust, settleService } from '../settle-service.ts'
import { isValueList, type Unmet, unmetOf } from '../unmet-condition.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { listed, roleName, who } from '../wording/short-names.ts'
import {
  besideNearest,
  isNarrow,
  KEEP_THE_ARN,
  onlyServiceKey,
  serviceGaps,
  serviceKeyUnsent,
} from './service-condition.ts'
import type { Side } from './side.ts'

export function identitySide(scene: DiagnosisContext): Side | null {
  const layer = layerOf(scene, 'identity')
  if (layer === null) return null
  const unsent = serviceKeyUnsent(scene, layer)
  if (unsent !== null) return unsent
  const undecided = undecidedAllows(layer)
  if (undecided.length > 0) return unseenSide(scene, undecided)
  if (!lacks(layer)) return null
  const { layer: lasting, ended } = withoutEndedGrants(layer, scene.nowMs)
  const near = nearest(lasting)
  const conditional = near.filter(one => unmetOf(one).length > 0)
  return conditional.length > 0 ? conditionSide(scene, conditional) : gapSide(scene, layer, near, ended)
}

/** Proved is that nothing allows it for any service; which one it was for is not. */
const INFERRED_SERVICE = 'the service is inferred: it is the only one that the role’s trust policy names'

function gapSide(
  scene: DiagnosisContext,
  layer: LayerOutcome,
  near: readonly StatementOutcome[],
  ended: readonly StatementOutcome[],
): Side {
  const { denial, snapshot } = scene
  const attachedTo = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : denial.principal.roleArn
  const roles = rolesLacking(scene)
  const on = `${listed(roles.map(roleName)) || 'the role'}${receivers(scene, roles)}`
  const gone = snapshot.caller.kind === 'absent' ? ', which no longer exists,' : ''
  const seen = layer.unknowns.length > 0 ? ' that could be read' : ''
  const nothing = `no identity policy of ${who(denial)}${gone}${seen} allows ${denial.action} on ${on}`
  const more = [
    ...(scene.passedService !== null && isReadFromTrust(denial, scene.resource ?? '') ? [INFERRED_SERVICE] : []),
    ...(near[0] === undefined ? [] : [`the nearest statement ${outcomeText(near[0])}`]),
  ]
  return {
    cause: 'identity-gap',
    finding: more.length === 0 ? nothing : `${nothing} (${more.join('; ')})`,
    evidence: [
      layerEvidence(layer, attachedTo, nothing),
      ...near.map(one => evidenceOf(one, outcomeText(one))),
      ...ended.map(one => evidenceOf(one, ENDED)),
    ],
    gaps: roles.length === 0 ? [] : [{ kind: 'identity', roles }, ...serviceTrustGaps(scene, roles)],
    nextSteps: afterGrant(scene),
    uncertain: [],
    guarded: false,
  }
}

/** Each role of a call may be for a service of its own. */
function receivers({ denial, snapshot, passedService }: DiagnosisContext, roles: readonly string[]): string {
  if (passedService === null) return ''
  const services = roles.map(role =>
    settleService(denial, role, snapshot.targets.find(one => one.arn === role) ?? null),
  )
  return services.every(one => one === null || one.service === passedService.service)
    ? ` for ${passedService.service}`
    : ' for the services that receive them'
}

/** The service of a service-linked role stands in its ARN as well: an allow for another one says nothing about this one. */
const onlyLinkedService = (unmet: readonly Unmet[]): boolean =>
  unmet.length === 1 &&
  unmet.every(
    ({ key, operator, got }) => key.toLowerCase() === 'iam:awsservicename' && isValueList(operator) && got !== null,
  )

function conditionSide(scene: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const { denial } = scene
  const onService = statements.filter(one => onlyServiceKey(unmetOf(one)))
  const best = onService.find(one => isNarrow(scene, one)) ?? onService[0] ?? statements[0]
  const unmet = best === undefined ? [] : unmetOf(best)
  const mfa = unmet.some(mismatch => isMfaKey(mismatch.key))
  const text = unmet.map(mismatchText).join('; ')
  const name = best === undefined ? '' : `${best.policy.name} of `
  const own = best !== undefined && onlyServiceKey(unmet)
  const linked = onlyLinkedService(unmet) ? best : undefined
  const owner = `the owner of the policy ${best?.policy.arn ?? best?.policy.name ?? ''}`
  return {
    cause: 'identity-condition',
    finding: `policy ${name}${who(denial)} allows ${denial.action} on ${roleName(scene.resource ?? 'the role')} under a condition that is not met: it ${text}`,
    evidence: statements.map(one => evidenceOf(one, outcomeText(one))),
    gaps: own ? serviceGaps(scene, best, unmet[0]) : linked ? [besideNearest(linked, rolesLacking(scene))] : [],
    nextSteps: own
      ? unmet[0]?.got === null
        ? [KEEP_THE_ARN]
        : []
      : mfa
        ? [MFA_STEP]
        : linked
          ? []
          : [advice('The condition is a deliberate limit: meet it in the call, or ask its owner.', null, owner)],
    uncertain: [],
    guarded: mfa,
  }
}

/** Allows that depend on keys that were not seen, where nothing else allows. */
function undecidedAllows(layer: LayerOutcome): readonly StatementOutcome[] {
  const allows = layer.statements.filter(one => one.effect === 'Allow')
  return allows.some(one => one.matches === 'yes') ? [] : allows.filter(one => one.matches === 'unknown')
}

function unseenSide(scene: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const keys = [...new Set(unknowns.map(unknown => unknown.fact))].join(' and ')
  const name = statements[0]?.policy.name ?? ''
  return {
    cause: 'identity-condition',
    finding: `policy ${name} of ${who(scene.denial)} allows ${scene.denial.action} only under a condition that the event does not show (${keys})`,
    evidence: statements.map(one => evidenceOf(one, outcomeText(one))),
    gaps: [],
    nextSteps: [
      unknowns.some(unknown => isMfaKey(unknown.fact))
        ? MFA_STEP
        : advice(`Check what the call sends for ${keys}.`, null, 'whoever configures the call'),
    ],
    uncertain: unknowns,
    guarded: false,
  }
}
