/**
 * Combines the outcome of each policy type into the answer.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { parseArn, parseRoleArn } from '../arn.ts'
import { and, or, some, type Truth } from '../conditions/truth.ts'
import { type Authorization, asksTrust } from './authorization.ts'
import type { Caller } from './caller.ts'
import type { AccessRequest, Answer, ServiceRule } from './evaluation.ts'
import { hasNoDeny, type Layer } from './layer-outcome.ts'
import type { Layers } from './layers.ts'
import { matchesPrincipal, type TrustGrant } from './principal-match.ts'

export function combine(authorization: Authorization, request: AccessRequest, caller: Caller, layers: Layers): Answer {
  const guardrails = and(passes(layers.scp), passes(layers.rcp), passes(layers.vpce))
  const truth = and(guardrails, granted(authorization, request, caller, layers))
  return truth === 'yes' ? 'allowed' : truth === 'no' ? 'denied' : 'unknown'
}

/** The service rule that refuses the request regardless of policies. Null: none. */
export function serviceRule({ refusals }: Authorization, request: AccessRequest, caller: Caller): ServiceRule | null {
  return refusals.find(rule => applies(rule, request, caller)) ?? null
}

function applies(rule: ServiceRule, request: AccessRequest, caller: Caller): boolean {
  const role = parseArn(request.resource)
  switch (rule) {
    case 'reserved-role':
      return role?.resource.startsWith('role/aws-reserved/') === true
    case 'cross-account-pass-role': {
      const accounts = [role?.accountId ?? '', caller.accountId ?? '']
      return accounts[0] !== accounts[1] && accounts.every(account => /^\d{12}$/.test(account))
    }
    case 'root-cannot-assume':
      return caller.kind === 'root'
  }
}

function granted(authorization: Authorization, request: AccessRequest, caller: Caller, layers: Layers): Truth {
  const { identity, trust, boundary, session } = layers
  const capped = and(must(boundary), passes(session))
  if (!asksTrust(authorization)) return caller.kind === 'root' ? 'yes' : and(must(identity), capped)
  if (caller.kind === 'federated' || caller.kind === 'service') return must(trust)

  const role = parseArn(request.resource)
  const both = and(must(trust), must(identity), capped)
  if (role === null || role.accountId !== caller.accountId) return both
  const denyFree = and(
    hasNoDeny(trust),
    hasNoDeny(boundary),
    session.answer === 'unseen' ? 'yes' : hasNoDeny(session),
    hasNoDeny(identity),
  )
  const granted = and(denyFree, sameAccount(request, caller, layers, capped))
  return authorization.sides === 'both' ? and(granted, must(identity), capped) : granted
}

/**
 * Within one account, a trust policy that names the caller is enough; one that names the account also needs an identity policy.
 * The boundary and the session policy limit a grant to the role, but not a grant to the session. AWS's pages contradict each
 * other about a grant to a user, so that is unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-principal.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html (not limited)
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html (limited by the boundary)
 */
function sameAccount(request: AccessRequest, caller: Caller, layers: Layers, capped: Truth): Truth {
  if (layers.trust.answer === 'unseen') return 'unknown'
  const named = (grants: readonly TrustGrant[]): Truth =>
    some(grants.map(grant => trusted(layers.trust, caller, grant)))
  // A role does not trust itself implicitly. AWS's announcement requires a grant to the role; the user guide also accepts one
  // to the account. This requires the grant that satisfies both.
  // https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/
  const itself = parseRoleArn(request.resource) !== null && caller.roleArn === request.resource
  return or(
    named(['session', 'everyone']),
    and(named(['role']), capped),
    and(named(['user']), or(capped, 'unknown')),
    itself ? 'no' : and(named(['account']), must(layers.identity), capped),
  )
}

/** True when an Allow statement of the trust policy names the caller by `grant`. */
function trusted(trust: Layer, caller: Caller, grant: TrustGrant): Truth {
  return some(
    trust.matched
      .filter(({ compiled }) => compiled.statement.Effect === 'Allow')
      .map(({ compiled, truth }) => {
        const { grants } = matchesPrincipal(compiled.principal(), 'Allow', caller, null)
        return and(truth, some(grants.filter(found => found.grant === grant).map(found => found.truth)))
      }),
  )
}

/**
 * Whether the layer lets the request through. A guardrail that could not be read counts as allowing: a grant that it denies has
 * no effect and does no harm.
 */
function passes(layer: Layer): Truth {
  return layer.answer === 'unseen' ? 'yes' : must(layer)
}

function must(layer: Layer): Truth {
  switch (layer.answer) {
    case 'allows':
    case 'not-applicable':
      return 'yes'
    case 'implicit-deny':
    case 'explicit-deny':
      return 'no'
    case 'unknown':
    case 'unseen':
      return 'unknown'
  }
}
