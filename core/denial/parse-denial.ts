import { actionOfCall, actionOfOperation } from '../actions/index.ts'
import { MAX_TEXT_CHARS, neutralText } from '../base/index.ts'
import { type CloudTrailRecord, readCloudTrailRecord } from './cloudtrail/cloudtrail-record.ts'
import { isTruncated } from './cloudtrail/denial-facts.ts'
import { federatedDenial } from './cloudtrail/denial-from-federation.ts'
import { denialFromRecord } from './cloudtrail/denial-from-record.ts'
import type { Denial, ParsedDenial } from './denial.ts'
import { denialsIn } from './logs/denials-in-log.ts'
import { decodedIn } from './message/decoded-text.ts'
import { fromDecoded } from './message/denial-in-text.ts'
import { NOTHING_NAMED, readMessage } from './message/message-grammar.ts'
import { plainText, withoutUrlCodes } from './message/plain-text.ts'
import { CUT_ENCODED, unclearRefusalIn, WHOLE_ENCODED } from './message/unclear-refusals.ts'
import { passesRole } from './passed-service/passed-service.ts'

/**
 * The documented error codes, and EC2's two spellings.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const DENIAL_ERROR_CODES = [
  'AccessDenied',
  'AccessDeniedException',
  'Client.UnauthorizedOperation',
  'UnauthorizedOperation',
] as const

/** Far longer than any known message of AWS. */
const MAX_ERROR_MESSAGE_CHARS = 16_384

const notOurs = (why: string): ParsedDenial => ({ kind: 'not-ours', why })
const unclear = (why: string): ParsedDenial => ({ kind: 'not-ours', why, unclear: true })
const unreadable = (why: string): ParsedDenial => ({ kind: 'unreadable', why })
const denied = (denial: Denial): ParsedDenial => ({ kind: 'denial', denial })

/** Parses one CloudTrail record. Never throws. */
export function parseRecord(value: unknown): ParsedDenial {
  const record = readCloudTrailRecord(value)
  if (record === null) return unreadable('not a CloudTrail record: it lacks eventSource or eventName')
  if (record.errorCode === null) return notOurs('the call was not refused')
  if (!DENIAL_ERROR_CODES.some(code => code === record.errorCode))
    return notOurs('the call failed for another reason than a denial')
  const raw = record.errorMessage ?? ''
  if (raw.length > MAX_ERROR_MESSAGE_CHARS) return unreadable('errorMessage is longer than AWS sends')
  const federated = actionOfOperation(record)
  if (federated !== null) return denied(federatedDenial(record, federated, neutralText(raw)))
  const read = readMessage(neutralText(raw))
  switch (read.kind) {
    case 'ours':
      return denied(denialFromRecord(record, read.sentence, raw))
    case 'other':
      return notOurs(`${read.action} was denied, which is no role being passed or assumed`)
    case 'encoded-only':
      return unclear(
        read.encoded.cut || isTruncated(raw)
          ? CUT_ENCODED
          : 'the denied action is only in the encoded message, which needs sts:DecodeAuthorizationMessage',
      )
    case 'none':
      return withoutAction(record, raw)
  }
}

/**
 * Reads a denial whose message names no action from its call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
function withoutAction(record: CloudTrailRecord, raw: string): ParsedDenial {
  const text = neutralText(raw)
  const refusal = unclearRefusalIn(text, { isLog: false })
  const action = actionOfCall(record)
  if (action !== null && refusal?.besidesPolicies !== true)
    return denied(denialFromRecord(record, { ...NOTHING_NAMED, reason: 'none-given', action, text }, raw))
  return refusal === null || !(refusal.besidesPolicies || passesRole(record))
    ? notOurs('the message does not say which action was denied')
    : unclear(`${neutralText(record.eventName)}: ${refusal.advice}`)
}

/** Of a text that reports no refusal at all. */
export const NO_DENIAL = 'the text holds no denial'

/** Parses the first denial of rolemedic's actions in an error text. Never throws. */
export function parseMessage(text: string): ParsedDenial {
  if (text.length > MAX_TEXT_CHARS) return unreadable('the text is longer than any error message')
  const decoded = decodedIn(text)
  if (decoded !== null) {
    const denial = fromDecoded(decoded)
    return denial === null
      ? notOurs(`${decoded.action} was denied, which is no role being passed or assumed`)
      : denied(denial)
  }
  const [first] = denialsIn(text)
  if (first !== undefined) return denied(first)
  const read = readMessage(plainText(withoutUrlCodes(text)))
  switch (read.kind) {
    case 'other':
      return notOurs(`${read.action} was denied, which is no role being passed or assumed`)
    case 'encoded-only':
      return unclear(read.encoded.cut ? CUT_ENCODED : WHOLE_ENCODED)
    case 'ours':
    case 'none': {
      const refusal = unclearRefusalIn(plainText(withoutUrlCodes(text)), { isLog: false })
      return refusal === null ? notOurs(NO_DENIAL) : unclear(refusal.advice)
    }
  }
}
