import { createHash } from 'node:crypto'
import { neutralText, parseTime, withoutTrailing } from '../../base/index.ts'
import { accountIdIn, parseArn, parseRoleArn } from '../../iam/index.ts'
import type { CloudTrailRecord } from './cloudtrail-record.ts'

/**
 * The length at which CloudTrail truncates a message.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const MAX_CLOUDTRAIL_MESSAGE_CHARS = 1_024

/** True for a message of the maximum length. Its encoded message is then truncated too. */
export function isTruncated(raw: string): boolean {
  return raw.length >= MAX_CLOUDTRAIL_MESSAGE_CHARS
}

/** Null for a name that ends where the message is truncated: what is left may be the full name of another entity. */
export function untruncated(name: string | null, raw: string): string | null {
  return name !== null && isTruncated(raw) && withoutTrailing(raw, ` \t\r\n"'\`.,;:\\`).endsWith(name) ? null : name
}

/** The fields that every denial from a record shares. */
export function recordFields(record: CloudTrailRecord) {
  return {
    id: neutralText(record.eventID ?? '', 128) || digest(JSON.stringify(record)),
    source: 'cloudtrail',
    ...(record.corrects === null ? {} : { corrects: neutralText(record.corrects, 128) }),
    timeMs: parseTime(record.eventTime),
    accountId: accountIdIn(record.recipientAccountId) ?? accountIdIn(record.userIdentity?.accountId ?? null),
    region: record.awsRegion === null ? null : neutralText(record.awsRegion, 64),
    call: { eventSource: neutralText(record.eventSource), eventName: neutralText(record.eventName) },
    awsEvaluation: null,
  } as const
}

/** The role of an STS call, if the record's fields name it. */
export function assumedRole(record: CloudTrailRecord): string | null {
  const parameter = record.requestParameters?.['roleArn']
  if (typeof parameter === 'string' && parseRoleArn(parameter) !== null) return parameter
  return (
    record.resources?.find(resource => resource.type === 'AWS::IAM::Role' && parseRoleArn(resource.ARN ?? '') !== null)
      ?.ARN ?? null
  )
}

export function partitionOfArns(arns: readonly (string | null)[]): string {
  for (const arn of arns) {
    const partition = arn === null ? null : parseArn(arn)?.partition
    if (partition) return partition
  }
  return 'aws'
}

/** An id for input that has no id of AWS. */
export function digest(text: string): string {
  return `msg-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
}

/**
 * CloudFormation adds this tag to the resources that it creates.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
const STACK_NAME_TAG = 'aws:cloudformation:stack-name'
const MAX_LOOKED_AT = 500
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/

/** The CloudFormation stack that the call's parameters name, or a tag of the new resource. */
export function stackOfCall({ eventSource, requestParameters }: CloudTrailRecord): string | null {
  const named = eventSource === 'cloudformation.amazonaws.com' ? requestParameters?.['stackName'] : null
  const name = typeof named === 'string' ? (/:stack\/([^/]+)/.exec(named)?.[1] ?? named) : tagIn(requestParameters)
  return name !== null && STACK_NAME.test(name) ? neutralText(name, 128) : null
}

/** Finds tags at any depth, as an object or as a list of keys and values. Lists themselves have no such keys. */
function tagIn(parameters: unknown): string | null {
  const waiting: unknown[] = [parameters]
  for (let at = 0; at < Math.min(waiting.length, MAX_LOOKED_AT); at++) {
    const value = waiting[at]
    if (typeof value !== 'object' || value === null) continue
    const json = value as { readonly [member: string]: unknown }
    const key = json['key'] ?? json['Key'] ?? json['tagKey']
    const found = key === STACK_NAME_TAG ? (json['value'] ?? json['Value'] ?? json['tagValue']) : json[STACK_NAME_TAG]
    if (typeof found === 'string') return found
    waiting.push(...Object.values(json).slice(0, MAX_LOOKED_AT))
  }
  return null
}
