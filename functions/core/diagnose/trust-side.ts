/** What the role's trust policy lacks for this caller. */
import { parseArn } from '../arn.ts'
import type { Gap } from '../diagnosis.ts'
import type { LayerOutcome, Mismatch, StatementOutcome } from '../evaluate.ts'
import { claimHint, isSubjectKey, mayAddClaim } from './claims.ts'
import { advice } from './conclude.ts'
import { deletedPrincipalSide } from './deleted-principal.ts'
import { evidenceOf, layerEvidence, mismatchText, nearest, outcomeText } from './evidence.ts'
import { isMfaKey, MFA_STEP } from './mfa.ts'
import { roleName, who } from './say.ts'
import { lacks, layerOf, type Scene } from './scene.ts'
import type { Side } from './side.ts'

type ConditionMismatch = Extract<Mismatch, { element: 'condition' }>

export function trustSide(scene: Scene): Side | null {
  const layer = layerOf(scene, 'trust')
  if (layer === null || scene.resource === null || scene.target?.role.kind !== 'found') return null
  const undecided = layer.statements.filter(one => one.effect === 'Allow' && one.matches === 'unknown')
  if (layer.answer === 'unknown' && undecided.length > 0) return unseenSide(scene, undecided)
  if (!lacks(layer)) return null
  const near = nearest(layer)
  const conditional = near.filter(one => conditionsOf(one).length > 0)
  if (conditional.length > 0) return conditionSide(scene.resource, conditional)
  return deletedPrincipalSide(scene, layer) ?? gapSide(scene, scene.resource, layer, near)
}

const conditionsOf = (outcome: StatementOutcome): readonly ConditionMismatch[] =>
  outcome.mismatches.filter(mismatch => mismatch.element === 'condition')

const ownerOf = (role: string): string =>
  `the owner of role ${roleName(role)} in account ${parseArn(role)?.accountId ?? 'unknown'}`

function gapSide(scene: Scene, role: string, layer: LayerOutcome, near: readonly StatementOutcome[]): Side {
  const { denial } = scene
  const federated = denial.principal.kind === 'web-identity' || denial.principal.kind === 'saml'
  const nothing = `the trust policy of ${roleName(role)} does not allow ${denial.action} to ${who(denial)}`
  const missed = near[0] === undefined ? '' : ` (the nearest statement ${outcomeText(near[0])})`
  const provider = denial.claims?.provider ?? null
  return {
    cause: 'trust-gap',
    finding:
      federated && provider !== null
        ? `${nothing}: no statement names the provider ${provider}`
        : `${nothing}${missed}`,
    evidence: [layerEvidence(layer, role, nothing), ...near.map(one => evidenceOf(one, outcomeText(one)))],
    // Anyone may present a token of a public provider: a role that does not name it yet is opened by its owner alone.
    gaps: federated ? [] : [{ kind: 'trust', role }],
    nextSteps: federated
      ? [
          advice(
            `If this identity should use the role, its owner adds the provider with exact sub and aud.`,
            null,
            ownerOf(role),
          ),
        ]
      : denial.principal.kind === 'sso-role'
        ? [
            advice(
              'The suffix of an AWSReservedSSO role changes: trust the account, limited by ArnLike on aws:PrincipalArn under aws-reserved/sso.amazonaws.com/.',
              null,
              ownerOf(role),
            ),
          ]
        : scene.crossAccount === true
          ? [advice(`The trust policy is changed in account ${scene.roleAccount}.`, null, ownerOf(role))]
          : [],
    uncertain: [],
    guarded: false,
  }
}

/** The trust depends on keys that no record shows, such as the external id. */
function unseenSide(scene: Scene, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const external = unknowns.some(unknown => /sts:externalid/i.test(unknown.fact))
  const keys = [...new Set(unknowns.map(unknown => unknown.fact))].join(' and ')
  const role = roleName(scene.resource ?? '')
  return {
    cause: 'trust-condition',
    finding: `the trust policy of ${role} lets ${who(scene.denial)} in only under a condition that the event does not show (${keys})`,
    evidence: statements.map(one => evidenceOf(one, outcomeText(one))),
    gaps: [],
    nextSteps: [
      external
        ? advice(
            `Possible: check the external id in the configuration of the caller with ${ownerOf(scene.resource ?? '')}.`,
            null,
            'whoever configures the call',
          )
        : unknowns.some(unknown => /multifactorauth/i.test(unknown.fact))
          ? MFA_STEP
          : advice(`Check what the call sends for ${keys}.`, null, 'whoever configures the call'),
    ],
    uncertain: unknowns,
    guarded: false,
  }
}

function conditionSide(role: string, statements: readonly StatementOutcome[]): Side {
  const best = closest(statements)
  const unmet = best === undefined ? [] : conditionsOf(best)
  const mfa = unmet.some(mismatch => isMfaKey(mismatch.key))
  const secret = unmet.some(mismatch => mismatch.key.toLowerCase() === 'sts:externalid')
  const hints = unmet.map(one => hintOf(one)).filter(hint => hint !== '')
  const gaps = best === undefined ? [] : gapsOf(role, best, unmet)
  const text = `${unmet.map(mismatchText).join('; ')}${hints.length === 0 ? '' : ` (${hints.join('; ')})`}`
  const owner = ownerOf(role)
  return {
    cause: 'trust-condition',
    finding: `the trust policy of ${roleName(role)} ${text}`,
    evidence: statements.map(one => evidenceOf(one, outcomeText(one))),
    gaps,
    nextSteps: mfa
      ? [MFA_STEP]
      : gaps.length > 0
        ? []
        : secret
          ? [
              advice(
                'Possible: check the external id in the configuration of the caller.',
                null,
                'whoever configures the call',
              ),
            ]
          : [
              advice(
                `Meet the condition in the call${hints.length === 0 ? '' : ` (${hints.join('; ')})`}, or ask its owner.`,
                null,
                owner,
              ),
            ],
    uncertain: secret ? [{ fact: 'sts:ExternalId', why: 'a denied call does not show it' }] : [],
    guarded: mfa,
  }
}

const hintOf = ({ key, operator, wanted, got }: ConditionMismatch): string =>
  got?.[0] === undefined ? '' : claimHint(key, operator, wanted, got[0])

/** The statement with the fewest unmet conditions, then the one whose values begin most like what was presented. */
function closest(statements: readonly StatementOutcome[]): StatementOutcome | undefined {
  return [...statements].sort((a, b) => conditionsOf(a).length - conditionsOf(b).length || likeness(b) - likeness(a))[0]
}

function likeness(outcome: StatementOutcome): number {
  return Math.max(
    0,
    ...conditionsOf(outcome).flatMap(({ wanted, got }) => wanted.map(value => sharedPrefix(value, got?.[0] ?? ''))),
  )
}

function sharedPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

/** One value for each unmet key, if every one of them may be added; otherwise none. */
function gapsOf(role: string, outcome: StatementOutcome, unmet: readonly ConditionMismatch[]): readonly Gap[] {
  const conditions = Object.values(outcome.policy.document.Statement[outcome.index]?.Condition ?? {})
  const pinned = conditions.some(keys => Object.keys(keys).some(isSubjectKey))
  const gaps = unmet.flatMap(({ operator, key, wanted, got }) => {
    const value = got?.length === 1 ? got[0] : undefined
    if (value === undefined || !isPositive(operator) || !mayAdd(key, wanted, value, pinned)) return []
    return [{ kind: 'trust-condition', role, statement: outcome.index, operator, key, wanted, got: value } as const]
  })
  return gaps.length === unmet.length ? gaps : []
}

function mayAdd(key: string, wanted: readonly string[], got: string, pinned: boolean): boolean {
  return key.toLowerCase() === 'aws:principalarn' ? true : mayAddClaim(key, wanted, got, pinned)
}

const isPositive = (operator: string): boolean =>
  /^(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like))(ifexists)?$/i.test(operator)
