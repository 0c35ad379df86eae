import { actionOfCall, actionOfOperation, descriptorOf } from '../actions/index.ts'
import { MAX_TEXT_CHARS, neutralText, never } from '../base/index.ts'
import { parseRoleArn } from '../iam/index.ts'
import { type CloudTrailRecord, readCloudTrailRecord } from './cloudtrail/cloudtrail-record.ts'
import {
  assumedRole,
  isTruncated,
  partitionOfArns,
  recordFields,
  stackOfCall,
  untruncated,
} from './cloudtrail/denial-facts.ts'
import { federatedDenial } from './cloudtrail/denial-from-federation.ts'
import { deniedPrincipal, principalNamed, UNKNOWN_PRINCIPAL } from './cloudtrail/denied-principal.ts'
import { contextOf } from './cloudtrail/event-context.ts'
import type { Denial, ParsedDenial, PassedRole, Principal } from './denial.ts'
import { denialsIn } from './logs/denials-in-log.ts'
import { decodedIn } from './message/decoded-text.ts'
import { fromDecoded } from './message/denial-in-text.ts'
import { NOTHING_NAMED, readErrorMessage, readMessage, type SentenceFacts } from './message/message-grammar.ts'
import { plainText, withoutUrlCodes } from './message/plain-text.ts'
import { CUT_ENCODED, unclearRefusalIn, WHOLE_ENCODED } from './message/unclear-refusals.ts'
import { passedRole, passesRole, rolesPassedBy } from './passed-service/passed-service.ts'

/**
 * The documented error codes, SNS's own, and EC2's two spellings.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 * https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
 */
export const DENIAL_ERROR_CODES = [
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
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
  const read = readErrorMessage(neutralText(raw))
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

/** A denial whose action and resource are in the record's message. */
export function denialFromRecord(record: CloudTrailRecord, sentence: SentenceFacts, raw: string): Denial {
  const via = actingService(record)
  const principal = callerOf(record, sentence)
  const passed = rolesPassedBy(record)
  const resource = untruncated(sentence.resource, raw) ?? resourceOfCall(record, sentence, passed, principal)
  const partition = partitionOfArns([sentence.resource, principal.arn, resource])
  const stack = stackOfCall(record)
  return {
    ...recordFields(record),
    principal,
    via,
    ...(stack === null ? {} : { stack }),
    action: sentence.action,
    partition,
    resource,
    reason: sentence.reason,
    reasonPolicyArn: untruncated(sentence.policyArn, raw),
    authorizationId: sentence.authorizationId,
    encodedMessage: withTruncation(sentence, raw),
    passes: descriptorOf(sentence.action).passesRoles ? passesOf(record, resource, passed, partition) : [],
    claims: null,
    context: contextOf(record, sentence.action, via, resource),
    message: sentence.text,
  }
}

/**
 * The caller is CloudTrail's `userIdentity`. A message can quote the caller's input, so a sentence about another principal
 * makes the caller unknown, and nothing is patched.
 */
function callerOf(record: CloudTrailRecord, sentence: SentenceFacts): Principal {
  const named = sentence.subject === null ? null : principalNamed(sentence.subject)
  const caller = record.userIdentity === null ? UNKNOWN_PRINCIPAL : deniedPrincipal(record.userIdentity)
  if (named === null || named.arn === null || named.arn === caller.arn) return caller
  if (caller.arn === null) return caller.kind === 'unknown' ? named : caller
  const same = named.kind === caller.kind && named.name === caller.name && named.accountId === caller.accountId
  return same
    ? caller
    : { ...UNKNOWN_PRINCIPAL, arn: caller.arn, accountId: caller.accountId, uniqueId: caller.uniqueId }
}

/** The service that acted on behalf of the principal. Null if the principal called directly or is a service. */
function actingService(record: CloudTrailRecord): string | null {
  if (record.userIdentity?.type === 'AWSService') return null
  const named = [record.userIdentity?.invokedBy ?? null, record.sourceIPAddress]
  return named.find(name => name !== null && /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(name)) ?? null
}

/** For a message with a truncated resource: the only role in the call's parameters that starts with the visible part. */
function resourceOfCall(
  record: CloudTrailRecord,
  sentence: SentenceFacts,
  passed: readonly PassedRole[],
  principal: Principal,
): string | null {
  const begins = (arn: string) => arn.startsWith(sentence.resource ?? '')
  const { namedIn } = descriptorOf(sentence.action).target
  switch (namedIn) {
    case 'passed-roles': {
      const roles = passed.filter(
        ({ arn }) =>
          begins(arn) &&
          (sentence.reason !== 'cross-account-pass-role' || parseRoleArn(arn)?.accountId !== principal.accountId),
      )
      return roles.length === 1 ? (roles[0]?.arn ?? null) : null
    }
    case 'role-arn': {
      const role = record.eventSource === 'sts.amazonaws.com' ? assumedRole(record) : null
      return role !== null && begins(role) ? role : null
    }
    case 'message-only':
      return null
    default:
      return never(namedIn)
  }
}

function passesOf(
  record: CloudTrailRecord,
  resource: string | null,
  passed: readonly PassedRole[],
  partition: string,
): readonly PassedRole[] {
  if (resource === null || parseRoleArn(resource) === null) return passed
  const first = passed.find(role => role.arn === resource)
  const denied = first ?? passedRole(record, resource, partition)
  return [denied, ...passed.filter(role => role !== first)]
}

function withTruncation({ encodedMessage }: SentenceFacts, raw: string): Denial['encodedMessage'] {
  return encodedMessage === null || !isTruncated(raw) ? encodedMessage : { ...encodedMessage, cut: true }
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
