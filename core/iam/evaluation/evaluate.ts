/**
 * AWS's policy evaluation in three-valued logic, for any action with a known authorization.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { perText } from '../../base/index.ts'
import { quietScope } from '../conditions/conditions.ts'
import type { AccessSnapshot } from './access-snapshot.ts'
import type { Authorization } from './authorization.ts'
import { resolveCaller } from './caller.ts'
import { combine, serviceRule } from './combine-layers.ts'
import type { AccessRequest, Answer, Evaluation, ServiceRule } from './evaluation.ts'
import { type Layers, layersOf } from './layers.ts'
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
