import { type DeniedAction, descriptorOf } from '../../core/actions/index.ts'
import { digestOf } from '../../core/base/index.ts'
import {
  type Denial,
  type PassedService,
  type Principal,
  partitionOfArns,
  passedService,
  roleOperationNamed,
  sentContext,
  UNKNOWN_PRINCIPAL,
} from '../../core/denial/index.ts'
import { parseRoleArn, present } from '../../core/iam/index.ts'
import type { Assumption } from './assumptions.ts'
import type { Need } from './need.ts'

/** A need in the form of a denial, so that diagnosis can evaluate it. It has no reason and no message. */
export function denialOfNeed(
  need: Pick<Need, 'operation' | 'service' | 'via'> & { readonly action: DeniedAction },
  role: string,
  principal: Principal,
  place: { readonly region: string | null; readonly nowMs: number },
): Denial {
  const descriptor = descriptorOf(need.action)
  const call = callOf(need.operation)
  const partition = partitionOfArns([role, principal.arn])
  const sent = descriptor.contextOf({ eventSource: call.eventSource, resource: role, parameter: () => null })
  return {
    id: digestOf({ need: [need.action, need.operation, need.service], role, principal: principal.arn }),
    source: 'message',
    timeMs: place.nowMs,
    accountId: principal.accountId,
    region: place.region,
    partition,
    action: need.action,
    principal,
    resource: role,
    reason: 'none-given',
    reasonPolicyArn: null,
    authorizationId: null,
    encodedMessage: null,
    call,
    via: need.via,
    passes: descriptor.passesRoles
      ? [{ arn: role, parameter: null, service: serviceOf(need, role, call, partition) }]
      : [],
    claims: null,
    context: Object.fromEntries(
      Object.entries(sent).flatMap(([key, value]) => (value === null ? [] : [[key.toLowerCase(), present(value)]])),
    ),
    awsEvaluation: null,
    message: '',
  }
}

/** A service that will assume a role, asked in the same form. What it sends is present as far as AWS publishes it. */
export function denialOfAssumption(
  { action, service, sends }: { readonly action: DeniedAction; readonly service: string; readonly sends: SentKeys },
  role: string,
  nowMs: number,
): Denial {
  const accountId = parseRoleArn(role)?.accountId ?? null
  return {
    id: digestOf({ need: [action, service, sends], role }),
    source: 'message',
    timeMs: nowMs,
    accountId,
    region: null,
    partition: partitionOfArns([role]),
    action,
    principal: { ...UNKNOWN_PRINCIPAL, kind: 'service', name: service },
    resource: role,
    reason: 'none-given',
    reasonPolicyArn: null,
    authorizationId: null,
    encodedMessage: null,
    call: { eventSource: null, eventName: null },
    via: null,
    passes: [],
    claims: null,
    context: sentContext(service, sends, role),
    awsEvaluation: null,
    message: '',
  }
}

type SentKeys = Extract<Assumption, { kind: 'service' }>['sends']

type Call = Denial['call']

/** The call of an operation: `lambda:CreateFunction` is `CreateFunction20150331` of `lambda.amazonaws.com` in events. */
function callOf(operation: string): Call {
  const [source = '', name = ''] = operation.split(':')
  return roleOperationNamed(source, name) ?? { eventSource: `${source}.amazonaws.com`, eventName: name }
}

/** The service of this property, if the call passes roles to several services. */
function serviceOf({ service }: Pick<Need, 'service'>, role: string, call: Call, partition: string): PassedService {
  const known = passedService(call, null, parseRoleArn(role)?.partition ?? partition)
  if (service === null) return known
  const own = known.values.filter(value => value.service === service || value.service === `${service}.cn`)
  if (own.length > 0) return { ...known, values: own, narrowable: false, assumedBy: known.assumedBy }
  return { ...known, values: [{ service, evidence: 'trust', source: null }], mayBeAbsent: true, narrowable: false }
}

/** The one value of `iam:PassedToService` that the call sends for this role. Null: it sends none, or the value is unknown. */
export function serviceSent(need: Pick<Need, 'action' | 'operation' | 'service'>): string | null {
  if (need.service !== null) return need.service
  if (!descriptorOf(need.action).passesRoles) return null
  const { values } = passedService(callOf(need.operation), null, 'aws')
  const [only] = values
  return values.length === 1 ? (only?.service ?? null) : null
}
