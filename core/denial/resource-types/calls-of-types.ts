/** The call that CloudFormation or Terraform makes to create a resource with a role. It identifies the service that receives the role. */
import { type ApiCall, eventSourceNamed, roleOperationNamed } from '../passed-service/passed-service.ts'
import { cloudFormationRows, type RoleRow, terraformRows, typeOfCloudControl } from './role-tables.ts'

const NO_CALL: ApiCall = { eventSource: null, eventName: null }

/** For types whose roles go to several calls: the call that most denials name. */
const USUAL: { readonly [type: string]: string } = {
  'AWS::Events::Rule': 'events:PutTargets',
}

/** The call for a type such as `AWS::Lambda::Function`. */
export function callOfResource(type: string | null): ApiCall {
  const rows = type === null ? null : cloudFormationRows(type)
  return type === null || rows === null ? NO_CALL : callOf(type, rows)
}

/** The call for a type such as `aws_lambda_function` or `awscc_lambda_function`. Null: the type is not known to pass a role. */
export function callOfTerraform(type: string): ApiCall | null {
  const cloudControl = type.startsWith('awscc_') ? typeOfCloudControl(type) : null
  if (cloudControl !== null) return callOfResource(cloudControl)
  const call = callOf(type, terraformRows(type) ?? [])
  return call.eventSource === null ? null : call
}

/** Of several calls, the one that creates the type itself. If none does, only their service. */
function callOf(type: string, rows: readonly RoleRow[]): ApiCall {
  const passing = rows.filter(([, , , kind]) => kind !== 'assumed-role').map(([, operation = '']) => operation)
  const calls = Object.hasOwn(USUAL, type) ? [USUAL[type] ?? ''] : [...new Set(passing)]
  const [only, ...others] = calls
  if (only === undefined) return NO_CALL
  if (others.length === 0) return named(only)
  const noun = type.slice(Math.max(type.lastIndexOf(':'), type.indexOf('_')) + 1).replaceAll('_', '')
  const creating = calls.filter(call => noun.toLowerCase().endsWith(call.toLowerCase().split(':create')[1] ?? ' '))
  if (creating.length === 1 && creating[0] !== undefined) return named(creating[0])
  const sources = new Set(calls.map(call => named(call).eventSource))
  return sources.size === 1 ? { eventSource: named(only).eventSource, eventName: null } : NO_CALL
}

function named(call: string): ApiCall {
  const [source = '', operation = ''] = call.split(':')
  return (
    roleOperationNamed(source, operation) ?? {
      eventSource: `${eventSourceNamed(source)}.amazonaws.com`,
      eventName: operation,
    }
  )
}
