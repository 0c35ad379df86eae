import { actionNamed } from '../../actions/index.ts'
import { neutralText } from '../../base/index.ts'
import { accountIdIn } from '../../iam/index.ts'
import { withoutPrincipal } from '../aws-evaluation.ts'
import type { DecodedEvaluation, ParsedDenial } from '../denial.ts'
import { readErrorMessage } from '../message/message-grammar.ts'
import { denialFromRecord } from '../parse-denial.ts'
import { passesRole } from '../passed-service/passed-service.ts'
import { readCloudTrailRecord } from './cloudtrail-record.ts'
import { isTruncated } from './denial-facts.ts'

/**
 * A denial in EC2's older form, where only the encoded message names the action.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
export type EncodedOnly = {
  readonly accountId: string
  readonly region: string | null
  readonly blob: string
  readonly cut: boolean
}

/** The encoded message of the record. Null if the call passes no role. */
export function encodedOnlyIn(value: unknown): EncodedOnly | null {
  const record = readCloudTrailRecord(value)
  if (record === null || !passesRole(record) || record.errorMessage === null) return null
  const read = readErrorMessage(neutralText(record.errorMessage))
  const accountId = accountIdIn(record.recipientAccountId) ?? accountIdIn(record.userIdentity?.accountId ?? null)
  if (read.kind !== 'encoded-only' || accountId === null) return null
  const cut = read.encoded.cut || isTruncated(record.errorMessage)
  return { accountId, region: record.awsRegion, blob: read.encoded.blob, cut }
}

/** The denial, from the record and its decoded message. */
export function denialFromDecoded(value: unknown, evaluation: DecodedEvaluation): ParsedDenial {
  const record = readCloudTrailRecord(value)
  const encoded = encodedOnlyIn(value)
  if (record === null || encoded === null) return { kind: 'unreadable', why: 'the record has no encoded message' }
  const { allowed, action: named } = evaluation
  if (allowed) return { kind: 'not-ours', why: `the decoded message says that AWS allowed ${named ?? 'the request'}` }
  const action = actionNamed(named)
  if (action === null) {
    return {
      kind: 'not-ours',
      why: `${named ?? 'another action'} was denied, which is no role being passed or assumed`,
    }
  }
  const sentence = {
    action,
    subject: null,
    resource: evaluation.resource?.startsWith('arn:') === true ? evaluation.resource : null,
    reason: evaluation.explicitDeny ? ('explicit-deny' as const) : ('none-given' as const),
    policyArn: null,
    authorizationId: null,
    region: null,
    encodedMessage: { blob: encoded.blob, cut: encoded.cut },
    text: 'You are not authorized to perform this operation. Encoded authorization failure message: (left out)',
  }
  const denial = denialFromRecord(record, sentence, '')
  return {
    kind: 'denial',
    denial: {
      ...denial,
      awsEvaluation: withoutPrincipal(evaluation),
      context: { ...denial.context, ...evaluation.context },
    },
  }
}
