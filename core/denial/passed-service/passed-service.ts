import { memoize, never, perObject, perPair } from '../../base/index.ts'
import { parseRoleArn } from '../../iam/index.ts'
import { parameterValuesAt } from '../cloudtrail/request-parameters.ts'
import type { PassedRole, PassedService, ServiceValue } from '../denial.ts'
import { factFile, factServices } from './fact-files.ts'
import type { RoleParameter, SentValues, ServiceEvidence, ServiceFacts } from './service-facts.ts'

export type ApiCall = { readonly eventSource: string | null; readonly eventName: string | null }

type Role = Exclude<RoleParameter, string>
type Operation = { readonly name: string; readonly sends: SentValues; readonly roles: readonly Role[] }

/** The result for an unknown call. */
const UNKNOWN_SERVICE: PassedService = {
  values: [],
  mayBeAbsent: true,
  narrowable: true,
  disputed: [],
  assumedBy: [],
}

/**
 * The values of `iam:PassedToService` that `call` may send for the role in `parameter`; without a parameter, for any of its
 * roles. For an unknown call, guesses if all known calls of the service agree.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */
export function passedService(call: ApiCall, parameter: string | null, partition: string): PassedService {
  const operation = operationOf(call)
  if (operation === null) return onlyServiceOf(call, partition)
  const at = parameter === null ? undefined : operation.roles.find(({ role }) => isAt(role, parameter))
  return sentFor(operation, at ?? null, partition)
}

const sentFor = (operation: Operation, at: Role | null, partition: string): PassedService =>
  sentIn(operation, partition)(at)

/** Cached by operation and last partition, because nearly all calls are in one partition. */
const sentIn = perPair((operation: Operation, partition: string) =>
  memoize((at: Role | null) => valuesSent(operation, at, partition)),
)

function valuesSent(operation: Operation, at: Role | null, partition: string): PassedService {
  const { sends, roles } = operation
  const [best = [], ...weaker] = EVIDENCE.map(evidence => valuesOf(sends, evidence)).filter(values => values.length > 0)
  const own = at?.sends === undefined ? [] : best.filter(({ service }) => at.sends?.includes(service) === true)
  const named = own.length > 0 ? own : best
  const values = named.flatMap(value => inPartition(value, partition))
  const guessed = values.every(({ evidence }) => evidence === 'trust')
  return {
    values,
    mayBeAbsent: guessed || sends.published?.length === 0 || sends.reportedAbsent === true,
    narrowable: own.length === 0,
    disputed: weaker
      .flat()
      .filter(other => other.evidence !== 'trust' && !values.some(one => one.service === other.service)),
    assumedBy:
      at === null ? (agreed(roles.map(role => assumerOf(role, best))) ?? onlyService(best)) : assumerOf(at, best),
  }
}

const EVIDENCE: readonly ServiceEvidence[] = ['published', 'managed-policy', 'trust']

function valuesOf(sends: SentValues, evidence: ServiceEvidence): readonly ServiceValue[] {
  switch (evidence) {
    case 'published':
    case 'trust':
      return (sends[evidence] ?? []).map(service => ({ service, evidence, source: null }))
    case 'managed-policy':
      return Object.entries(sends[evidence] ?? {}).map(([service, source]) => ({ service, evidence, source }))
    default:
      return never(evidence)
  }
}

/** If the call names one service, that service assumes the role, unless the data says otherwise. */
const onlyService = (values: readonly ServiceValue[]): readonly string[] =>
  values.length === 1 ? values.map(({ service }) => service) : []

const assumerOf = ({ sends, assumedBy }: Role, values: readonly ServiceValue[]): readonly string[] =>
  assumedBy ?? onlyService(sends === undefined ? values : values.filter(({ service }) => sends.includes(service)))

/** The values that all roles of the call have in common. Null: the call has no roles. */
function agreed(lists: readonly (readonly string[])[]): readonly string[] | null {
  const [first] = lists
  if (first === undefined) return null
  return lists.every(one => one.join() === first.join()) ? first : []
}

function onlyServiceOf(call: ApiCall, partition: string): PassedService {
  const operations = operationsOf(eventSourceOf(call))
  const values = operations.flatMap(({ sends }) => EVIDENCE.flatMap(one => valuesOf(sends, one)))
  const [only] = new Set(values.map(({ service }) => service))
  if (only === undefined || values.some(({ service }) => service !== only)) return UNKNOWN_SERVICE
  // A text that names only the service can mean only a published call of it.
  const isPublished = call.eventName === null && operations.every(({ sends }) => (sends.published ?? []).length > 0)
  const evidence = isPublished ? 'published' : 'trust'
  return {
    ...UNKNOWN_SERVICE,
    values: inPartition({ service: only, evidence, source: null }, partition),
    ...(isPublished ? { mayBeAbsent: false, assumedBy: [only] } : {}),
  }
}

/** All values that AWS publishes for the calls of a service. */
export function valuesSentBy(eventSource: string): readonly string[] {
  const operations = operationsOf(eventSourceOf({ eventSource }))
  return [...new Set(operations.flatMap(({ sends }) => sends.published ?? []))]
}

type ParsedCall = ApiCall & { readonly requestParameters: unknown }

/** Every role ARN in the call's parameters, in the order of the data. Skips roles given by name, because their path is unknown. */
export function rolesPassedBy(record: ParsedCall): readonly PassedRole[] {
  const operation = operationOf(record)
  if (operation === null) return []
  const found = new Map<string, PassedRole>()
  for (const at of operation.roles)
    for (const { path, value } of parameterValuesAt(record.requestParameters, at.role)) {
      const arn = typeof value === 'string' ? parseRoleArn(value) : null
      if (arn === null || found.has(arn.text)) continue
      found.set(arn.text, { arn: arn.text, parameter: path, service: sentFor(operation, at, arn.partition) })
    }
  return [...found.values()]
}

/** What a successful call shows of the roles that it passed. */
export type ShownRoles = {
  readonly roles: readonly PassedRole[]
  /** Values that are not ARNs: a role name, or the name of something that holds a role, such as an instance profile. */
  readonly names: readonly string[]
  /** False: the call may have passed a role that its record does not show. */
  readonly isWhole: boolean
}

/** The roles that a call shows. Null: the call passes no role. */
export function rolesShownBy(record: ParsedCall): ShownRoles | null {
  const operation = operationOf(record)
  if (operation === null) return null
  const values = operation.roles.flatMap(({ role }) => parameterValuesAt(record.requestParameters, role))
  const others = values.filter(({ value }) => typeof value !== 'string' || parseRoleArn(value) === null)
  const names = others.flatMap(({ value }) => (typeof value === 'string' && NAME.test(value) ? [value] : []))
  const isSet = ({ value }: { readonly value: unknown }) => value !== null && value !== ''
  const hasPlace = operation.roles.length > 0 && operation.roles.every(({ role }) => role !== '')
  const isWhole = hasPlace && record.requestParameters !== null && others.filter(isSet).length === names.length
  return { roles: rolesPassedBy(record), names, isWhole }
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const NAME = /^[\w+=,.@-]{1,64}$/

/** The calls of all services that may send one of these values, by any evidence. */
export const callsSending = (services: readonly string[]): readonly ApiCall[] =>
  services.flatMap(service => callsOfService(service))

const callsOfService = memoize((wanted: string): readonly ApiCall[] => {
  return factServices().flatMap(source => {
    const facts = factFile(source)
    return operationsOf(source)
      .filter(({ sends }) => EVIDENCE.some(one => valuesOf(sends, one).some(({ service }) => service === wanted)))
      .map(({ name }) => ({ eventSource: facts?.service ?? source, eventName: eventNameOf(facts, name) }))
  })
})

/**
 * The denied role with the values that the call sends for it: by the parameter that contains its name, else as the role that
 * the event does not show, else as any role of the call.
 */
export function passedRole(record: ParsedCall, arn: string, partition: string): PassedRole {
  const operation = operationOf(record)
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  const holds = ({ role }: Role) =>
    parameterValuesAt(record.requestParameters, role).find(({ value }) => value === name)
  const at = operation?.roles.find(role => holds(role) !== undefined)
  if (operation === null || at !== undefined) {
    const path = at === undefined ? undefined : holds(at)?.path
    return { arn, parameter: path ?? null, service: passedService(record, path ?? null, partition) }
  }
  const unseen = record.requestParameters === null ? undefined : operation.roles.find(({ role }) => role === '')
  return { arn, parameter: null, service: sentFor(operation, unseen ?? null, partition) }
}

/** True when a denial of this call without a readable message may concern a passed role. */
export function passesRole(call: ApiCall): boolean {
  return operationOf(call) !== null
}

/** The event names of the service's calls that pass a role. */
export function roleOperationsOf(source: string): readonly string[] {
  const facts = factFile(source)
  return operationsOf(source).map(({ name }) => eventNameOf(facts, name))
}

/** Finds a call that passes a role by its common name, ignoring case and API version. */
export function roleOperationNamed(source: string, operation: string): ApiCall | null {
  const facts = factFile(eventSourceNamed(source))
  const named = operationsOf(eventSourceNamed(source)).filter(
    ({ name }) => name.toLowerCase() === operation.toLowerCase(),
  )
  const [only] = named
  if (only === undefined || facts === null || named.length > 1) return null
  return { eventSource: facts.service, eventName: eventNameOf(facts, only.name) }
}

/** Every call with this name that passes a role, of any service. */
export function roleCallsNamed(operation: string): readonly ApiCall[] {
  return factServices().flatMap(service => roleOperationNamed(service, operation) ?? [])
}

const eventNameOf = (facts: ServiceFacts | null, operation: string): string => {
  const names = facts?.eventNames ?? {}
  return Object.hasOwn(names, operation) ? (names[operation] ?? operation) : operation
}

/** An API version, as in Lambda's event names: `CreateFunction20150331`. */
const API_VERSION = /\d{8}(?:v\d)?$/

function operationOf(call: ApiCall): Operation | null {
  const facts = factFile(eventSourceOf(call))
  const name = call.eventName?.replace(API_VERSION, '')
  return facts === null || name === undefined ? null : (operationsByName(facts).get(name) ?? null)
}

function operationsOf(source: string): readonly Operation[] {
  const facts = factFile(source)
  return facts === null ? [] : operationsIn(facts)
}

const operationsIn = perObject((facts: ServiceFacts): readonly Operation[] =>
  facts.calls.flatMap(({ sends, operations }) =>
    Object.entries(operations).map(([name, roles]) => ({
      name,
      sends,
      roles: roles.map(role => (typeof role === 'string' ? { role } : role)),
    })),
  ),
)

/** By event name; the first of equal names wins. */
const operationsByName = perObject((facts: ServiceFacts): ReadonlyMap<string, Operation> => {
  const byName = new Map<string, Operation>()
  for (const operation of operationsIn(facts)) if (!byName.has(operation.name)) byName.set(operation.name, operation)
  return byName
})

/** `stages[0].actions[1].roleArn` matches `stages[].actions[].roleArn` and `stages[].*.roleArn`. */
function isAt(pattern: string, path: string): boolean {
  const steps = pattern.toLowerCase().replaceAll('{}', '.*').split('.')
  const taken = path
    .toLowerCase()
    .replace(/\[\d*\]/g, '[]')
    .split('.')
  return steps.length === taken.length && steps.every((step, index) => step === '*' || step === taken[index])
}

/**
 * Principals that AWS's own policies list with both suffixes for China. A call may send either, so a grant needs both.
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html
 */
const WITH_BOTH_SUFFIXES = [
  'application-autoscaling.amazonaws.com',
  'ec2.amazonaws.com',
  'elasticmapreduce.amazonaws.com',
]
/** The names that AWS documents for a service in this partition. */
export const documentedNames = (service: string, partition: string): readonly string[] =>
  partition === 'aws-cn' && WITH_BOTH_SUFFIXES.includes(service) ? [service, `${service}.cn`] : [service]

const GOV_COGNITO = 'cognito-identity-us-gov.amazonaws.com'

function inPartition(value: ServiceValue, partition: string): readonly ServiceValue[] {
  const { service } = value
  if (partition === 'aws-us-gov' && service === 'cognito-identity.amazonaws.com')
    return [{ ...value, service: GOV_COGNITO }, value]
  return documentedNames(service, partition).map(name => ({ ...value, service: name }))
}

/** The earliest day, such as `2026-11-25`, on which a service's published values were read. */
export function factsReadOn(): string {
  const days = factServices().flatMap(service => factFile(service)?.sources.published?.on ?? [])
  return days.sort()[0] ?? ''
}

/** Services whose events use another name than IAM or the SDKs. */
const ALSO: { readonly [name: string]: string } = {
  amp: 'aps',
  'application-autoscaling': 'autoscaling',
  cloudcontrol: 'cloudcontrolapi',
  cloudwatch: 'monitoring',
  emr: 'elasticmapreduce',
  mq: 'amazonmq',
  mwaa: 'airflow',
  opensearch: 'es',
  pinpoint: 'mobiletargeting',
  sesv2: 'ses',
  stepfunctions: 'states',
}

/** The event source without its domain: `rds` for `rds.amazonaws.com`. It is the name of a file in `passed-service/`. */
export function eventSourceNamed(name: string): string {
  return Object.hasOwn(ALSO, name) ? (ALSO[name] ?? name) : name
}

function eventSourceOf({ eventSource }: { readonly eventSource: string | null }): string {
  return eventSourceNamed(eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '') ?? '')
}
