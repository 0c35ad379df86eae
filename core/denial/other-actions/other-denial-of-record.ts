import { neutralText, parseTime } from '../../base/index.ts'
import { readCloudTrailRecord } from '../cloudtrail/cloudtrail-record.ts'
import { deniedPrincipal } from '../cloudtrail/denied-principal.ts'
import { parseRecord } from '../parse-denial.ts'
import type { OtherDenial } from './other-denial.ts'
import { otherDenialsIn } from './other-denials.ts'
import { prefixOfSdk } from './prefixes.ts'
import { mayBePolicy } from './refused-calls.ts'

export type RecordedDenial = Omit<OtherDenial, 'line'> & {
  readonly eventId: string | null
  readonly timeMs: number | null
}

const DENIED = /^(?:Client\.)?(?:AccessDenied|AccessDeniedException|AuthorizationError|UnauthorizedOperation)$/
const MAX_MESSAGE_CHARS = 4_096

/**
 * The denied call of a CloudTrail record, if it is none of ours. The caller is AWS's own field, and the call is known even where
 * the message says only "Access Denied". Null: the call was not refused by a policy, or it is one of ours.
 */
export function otherDenialOfRecord(value: unknown): RecordedDenial | null {
  const record = readCloudTrailRecord(value)
  if (record === null || !DENIED.test(record.errorCode ?? '')) return null
  const message = neutralText((record.errorMessage ?? '').slice(0, MAX_MESSAGE_CHARS))
  if (!mayBePolicy(message) || parseRecord(value).kind === 'denial') return null
  const service = prefixOfSdk(record.eventSource.split('.')[0] ?? '')
  const call = { service, operation: neutralText(record.eventName.replace(/20\d\d\d{4}(?:v\d)?$/, '')) }
  const [read] = otherDenialsIn(message)
  const principal = record.userIdentity === null ? null : deniedPrincipal(record.userIdentity)
  return {
    action: read?.action ?? (service === 'ec2' ? `ec2:${call.operation}` : null),
    call,
    principal: principal?.arn ?? read?.principal ?? null,
    resource: read?.resource ?? null,
    layer: read?.layer ?? 'unknown',
    isExplicit: read?.isExplicit ?? false,
    policyArn: read?.policyArn ?? null,
    text: read?.text ?? (message === '' ? `${record.errorCode}` : message.slice(0, 1_024)),
    eventId: record.eventID,
    timeMs: parseTime(record.eventTime),
  }
}
