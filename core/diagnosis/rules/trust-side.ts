/** What the role's trust policy lacks for this caller. */

import { isOwnStatement } from '../../actions/index.ts'
import {
  entityName,
  isPrincipalArn,
  isSecretKey,
  type LayerOutcome,
  list,
  type StatementOutcome,
  THE_CALLER,
} from '../../iam/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOutcome } from '../diagnosis-context.ts'
import { describeOutcome, EXPIRED_GRANT, evidenceOf, layerEvidence, nearMisses } from '../evidence.ts'
import { failedConditions, isValueList, splitExpiredGrants } from '../failed-conditions.ts'
import { showRole, writtenRole } from '../text/role-in-text.ts'
import { maybeNotBootstrapped } from '../wording/cdk-bootstrap.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { callerLabel, roleOwnerText } from '../wording/short-names.ts'
import { vendorOf } from '../wording/vendors.ts'
import { deletedPrincipalSide } from './deleted-principal.ts'
import type { Side } from './side.ts'
import { trustConditionSide } from './trust-condition.ts'

export function trustSide(context: DiagnosisContext): Side | null {
  const layer = layerOutcome(context, 'trust')
  if (layer === null || context.resource === null || context.target?.role.kind !== 'found') return null
  const undecided = layer.about.filter(one => one.effect === 'Allow' && one.matches === 'unknown')
  // If the event does not name the caller, the condition does not decide.
  if (undecided.some(one => one.unknowns.some(({ fact }) => fact === THE_CALLER))) return null
  if (layer.answer === 'unknown' && undecided.length > 0) return unseenSide(context, undecided)
  if (!lacks(layer)) return null
  const { lasting, ended } = splitExpiredGrants(layer, context.nowMs)
  const near = nearMisses(lasting)
  const conditional = near.filter(one => failedConditions(one).length > 0 && !grantsAnother(one))
  if (conditional.length > 0) {
    const side = trustConditionSide(context.resource, conditional)
    const isSecret = side.uncertain.some(({ fact }) => isSecretKey(fact))
    return isSecret ? { ...side, nextSteps: [...vendorSteps(context, context.resource), ...side.nextSteps] } : side
  }
  return deletedPrincipalSide(context, layer) ?? gapSide(context, context.resource, layer, near, ended)
}

/**
 * True for a grant of rolemedic to another permission set: its condition names the callers, as `Principal` does for others. It
 * stays unchanged, because it has its own revert and end time.
 */
function grantsAnother(outcome: StatementOutcome): boolean {
  const statement = outcome.policy.document.Statement[outcome.index]
  return (
    statement !== undefined &&
    isOwnStatement(statement) &&
    failedConditions(outcome).every(({ key, operator }) => isPrincipalArn(key) && isValueList(operator))
  )
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
  const nothing = `the trust policy of ${entityName(role)} does not allow ${denial.action} to ${callerLabel(denial)}`
  const missed = near[0] === undefined ? '' : ` (the nearest statement ${describeOutcome(near[0])})`
  const provider = federated ? (denial.claims?.provider ?? null) : null
  const named = provider !== null && layer.statements.some(one => namesProvider(one, provider))
  return {
    cause: 'trust-gap',
    finding:
      provider === null
        ? `${nothing}${missed}`
        : `${nothing}: ${named ? `it allows the provider ${provider} only other actions` : `no statement names the provider ${provider}`}`,
    evidence: [
      layerEvidence(layer, role, nothing),
      ...near.map(one => evidenceOf(one, describeOutcome(one))),
      ...ended.map(one => evidenceOf(one, EXPIRED_GRANT)),
    ],
    // Anyone can present a token of a public provider, so only the owner may add a provider.
    gaps: federated ? [] : [{ kind: 'trust', role }],
    nextSteps: named
      ? [
          advice(
            `Ask its owner to add ${denial.action} to the provider's statement, under the same conditions, if this identity should use the role.`,
            null,
            roleOwnerText(role),
          ),
        ]
      : federated
        ? [
            advice(
              `Ask its owner to add the provider with exact ${denial.principal.kind === 'saml' ? 'SAML:sub and SAML:aud' : 'sub and aud'}, if this identity should use the role.`,
              null,
              roleOwnerText(role),
            ),
          ]
        : denial.principal.kind === 'sso-role'
          ? [
              advice(
                'The suffix of an AWSReservedSSO role changes when the role is created again: trust its account, limited by ArnLike on aws:PrincipalArn to its permission set.',
                null,
                roleOwnerText(role),
              ),
            ]
          : context.crossAccount === true
            ? [
                ...vendorSteps(context, role),
                advice(`Change the trust policy in account ${context.roleAccount}.`, null, roleOwnerText(role)),
              ]
            : [],
    uncertain: [],
    needsMfa: false,
  }
}

/**
 * A published account of a vendor. The external id is a secret of two companies: the step says where it stands, and never shows it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
function vendorSteps({ denial }: DiagnosisContext, role: string): readonly NextStep[] {
  const { accountId } = denial.principal
  const vendor = vendorOf(accountId)
  if (vendor === null) return []
  const { name, externalId } = vendor
  return [
    advice(
      `Let ${name} (account ${accountId}) in only with a condition on sts:ExternalId, with exactly the value that ${name} sends: ${externalId}.`,
      null,
      roleOwnerText(role),
    ),
  ]
}

function namesProvider({ effect, policy, index }: StatementOutcome, provider: string): boolean {
  const block = policy.document.Statement[index]?.Principal
  if (effect !== 'Allow' || block === undefined || block === '*') return false
  return list(block['Federated']).some(name => name === provider || name.endsWith(`:oidc-provider/${provider}`))
}

/** The trust policy depends on keys that no record shows, such as the external id. */
function unseenSide(context: DiagnosisContext, statements: readonly StatementOutcome[]): Side {
  const unknowns = statements.flatMap(one => one.unknowns)
  const external = unknowns.some(unknown => isSecretKey(unknown.fact))
  const keys = [...new Set(unknowns.map(unknown => unknown.fact))].join(' and ')
  const role = entityName(context.resource ?? '')
  return {
    cause: 'trust-condition',
    finding: `the trust policy of ${role} lets ${callerLabel(context.denial)} in only under a condition that the event does not show (${keys})`,
    evidence: statements.map(one => evidenceOf(one, describeOutcome(one))),
    gaps: [],
    nextSteps: [
      ...(external ? vendorSteps(context, context.resource ?? '') : []),
      external
        ? advice(
            `Compare the external id with ${roleOwnerText(context.resource ?? '')}: a wrong one is a possible cause.`,
            null,
            'the person who configures the call',
          )
        : unknowns.some(unknown => isMfaKey(unknown.fact))
          ? MFA_STEP
          : advice(`Check what the call sends for ${keys}.`, null, 'the person who configures the call'),
    ],
    uncertain: unknowns,
    needsMfa: false,
  }
}

/**
 * The caller's policies allow the call, and the trust policy of a role in another account could not be read. Only that policy
 * can be the cause.
 */
export function unreadTrustSide(context: DiagnosisContext): Side | null {
  const { target, resource, snapshot, roleAccount } = context
  const unread = target?.role.kind === 'unreadable' || (target?.role.kind === 'found' && !target.role.value.trust.known)
  if (!unread || resource === null || snapshot.caller.kind !== 'found') return null
  if (layerOutcome(context, 'identity')?.answer !== 'allows') return null
  return {
    cause: 'trust-gap',
    finding: `the caller's own policies allow it, so the trust policy of ${entityName(resource)}, which could not be read, most likely blocks it`,
    evidence: [],
    gaps: [],
    nextSteps: [
      advice(
        `Read the trust policy in account ${roleAccount ?? 'of the role'}; the role may also not exist.`,
        showRole(resource),
        `the owner of account ${roleAccount ?? 'of the role'}`,
      ),
      ...maybeNotBootstrapped(writtenRole(resource)?.name ?? null),
    ],
    uncertain: [],
    needsMfa: false,
  }
}
