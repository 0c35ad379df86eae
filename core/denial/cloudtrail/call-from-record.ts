/** Reads a successful call that assumed or passed roles as a request that AWS allowed. */
import { ACTIONS, actionOfOperation, type DeniedAction } from '../../actions/index.ts'
import type { Denial } from '../denial.ts'
import { denialFromRecord } from '../parse-denial.ts'
import { passesRole, rolesPassedBy } from '../passed-service/passed-service.ts'
import { readCloudTrailRecord } from './cloudtrail-record.ts'
import { federatedDenial } from './denial-from-federation.ts'

const PASSING = ACTIONS.find(({ passesRoles }) => passesRoles)?.name ?? null

/** True when a successful call of this name assumes a role or may pass one. */
export function usesRole(call: { readonly eventSource: string; readonly eventName: string }): boolean {
  return assumingAction(call) !== null || passesRole(call)
}

/**
 * The request of a successful call, in the form of a denial, because diagnosis asks the same question about it. `resource` is
 * the first role of the call, `passes` has all of them. Null: the call failed, or names no role.
 */
export function allowedCall(value: unknown): Denial | null {
  const record = readCloudTrailRecord(value)
  if (record === null || record.errorCode !== null) return null
  const assuming = assumingAction(record)
  if (assuming !== null) {
    const call =
      actionOfOperation(record) === assuming
        ? federatedDenial(record, assuming, '')
        : denialFromRecord(record, { ...NO_SENTENCE, action: assuming }, '')
    return call.resource === null ? null : call
  }
  const [first] = PASSING === null ? [] : rolesPassedBy(record)
  if (first === undefined || PASSING === null) return null
  return denialFromRecord(record, { ...NO_SENTENCE, action: PASSING, resource: first.arn }, '')
}

const NO_SENTENCE = {
  subject: null,
  resource: null,
  reason: 'none-given',
  policyArn: null,
  authorizationId: null,
  region: null,
  encodedMessage: null,
  text: '',
} as const

/** The action of an operation of the same name. The operation may need further actions, which a success does not show. */
function assumingAction(call: { readonly eventSource: string; readonly eventName: string }): DeniedAction | null {
  if (call.eventSource !== 'sts.amazonaws.com') return null
  const named = ACTIONS.find(
    ({ name, record, target }) =>
      record.operations.includes(call.eventName) &&
      name.endsWith(`:${call.eventName}`) &&
      target.types.includes('role'),
  )
  return named?.name ?? null
}
