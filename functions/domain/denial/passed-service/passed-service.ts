import { parseRoleArn } from '../../iam/arn.ts'
import { valuesAt } from '../cloudtrail/request-parameters.ts'
import type { PassedRole, PassedService } from '../denial.ts'
import type { CallRow, RoleParameter } from './table/rows.ts'
import { callsThatPassRoles } from './table.ts'

export type ApiCall = { readonly eventSource: string | null; readonly eventName: string | null }

const UNKNOWN_SERVICE: PassedService = { candidates: [], keySent: 'unproven' }

/**
 * The services that may receive the role which `call` passes in `parameter`; with no parameter, of any of its parameters.
 * A call that is not in the table gives a candidate only where every other call of its service agrees; else the role's trust
 * policy is the better witness.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */
export function passedService(call: ApiCall, parameter: string | null, partition: string): PassedService {
  const row = rowOf(call)
  if (row === null) return onlyServiceOf(call, partition)
  const named = parameter === null ? [] : row.roles.filter(role => isAt(role.at, parameter))
  const roles = named.length > 0 ? named : row.roles
  const services = new Set(roles.flatMap(role => role.services))
  return { candidates: [...services].flatMap(service => inPartition(service, partition)), keySent: keySent(row, roles) }
}

function onlyServiceOf(call: ApiCall, partition: string): PassedService {
  const services = new Set(rowsOf(sourceOf(call)).flatMap(row => row.roles.flatMap(role => role.services)))
  const [only] = services
  if (only === undefined || services.size > 1) return UNKNOWN_SERVICE
  return { candidates: inPartition(only, partition), keySent: 'unproven' }
}

/** Every role that the call names in its parameters, in the table's order. Names without an ARN are left out: their path is not known. */
export function rolesPassedBy(record: {
  readonly eventSource: string | null
  readonly eventName: string | null
  readonly requestParameters: unknown
}): readonly PassedRole[] {
  const row = rowOf(record)
  if (row === null) return []
  const found = row.roles.flatMap(role =>
    valuesAt(record.requestParameters, role.at).flatMap(({ path, value }) => {
      const arn = typeof value === 'string' ? parseRoleArn(value) : null
      if (arn === null) return []
      const candidates = role.services.flatMap(name => inPartition(name, arn.partition))
      return [{ arn: arn.text, parameter: path, service: { candidates, keySent: keySent(row, [role]) } }]
    }),
  )
  return found.filter((role, index) => found.findIndex(other => other.arn === role.arn) === index)
}

function keySent(row: CallRow, roles: readonly RoleParameter[]): PassedService['keySent'] {
  return row.keySent === 'proven' && !roles.every(role => role.sure) ? 'unproven' : row.keySent
}

/** Whether a denial of this call, without a readable message, may be about a role that it passes. */
export function passesRole(call: ApiCall): boolean {
  return rowOf(call) !== null
}

/** The calls of one service that pass a role, by event name. */
export function roleOperationsOf(source: string): readonly string[] {
  return rowsOf(source).map(row => row.name)
}

/** A call that passes a role, by the names that people and SDKs use: no case, no version of the API. */
export function roleOperationNamed(source: string, operation: string): ApiCall | null {
  const rows = rowsOf(source).filter(row => row.name.replace(API_VERSION, '').toLowerCase() === operation.toLowerCase())
  const [row] = rows
  return row === undefined || rows.length > 1
    ? null
    : { eventSource: `${row.source}.amazonaws.com`, eventName: row.name }
}

/** Every call of this name that passes a role: of all services, few have one of the same name. */
export function roleCallsNamed(operation: string): readonly ApiCall[] {
  const name = operation.toLowerCase()
  return callsThatPassRoles()
    .filter(row => row.name.replace(API_VERSION, '').toLowerCase() === name)
    .map(row => ({ eventSource: `${row.source}.amazonaws.com`, eventName: row.name }))
}

/** Lambda's events carry it: `CreateFunction20150331`. */
const API_VERSION = /\d{8}(?:v\d)?$/

function rowsOf(source: string): readonly CallRow[] {
  return callsThatPassRoles().filter(row => row.source === source)
}

function rowOf(call: ApiCall): CallRow | null {
  const source = sourceOf(call)
  return callsThatPassRoles().find(row => row.source === source && row.name === call.eventName) ?? null
}

function sourceOf(call: ApiCall): string {
  return call.eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '') ?? ''
}

/** `stages[0].actions[1].roleArn` stands at `stages[].actions[].roleArn`, and at `stages[].*.roleArn`. */
function isAt(pattern: string, path: string): boolean {
  const steps = pattern.toLowerCase().replaceAll('{}', '.*').split('.')
  const taken = path
    .toLowerCase()
    .replace(/\[\d*\]/g, '[]')
    .split('.')
  return steps.length === taken.length && steps.every((step, index) => step === '*' || step === taken[index])
}

/** Their principals end in `.cn` in China; the others keep their name there, and policies often list both. */
const CHINESE_PRINCIPALS = ['ec2.amazonaws.com', 'elasticmapreduce.amazonaws.com']

/** The principal's spellings in a partition, likeliest first. https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html */
function inPartition(service: string, partition: string): readonly string[] {
  if (partition === 'aws-cn') {
    return CHINESE_PRINCIPALS.includes(service) ? [`${service}.cn`, service] : [service, `${service}.cn`]
  }
  if (partition === 'aws-us-gov' && service === 'cognito-identity.amazonaws.com') {
    return ['cognito-identity-us-gov.amazonaws.com', service]
  }
  return [service]
}
