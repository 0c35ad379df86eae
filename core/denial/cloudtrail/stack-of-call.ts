import { neutralText } from '../../base/index.ts'
import type { CloudTrailRecord } from './cloudtrail-record.ts'

/** CloudFormation puts it on what it creates. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html */
const STACK_NAME_TAG = 'aws:cloudformation:stack-name'
const MAX_LOOKED_AT = 500
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/

/** The stack that a call names in its parameters, or in a tag of the new resource. */
export function stackOfCall({ eventSource, requestParameters }: CloudTrailRecord): string | null {
  const named = eventSource === 'cloudformation.amazonaws.com' ? requestParameters?.['stackName'] : null
  const name = typeof named === 'string' ? (/:stack\/([^/]+)/.exec(named)?.[1] ?? named) : tagIn(requestParameters)
  return name !== null && STACK_NAME.test(name) ? neutralText(name, 128) : null
}

/** Tags occur as an object or as a list of keys and values, at any depth. A list has no such keys. */
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
