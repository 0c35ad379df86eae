/** The record of a call that a service refused because it could not assume the role that the call gave it. */

import { parseRoleArn } from '../../iam/index.ts'
import type { Denial } from '../denial.ts'
import { denialsIn } from '../logs/denials-in-log.ts'
import { rolesPassedBy } from '../passed-service/passed-service.ts'
import { assumersOfCall } from '../resource-types/role-assumers.ts'
import { readCloudTrailRecord } from './cloudtrail-record.ts'
import { recordFields } from './denial-facts.ts'

/** Far longer than any known message of AWS. */
const MAX_MESSAGE_CHARS = 16_384

/**
 * AWS records no AssumeRole of a service that the trust policy keeps out, but the call of the principal that failed for it. Null:
 * the record is about something else. `need`: the service and its role, which the record confirms and never names on its own: its
 * message may quote what the caller sent.
 */
export function refusedAssumption(value: unknown, need: Denial): Denial | null {
  const record = readCloudTrailRecord(value)
  if (record === null || record.errorCode === null || need.principal.kind !== 'service') return null
  const message = (record.errorMessage ?? '').slice(0, MAX_MESSAGE_CHARS)
  const sentence = denialsIn(message).find(
    ({ principal, action }) => principal.kind === 'service' && action === need.action,
  )
  if (sentence === undefined || !isGiven(record, sentence, need) || !isService(record, sentence, need)) return null
  return { ...need, ...recordFields(record), message: sentence.message }
}

type Record = NonNullable<ReturnType<typeof readCloudTrailRecord>>

/** The call passes the role. A role by its name has no ARN in the record. */
function isGiven(record: Record, sentence: Denial, { resource }: Denial): boolean {
  if (sentence.resource !== null && sentence.resource !== resource) return false
  const passed = rolesPassedBy(record).map(({ arn }) => arn)
  if (passed.length > 0) return resource !== null && passed.includes(resource)
  const name = parseRoleArn(resource ?? '')?.name
  return sentence.resource === resource || (name !== undefined && names(record.requestParameters, name))
}

const MAX_DEPTH = 8

function names(value: unknown, name: string, depth = 0): boolean {
  if (value === name) return true
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return false
  return Object.values(value).some(one => names(one, name, depth + 1))
}

function isService({ eventSource, eventName }: Record, sentence: Denial, { principal }: Denial): boolean {
  if (sentence.principal.name === null || sentence.principal.name === principal.name) return true
  const source = eventSource.replace(/\.amazonaws\.com(?:\.cn)?$/, '')
  const assumers = assumersOfCall(`${source}:${eventName.replace(/\d{8}(?:v\d)?$/, '')}`)
  return assumers?.kind === 'services' && assumers.services.some(({ names: of }) => of.includes(principal.name ?? ''))
}
