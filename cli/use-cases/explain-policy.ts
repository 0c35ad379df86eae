/** The answer of one policy document to one request, statement by statement. */

import { requestOf as requestOfDenial } from '../../core/access/index.ts'
import { type DeniedAction, descriptorOf, resolveRequest } from '../../core/actions/index.ts'
import { UsageError, unknown, unreadable } from '../../core/base/index.ts'
import { type Principal, principalNamed } from '../../core/denial/index.ts'
import { describeOutcome } from '../../core/diagnosis/index.ts'
import {
  type AccessSnapshot,
  evaluateLayer,
  type LayerOutcome,
  type PolicyType,
  parsePolicy,
  present,
  unknownKey,
} from '../../core/iam/index.ts'
import { denialOfNeed } from '../../iac/needs/index.ts'
import type { PolicyOutput } from '../outputs/policy.ts'
import { inputName, type NamedText } from './world.ts'

export type PolicyQuestion = {
  readonly action: DeniedAction
  /** The ARN of the role to pass or assume. */
  readonly role: string
  /** The principal of the request. */
  readonly principal: string | null
  /** The service that receives the role. */
  readonly service: string | null
  /** Null: `trust` if a statement has a Principal, otherwise `identity`. */
  readonly type: PolicyType | null
}

/** A trust policy depends on the principal; only passing a role has a receiving service. */
export type PolicyProblem = 'no-principal' | 'needless-service'

function documentIn(policy: NamedText) {
  let json: unknown
  try {
    json = JSON.parse(policy.text)
  } catch (cause) {
    throw new UsageError(`${inputName(policy)}: not JSON`, { cause })
  }
  const document = parsePolicy(json)
  if (!document.ok) throw new UsageError(`${inputName(policy)}: not a policy document: ${document.error}`)
  return document.value
}

const NOT_GIVEN = unknown('only the policy document was given')

function nothingRead(role: string): AccessSnapshot {
  const unread = unreadable(NOT_GIVEN.why)
  return {
    caller: unread,
    targets: [{ arn: role, role: unread, near: NOT_GIVEN }],
    organization: NOT_GIVEN,
    scps: NOT_GIVEN,
    rcps: NOT_GIVEN,
    session: NOT_GIVEN,
    vpce: NOT_GIVEN,
  }
}

/** Throws UsageError for a text that is not a policy document. */
export function explainPolicy(
  policy: NamedText,
  question: PolicyQuestion,
  nowMs: number,
): PolicyOutput | PolicyProblem {
  const request = question
  if (question.service !== null && !descriptorOf(question.action).passesRoles) return 'needless-service'
  const document = documentIn(policy)
  const type =
    question.type ?? (document.Statement.some(one => one.Principal ?? one.NotPrincipal) ? 'trust' : 'identity')
  if (type === 'trust' && request.principal === null) return 'no-principal'
  const denial = denialOfNeed(
    { action: request.action, operation: request.action, service: request.service, via: null },
    request.role,
    request.principal === null ? NOBODY : principalNamed(request.principal),
    { region: null, nowMs },
  )
  const asked = requestOfDenial(denial)
  const context = descriptorOf(request.action).passesRoles
    ? {
        ...asked.context,
        'iam:passedtoservice': request.service === null ? unknownKey('no service was given') : present(request.service),
      }
    : asked.context
  const resolved = resolveRequest({ ...asked, context }, nothingRead(request.role))
  const layer = evaluateLayer(
    type,
    [{ type, name: 'the document', arn: null, attachedTo: '', document }],
    resolved,
  ).explain()
  const deciding = new Set(layer.deciding)
  return {
    schema: 'rolemedic.policy/1',
    request: { action: request.action, role: request.role, principal: request.principal, service: request.service },
    type,
    answer: answerOf(layer.answer),
    statements: layer.statements.map(one => ({
      index: one.index,
      sid: one.sid,
      effect: one.effect,
      matches: one.matches,
      decides: deciding.has(one),
      finding: describeOutcome(one),
    })),
    unknowns: layer.statements.flatMap(one => one.unknowns).map(({ fact, why }) => ({ fact, why })),
  }
}

/** An identity policy names no caller. The principal matters only for condition keys, which stay unknown. */
const NOBODY: Principal = {
  kind: 'unknown',
  arn: null,
  roleArn: null,
  pathKnown: false,
  accountId: null,
  name: null,
  sessionName: null,
  uniqueId: null,
}

function answerOf(answer: LayerOutcome['answer']): PolicyOutput['answer'] {
  switch (answer) {
    case 'allows':
    case 'implicit-deny':
    case 'explicit-deny':
      return answer
    default:
      return 'unknown'
  }
}
