import { descriptorOf } from '../../actions/index.ts'
import { never } from '../../base/index.ts'
import { parseRoleArn } from '../../iam/index.ts'
import type { Denial, PassedRole, Principal } from '../denial.ts'
import type { SentenceFacts } from '../message/message-grammar.ts'
import { passedRole, rolesPassedBy } from '../passed-service/passed-service.ts'
import type { CloudTrailRecord } from './cloudtrail-record.ts'
import { assumedRole, isTruncated, partitionOfArns, recordFields, stackOfCall, untruncated } from './denial-facts.ts'
import { deniedPrincipal, principalNamed, UNKNOWN_PRINCIPAL } from './denied-principal.ts'
import { contextOf } from './event-context.ts'

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
