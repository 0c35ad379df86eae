/** What the caller's identity policies lack for this request. */
import type { LayerOutcome, Mismatch, StatementOutcome } from '../evaluate.ts'
import { list } from '../policy.ts'
import { afterGrant } from './after-grant.ts'
import { advice } from './conclude.ts'
import { evidenceOf, layerEvidence, mismatchText, nearest, outcomeText } from './evidence.ts'
import { isMfaKey, MFA_STEP } from './mfa.ts'
import { rolesLacking, serviceTrustGaps } from './passed-roles.ts'
import { roleName, who } from './say.ts'
import { lacks, layerOf, type Scene } from './scene.ts'
import type { Side } from './side.ts'

const PASSED_TO_SERVICE = 'iam:passedtoservice'
const KEEP_THE_ARN = advice(
  'Another value cannot help: keep the role ARN as the limit and use StringEqualsIfExists for iam:PassedToService.',
)
type ConditionMismatch = Extract<Mismatch, { element: 'condition' }>

export function identitySide(scene: Scene): Side | null {
  const layer = layerOf(scene, 'identity')
  if (layer === null) return null
  const unsent = serviceKeyUnsent(scene, layer)
  if (unsent !== null) return unsent
  if (!lacks(layer)) return null
  const near = nearest(layer)
  const conditional = near.filter(one => conditionsOf(one).length > 0)
  return conditional.length > 0 ? conditionSide(scene, conditional) : gapSide(scene, layer, near)
}

const conditionsOf = (outcome: StatementOutcome): readonly ConditionMismatch[] =>
  outcome.mismatches.filter(mismatch => mismatch.element === 'condition')

function gapSide(scene: Scene, layer: LayerOutcome, near: readonly StatementOutcome[]): Side {
  const { denial, picture } = scene
  const attachedTo = picture.caller.kind === 'found' ? picture.caller.value.arn : denial.principal.roleArn
  const roles = rolesLacking(scene)
  const on = roles.map(roleName).join(' and ') || 'the role'
  const nothing = `no identity policy of ${who(denial)} allows ${denial.action} on ${on}`
  const missed = near[0] === undefined ? '' : ` (the nearest statement ${outcomeText(near[0])})`
  return {
    cause: 'identity-gap',
    finding: `${nothing}${missed}`,
    evidence: [layerEvidence(layer, attachedTo, nothing), ...near.map(one => evidenceOf(one, outcomeText(one)))],
    gaps: roles.length === 0 ? [] : [{ kind: 'identity', roles }, ...serviceTrustGaps(scene, roles)],
    nextSteps: afterGrant(scene),
    uncertain: [],
    guarded: false,
  }
}

function conditionSide(scene: Scene, statements: readonly StatementOutcome[]): Side {
  const { denial } = scene
  const best = statements.find(one => onlyServiceKey(conditionsOf(one))) ?? statements[0]
  const unmet = best === undefined ? [] : conditionsOf(best)
  const mfa = unmet.some(mismatch => isMfaKey(mismatch.key))
  const text = unmet.map(mismatchText).join('; ')
  const name = best === undefined ? '' : ` in ${best.policy.name}`
  const own = best !== undefined && onlyServiceKey(unmet)
  const owner = `the owner of the policy ${best?.policy.arn ?? best?.policy.name ?? ''}`
  return {
    cause: 'identity-condition',
    finding: `an allow for ${denial.action} exists${name}, but it ${text}`,
    evidence: statements.map(one => evidenceOf(one, outcomeText(one))),
    gaps: own ? serviceGaps(scene, best, unmet[0]) : [],
    nextSteps: own
      ? unmet[0]?.got === null
        ? [KEEP_THE_ARN]
        : []
      : mfa
        ? [MFA_STEP]
        : [advice('The condition is a deliberate limit: meet it in the call, or ask its owner.', null, owner)],
    uncertain: [],
    guarded: mfa,
  }
}

const onlyServiceKey = (unmet: readonly ConditionMismatch[]): boolean =>
  unmet.length === 1 && unmet.every(one => one.key.toLowerCase() === PASSED_TO_SERVICE && isPositive(one.operator))

const isPositive = (operator: string): boolean =>
  /^(forany(value)?:)?string(equals|like|equalsignorecase)(ifexists)?$/i.test(operator)

/**
 * The one missing value, where the statement is about exactly these roles and can be edited; otherwise a narrow statement
 * of its own, as a value added to a wide statement would open every role that it covers.
 */
function serviceGaps(scene: Scene, best: StatementOutcome, unmet: ConditionMismatch | undefined): Side['gaps'] {
  const roles = rolesLacking(scene)
  const follow = serviceTrustGaps(scene, roles)
  const got = unmet?.got?.[0]
  if (unmet === undefined || got === undefined || !scene.passedService?.proven || !isNarrow(scene, best)) {
    return roles.length === 0 ? [] : [{ kind: 'identity', roles }, ...follow]
  }
  const { policy, index } = best
  const { operator, key, wanted } = unmet
  const value = {
    kind: 'identity-condition',
    policy: policy.name,
    policyArn: policy.arn,
    attachedTo: policy.attachedTo,
    statement: index,
    operator,
    key,
    wanted,
    got,
  } as const
  const covered = list(policy.document.Statement[index]?.Resource)
  const others = roles.filter(role => !covered.includes(role))
  return [value, ...(others.length === 0 ? [] : [{ kind: 'identity', roles: others } as const]), ...follow]
}

function isNarrow(scene: Scene, { policy, index }: StatementOutcome): boolean {
  const statement = policy.document.Statement[index]
  const resources = list(statement?.Resource)
  const exact = resources.length > 0 && resources.every(resource => !/[*?$]/.test(resource))
  const actions = list(statement?.Action)
  const onlyPass = actions.length > 0 && actions.every(action => /^iam:(passrole|getrole)$/i.test(action))
  const caller = scene.picture.caller.kind === 'found' ? scene.picture.caller.value.arn : null
  const editable = policy.arn === null ? policy.attachedTo === caller : /:iam::\d{12}:policy\//.test(policy.arn)
  return exact && onlyPass && editable
}

/** The allow is right, and whether the call sends `iam:PassedToService` at all is not proven: AWS's denial says that it did not. */
function serviceKeyUnsent(scene: Scene, layer: LayerOutcome): Side | null {
  const { denial, passedService } = scene
  if (denial.action !== 'iam:PassRole' || layer.answer !== 'unknown' || layer.unknowns.length > 0) return null
  const undecided = layer.statements.filter(one => one.matches === 'unknown')
  const [first] = undecided
  const onService = undecided.every(
    one =>
      one.effect === 'Allow' && one.unknowns.every(unknown => unknown.fact.toLowerCase().includes(PASSED_TO_SERVICE)),
  )
  if (first === undefined || !onService) return null
  const roles = rolesLacking(scene)
  const service = passedService?.service ?? 'the service'
  return {
    cause: 'identity-condition',
    finding: `an allow exists in ${first.policy.name}, but it needs iam:PassedToService, and it is not proven that ${service} sends that key in this call`,
    evidence: undecided.map(one => evidenceOf(one, outcomeText(one))),
    gaps: roles.length === 0 ? [] : [{ kind: 'identity', roles }, ...serviceTrustGaps(scene, roles)],
    nextSteps: [KEEP_THE_ARN],
    uncertain: undecided.flatMap(one => one.unknowns),
    guarded: false,
  }
}
