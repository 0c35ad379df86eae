/** What the role's trust policy lacks for this caller. */
import type { LayerOutcome, StatementOutcome } from '../../iam/evaluation/evaluation.ts'
import { THE_CALLER } from '../../iam/evaluation/principal-match.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { isSecretKey } from '../../iam/policy/secret-keys.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOf } from '../diagnosis-context.ts'
import { ENDED, evidenceOf, layerEvidence, nearest, outcomeText } from '../evidence.ts'
import { withoutEndedGrants } from '../expired-grants.ts'
import { unmetOf } from '../unmet-condition.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { ownerOf, roleName, who } from '../wording/short-names.ts'
import { deletedPrincipalSide } from './deleted-principal.ts'
import type { Side } from './side.ts'
import { trustConditionSide } from './trust-condition.ts'

export function trustSide(scene: DiagnosisContext): Side | null {
  const layer = layerOf(scene, 'trust')
  if (layer === null || scene.resource === null || scene.target?.role.kind !== 'found') return null
  const undecided = layer.statements.filter(one => one.effect === 'Allow' && one.matches === 'unknown')
  // Whether it lets in somebody whom nothing names is no question of its conditions.
  if (undecided.some(one => one.unknowns.some(({ fact }) => fact === THE_CALLER))) return null
  if (layer.answer === 'unknown' && undecided.length > 0) return unseenSide(scene, undecided)
  if (!lacks(layer)) return null
  const { layer: lasting, ended } = withoutEndedGrants(layer, scene.nowMs)
  const near = nearest(lasting)
  const conditional = near.filter(one => unmetOf(one).length > 0)
  if (conditional.length > 0) return trustConditionSide(scene.resource, conditional)
  return deletedPrincipalSide(scene, layer) ?? gapSide(scene, scene.resource, layer, near, ended)
}

function gapSide(
  scene: DiagnosisContext,
  role: string,
  layer: LayerOutcome,
  near: readonly StatementOutcome[],
  ended: readonly StatementOutcome[],
): Side {
  const { denial } = scene
  const federated = denial.principal.kind === 'web-identity' || denial.principal.kind === 'saml'
  const nothing = `the trust policy of ${roleName(role)} does not allow ${denial.action} to ${who(denial)}`
  const missed = near[0] === undefined ? '' : ` (the nearest statement ${outcomeText(near[0])})`
  const provider = federated ? (denial.claims?.provider ?? null) : null
  const named = provider !== null && layer.statements.some(one => namesProvider(one, provider))
  return {
    cause: 'trust-gap',
    finding:
      provider === null
        ? `${nothing}${missed}`
        : `${nothing}: ${named ? `what it allows to the provider ${provider} is other actions` : `no statement names the provider ${provider}`}`,
    evidence: [
      layerEvidence(layer, role, nothing),
      ...near.map(one => evidenceOf(one, outcomeText(one))),
      ...ended.map(one => evidenceOf(one, ENDED)),
    ],
    // Anyone may present a token of a public provider: a role that does not name it yet is opened by its owner alone.
    gaps: federated ? [] : [{ kind: 'trust', role }],
    nextSteps: named
      ? [
          advice(
            `If this identity should use the role, its owner adds ${denial.action} beside what the provider is allowed, under the same conditions.`,
            null,
            ownerOf(role),
          ),
        ]
      : federated
        ? [
            advice(
              `If this identity should use the role, its owner adds the provider with exact ${denial.principal.kind === 'saml' ? 'SAML:sub and SAML:aud' : 'sub and aud'}.`,
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

function namesProvider({ effect, policy, index }: StatementOutcome, provider: string): boolean {
  const block = policy.document.Statement[index]?.Principal
  if (effect !== 'Allow' || block === undefined || block === '*') return false
  return list(block['Federated']).some(name => name === provider || name.endsWith(`:oidc-provider/${provider}`))
}

/** The trust depends on keys that no record shows, such as the external id. */
function unseenSide(scene: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const external = unknowns.some(unknown => isSecretKey(unknown.fact))
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
        : unknowns.some(unknown => isMfaKey(unknown.fact))
          ? MFA_STEP
          : advice(`Check what the call sends for ${keys}.`, null, 'whoever configures the call'),
    ],
    uncertain: unknowns,
    guarded: false,
  }
}
