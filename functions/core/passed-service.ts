import { parseRoleArn } from './arn.ts'
import type { PassedRole, PassedService } from './denial.ts'
import { type CallRow, PASSED_SERVICE_TABLE } from './passed-service-table.ts'
import { valuesAt } from './request-parameters.ts'

export type Call = { readonly eventSource: string | null; readonly eventName: string | null }

const UNKNOWN_SERVICE: PassedService = { candidates: [], keySent: 'unproven' }
const ROWS: ReadonlyMap<string, CallRow> = new Map(PASSED_SERVICE_TABLE.map(row => [`${row.source}/${row.name}`, row]))

/**
 * The services that may receive the role which `call` passes in `parameter`; with no parameter, of any of its parameters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */
export function passedService(call: Call, parameter: string | null, partition: string): PassedService {
  const row = rowOf(call)
  if (row === null) return UNKNOWN_SERVICE
  const lower = parameter?.toLowerCase()
  const named = row.roles.filter(role => lower === undefined || pathPattern(role.at) === pathPattern(lower))
  const services = (named.length > 0 ? named : row.roles).flatMap(role => role.services)
  return {
    candidates: [...new Set(services)].flatMap(service => inPartition(service, partition)),
    keySent: row.keySent,
  }
}

/** Every role that the call names in its parameters, in the table's order. Role names without an ARN are left out: their path is not known. */
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
      const service = {
        candidates: role.services.flatMap(name => inPartition(name, arn.partition)),
        keySent: row.keySent,
      }
      return [{ arn: arn.text, parameter: path, service }]
    }),
  )
  return found.filter((role, index) => found.findIndex(other => other.arn === role.arn) === index)
}

/** Whether a denial of this call, without a readable message, may be about a role that it passes. */
export function takesRole(call: Call): boolean {
  return rowOf(call) !== null
}

/** The calls of one service that pass a role, by event name. */
export function roleCallsOf(source: string): readonly string[] {
  return PASSED_SERVICE_TABLE.filter(row => row.source === source).map(row => row.name)
}

function rowOf(call: Call): CallRow | null {
  const source = call.eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '') ?? ''
  return ROWS.get(`${source}/${call.eventName ?? ''}`) ?? null
}

/** `stages[0].actions[1].roleArn` and `stages[].actions[].roleArn` are one parameter. */
function pathPattern(path: string): string {
  return path.toLowerCase().replace(/\[\d*\]/g, '[]')
}

/**
 * China has its own form of service principals for some services, and policies there list both.
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html
 */
function inPartition(service: string, partition: string): readonly string[] {
  if (partition === 'aws-cn') return [`${service}.cn`, service]
  if (partition === 'aws-us-gov' && service === 'cognito-identity.amazonaws.com') {
    return ['cognito-identity-us-gov.amazonaws.com', service]
  }
  return [service]
}
