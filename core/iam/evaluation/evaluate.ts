/**
 * AWS's policy evaluation in three-valued logic, for any action with a known authorization.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { perText } from '../../base/index.ts'
import { parseArn, parseRoleArn } from '../arn.ts'
import { quietScope } from '../conditions/conditions.ts'
import { and, or, some, type Truth } from '../conditions/truth.ts'
import type { AccessSnapshot } from './access-snapshot.ts'
import { type Caller, resolveCaller } from './caller.ts'
import {
  type AccessRequest,
  type Answer,
  type Authorization,
  asksTrust,
  type Evaluation,
  type ServiceRule,
} from './evaluation.ts'
import { hasNoDeny, type Layer } from './layer-outcome.ts'
import { type Layers, layersOf } from './layers.ts'
import { matchesPrincipal, type TrustGrant } from './principal-match.ts'
import { factsOf } from './snapshot-context.ts'
import type { ResolvedRequest } from './statement-match.ts'

/** Uses the snapshot's policies of caller and role. If the request needs policies of another entity, the answer is unknown. */
export function evaluateUnder(
  authorization: Authorization,
  request: AccessRequest,
  snapshot: AccessSnapshot,
): Evaluation {
  const resolved = resolveRequestAs(authorization, request, snapshot)
  const { caller } = resolved
  const layers = layersOf(request, snapshot, resolved)
  const rule = serviceRule(authorization, request, caller)
  const answer = rule === null ? combine(authorization, request, caller, layers) : 'denied'
  return new Evaluated(answer, rule, layers)
}

/** A class with a getter: a closure per evaluation would survive several garbage collections. */
class Evaluated implements Evaluation {
  readonly answer: Answer
  readonly rule: ServiceRule | null
  readonly #byType: Layers
  #layers: Evaluation['layers'] | null = null

  constructor(answer: Answer, rule: ServiceRule | null, byType: Layers) {
    this.answer = answer
    this.rule = rule
    this.#byType = byType
  }

  get layers(): Evaluation['layers'] {
    this.#layers ??= ORDER.map(type => this.#byType[type].explain())
    return this.#layers
  }
}

const inLowerCase = perText(text => text.toLowerCase())

const ORDER = ['identity', 'trust', 'boundary', 'scp', 'rcp', 'session', 'vpce'] as const

/** The request with every fact that the snapshot adds to it. */
export function resolveRequestAs(
  authorization: Authorization,
  request: AccessRequest,
  snapshot: AccessSnapshot,
): ResolvedRequest {
  const caller = resolveCaller(authorization, request, snapshot)
  const fact = factsOf(authorization, request, snapshot, caller)
  return {
    actionInLowerCase: inLowerCase(request.action),
    resource: request.resource,
    authorization,
    caller,
    fact,
    quiet: quietScope(fact),
  }
}

function combine(authorization: Authorization, request: AccessRequest, caller: Caller, layers: Layers): Answer {
  const guardrails = and(passes(layers.scp), passes(layers.rcp), passes(layers.vpce))
  const truth = and(guardrails, granted(authorization, request, caller, layers))
  return truth === 'yes' ? 'allowed' : truth === 'no' ? 'denied' : 'unknown'
}

/** The service rule that refuses the request regardless of policies. Null: none. */
function serviceRule({ refusals }: Authorization, request: AccessRequest, caller: Caller): ServiceRule | null {
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
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    case 'federated-user-cannot-assume':
      return caller.kind === 'federated-user'
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
 * other about a grant to a user and say nothing about one to all but some, so these are unknown.
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
    and(named(['user', 'others']), or(capped, 'unknown')),
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
