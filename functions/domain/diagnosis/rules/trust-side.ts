/** What the role's trust policy lacks for this caller. */
import type { LayerOutcome, StatementOutcome } from '../../iam/evaluation/evaluation.ts'
import { THE_CALLER } from '../../iam/evaluation/principal-match.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { isSecretKey } from '../../iam/policy/secrets.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOutcome } from '../diagnosis-context.ts'
import { describeOutcome, EXPIRED_GRANT, evidenceOf, layerEvidence, nearMisses } from '../evidence.ts'
import { splitExpiredGrants } from '../expired-grants.ts'
import { failedConditions } from '../failed-conditions.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { callerLabel, ownerOf, roleName } from '../wording/short-names.ts'
import { deletedPrincipalSide } from './deleted-principal.ts'
import type { Side } from './side.ts'
import { trustConditionSide } from './trust-condition.ts'

export function trustSide(context: DiagnosisContext): Side | null {
  const layer = layerOutcome(context, 'trust')
  if (layer === null || context.resource === null || context.target?.role.kind !== 'found') return null
  const undecided = layer.statements.filter(one => one.effect === 'Allow' && one.matches === 'unknown')
  // Whether it lets in somebody whom nothing names is no question of its conditions.
  if (undecided.some(one => one.unknowns.some(({ fact }) => fact === THE_CALLER))) return null
  if (layer.answer === 'unknown' && undecided.length > 0) return unseenSide(context, undecided)
  if (!lacks(layer)) return null
  const { layer: lasting, ended } = splitExpiredGrants(layer, context.nowMs)
  const near = nearMisses(lasting)
  const conditional = near.filter(one => failedConditions(one).length > 0)
  if (conditional.length > 0) return trustConditionSide(context.resource, conditional)
  return deletedPrincipalSide(context, layer) ?? gapSide(context, context.resource, layer, near, ended)
}

function gapSide(
  context: DiagnosisContext,
  role: string,
  layer: LayerOutcome,
  near: readonly StatementOutcome[],
  ended: readonly StatementOutcome[],
): Side {
  const { denial } = context
  const federated = denial.principal.kind === 'web-identity' || denial.principal.kind === 'saml'
  const nothing = `the trust policy of ${roleName(role)} does not allow ${denial.action} to ${callerLabel(denial)}`
  const missed = near[0] === undefined ? '' : ` (the nearest statement ${describeOutcome(near[0])})`
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
      ...near.map(one => evidenceOf(one, describeOutcome(one))),
      ...ended.map(one => evidenceOf(one, EXPIRED_GRANT)),
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
          : context.crossAccount === true
            ? [advice(`The trust policy is changed in account ${context.roleAccount}.`, null, ownerOf(role))]
            : [],
    uncertain: [],
    needsMfa: false,
  }
}

function namesProvider({ effect, policy, index }: StatementOutcome, provider: string): boolean {
  const block = policy.document.Statement[index]?.Principal
  if (effect !== 'Allow' || block === undefined || block === '*') return false
  return list(block['Federated']).some(name => name === provider || name.endsWith(`:oidc-provider/${provider}`))
}

/** The trust depends on keys that no record shows, such as the external id. */
function unseenSide(context: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const external = unknowns.some(unknown => isSecretKey(unknown.fact))
  const keys = [...new Set(unknowns.map(unknown => unknown.fact))].join(' and ')
  const role = roleName(context.resource ?? '')
  return {
    cause: 'trust-condition',
    finding: `the trust policy of ${role} lets ${callerLabel(context.denial)} in only under a condition that the event does not show (${keys})`,
    evidence: statements.map(one => evidenceOf(one, describeOutcome(one))),
    gaps: [],
    nextSteps: [
      external
        ? advice(
            `Possible: check the external id in the configuration of the caller with ${ownerOf(context.resource ?? '')}.`,
            null,
            'whoever configures the call',
          )
        : unknowns.some(unknown => isMfaKey(unknown.fact))
          ? MFA_STEP
          : advice(`Check what the call sends for ${keys}.`, null, 'whoever configures the call'),
    ],
    uncertain: unknowns,
    needsMfa: false,
  }
}
