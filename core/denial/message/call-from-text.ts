/**
 * Finds the denied call from the text near the sentence: output of SDKs, command lines, Terraform, stack events and deploy
 * tools. An operation that only one service has is enough; otherwise the service must be named too.
 */
import { type ApiCall, roleCallsNamed, roleOperationNamed } from '../passed-service/passed-service.ts'
import { serviceOfSdk } from '../passed-service/service-of-sdk.ts'
import { callOfResource, callOfTerraform } from '../resource-types/calls-of-types.ts'

export const NO_CALL: ApiCall = { eventSource: null, eventName: null }

const MAX_BEFORE_CHARS = 900
const MAX_AFTER_CHARS = 400
/** The start of another error. EC2 writes “this operation” before the denial itself. */
const ERROR_BEGINS = /Error: |An error occurred |[Nn]ot authorized to perform:? [a-z0-9-]{1,40}:/g
const ERROR_FOLLOWS = /Error: |An error occurred |operation error |CREATE_FAILED|UPDATE_FAILED/
const DENIAL_FOLLOWS = /not authorized to perform|User: arn:/

/** SDK for Go 2 and tools built with it. */
const OPERATION_ERROR = /\boperation error ([A-Za-z][A-Za-z0-9 -]{0,40}): ([A-Z][A-Za-z0-9]{2,60})\b/g
/** SDK for Python and the AWS CLI. */
const WHEN_CALLING = /\bwhen calling the ([A-Z][A-Za-z0-9]{2,60}) operation\b/g
/** A task of a state machine. */
const STATE_TASK = /\b([a-z][a-z0-9-]{1,30}):([a-z][A-Za-z0-9]{2,60})\.(?:sync|waitForTaskToken)\b/g
/** SDK for JavaScript, in traces and in Azure's tasks. */
const SDK_REQUEST = /\bAWS ([a-z][A-Za-z0-9]{2,60}) (?:request|call)\b/g
/** SDK for JavaScript, version 3. */
const SDK_COMMAND = /\b([A-Z][A-Za-z0-9]{2,60})Command\b/g
/** Tools that print the operation and the error. */
const FAILED = /\b([A-Z][A-Za-z0-9]{2,60}) failed: (?=[A-Z][A-Za-z]{2,60}(?:Exception|Denied|UnauthorizedOperation)\b)/g
/** AWS's console. */
const CONSOLE_CALL = /\b([a-z][A-Za-z0-9]{2,60}): [A-Z][A-Za-z]{2,60}Exception\b/g
/** SDK for PHP. */
const EXECUTING = /\bError executing ["']([A-Z][A-Za-z0-9]{2,60})["'] on ["']https:\/\/([a-z0-9-]{2,40})\./g
const COMMAND = /\baws ([a-z][a-z0-9-]{1,30}) ([a-z][a-z0-9-]{2,60})\b/g
/** SDKs for Java, as CloudFormation shows them too, which print null for no service; packages of their exceptions. */
const SERVICE = /\(Service: (?!null\b)([A-Za-z][A-Za-z0-9 ]{1,40})[;,]/g
const PACKAGE = /\b(?:com\.amazonaws|software\.amazon\.awssdk)\.services\.([a-z0-9]{2,40})\.model\b/g
/**
 * Terraform's provider: verb, service and resource in words of one or more parts, then the name, as in “creating App Runner
 * Service (orders): ”. Between “error” and its colon, which excludes progress output.
 */
const CREATING =
  /(?:\berror:? |\bfailed |helper_schema: |\* )(creating|updating|modifying|putting|setting|starting|registering|adding) ([A-Z][A-Za-z0-9]{0,30}(?: [A-Z][A-Za-z0-9]{0,30}){1,8})(?:: | ?\([^()]{1,300}\) ?([A-Za-z ]{0,60}): )/gi
const ADDING_TO_PROFILE = /\badding (?:IAM )?role [^:]{1,300} to (?:IAM )?instance profile\b/i
/** Managed instances of ECS, and Karpenter: who launches an instance passes the role of its profile. */
const LAUNCHING = /\bUnable to launch instance\(s\) for capacity provider\b|\bwith fleet error\(s\)/
const REGISTERING_TASK = /\bregister task definition in ECS\b/i
const FULL_NAME = /\b(?:AWS|Amazon) ([A-Z][A-Za-z0-9]{1,30})/g
const UPDATING = /UPDATE_FAILED|\b(?:updating|modifying) /i
const RESOURCE_TYPE = /\bAWS::[A-Za-z0-9]{2,40}::[A-Za-z0-9]{2,60}/g
const ADDRESS = /\b(aws(?:cc)?_[a-z0-9_]{2,60})\.[A-Za-z0-9_-]{1,80}/g

/** The verbs of operations that a participle means, likeliest first. */
const VERBS: { readonly [participle: string]: readonly string[] } = {
  adding: ['Add'],
  creating: ['Create', 'Put', 'Register', 'Run'],
  modifying: ['Modify', 'Update'],
  putting: ['Put'],
  registering: ['Register'],
  setting: ['Set', 'Put'],
  starting: ['Start'],
  updating: ['Update', 'Modify', 'Put'],
}

/** The position of the sentence, and the start of the error it belongs to. */
type Span = { readonly start: number; readonly end: number; readonly from: number }

export function callAround(text: string, { start, end, from }: Span): ApiCall {
  const lines = text.slice(Math.min(start, Math.max(from, start - MAX_BEFORE_CHARS)), start)
  const far = lines.replaceAll('\n', ' ')
  const nearFrom = [...far.matchAll(ERROR_BEGINS)].at(-1)?.index ?? 0
  const near = far.slice(nearFrom)
  const behind = text.slice(end, end + MAX_AFTER_CHARS)
  // The text after the sentence belongs to it, up to the next denial.
  const after = until(ERROR_FOLLOWS, until(DENIAL_FOLLOWS, behind.replaceAll('\n', ' ')))
  const own = text.slice(start, end).replaceAll('\n', ' ')
  const sources = new Set(namesIn(`${near} ${own} ${after}`, [SERVICE, PACKAGE]).map(serviceOfSdk))
  const around = { sources, words: `${far} ${after}` }
  const named = operationIn(near, around) ?? byWords(near, around) ?? operationIn(after, around) ?? commandIn(far)
  if (named !== null) return named
  const resource = resourceIn(lines.slice(nearFrom), behind.slice(0, after.length))
  const [only = ''] = [...sources].filter(source => !['sts', 'cloudformation', 'cloudcontrolapi'].includes(source))
  // Behind the sentence itself CloudFormation names the call of its own API that was refused: a stack with a role.
  if (only === '' && sources.size === 1 && namesCloudFormation(own))
    return { eventSource: 'cloudformation.amazonaws.com', eventName: null }
  const service = sources.size === 1 && only !== '' ? { eventSource: `${only}.amazonaws.com`, eventName: null } : null
  // A resource of another service belongs to another event.
  return resource !== null && (service === null || resource.eventSource === service.eventSource)
    ? resource
    : (service ?? NO_CALL)
}

const namesCloudFormation = (own: string): boolean =>
  namesIn(own, [SERVICE]).map(serviceOfSdk).includes('cloudformation')

/** Services that SDKs name near the sentence, and all words there. */
type Around = { readonly sources: ReadonlySet<string>; readonly words: string }

const until = (end: RegExp, text: string): string => text.slice(0, end.exec(text)?.index ?? text.length)

const namesIn = (text: string, patterns: readonly RegExp[]): readonly string[] =>
  patterns.flatMap(pattern => [...text.matchAll(pattern)].map(match => match[1] ?? ''))

/** The last operation before the sentence, and its service if named. */
function operationIn(text: string, around: Around): ApiCall | null {
  const withService = [...text.matchAll(OPERATION_ERROR), ...text.matchAll(STATE_TASK)].map(
    ([, service = '', operation = '']) => roleOperationNamed(serviceOfSdk(service), operation),
  )
  const executing = [...text.matchAll(EXECUTING)].map(([, operation = '', service = '']) =>
    roleOperationNamed(serviceOfSdk(service), operation),
  )
  const alone = [WHEN_CALLING, SDK_REQUEST, SDK_COMMAND, CONSOLE_CALL, FAILED].flatMap(pattern =>
    [...text.matchAll(pattern)].map(([, operation = '']) => ofService(operation, around)),
  )
  return onlyOne([...withService, ...executing, ...alone])
}

function ofService(operation: string, { sources, words }: Around): ApiCall | null {
  const calls = roleCallsNamed(operation)
  const [only] = calls
  if (calls.length === 1 && only !== undefined) return only
  const named = onlyOne([...sources].map(source => roleOperationNamed(source, operation)))
  return named ?? onlyOne(calls.filter(({ eventSource }) => isNamed(words, eventSource ?? '')))
}

/** True when a text names the service by its full name. */
function isNamed(words: string, eventSource: string): boolean {
  const [name = ''] = eventSource.split('.')
  return [...words.matchAll(FULL_NAME)].some(([, fullName = '']) => fullName.toLowerCase() === name)
}

function byWords(near: string, around: Around): ApiCall | null {
  if (REGISTERING_TASK.test(near)) return roleOperationNamed('ecs', 'RegisterTaskDefinition')
  if (ADDING_TO_PROFILE.test(near)) return { eventSource: 'iam.amazonaws.com', eventName: 'AddRoleToInstanceProfile' }
  if (LAUNCHING.test(near)) return roleOperationNamed('ec2', 'RunInstances')
  return onlyOne(
    [...near.matchAll(CREATING)].map(([, participle = '', words = '', more = '']) =>
      callInWords(VERBS[participle.toLowerCase()] ?? [], `${words.trim()} ${more}`.trim().split(' '), around),
    ),
  )
}

/** The longest service name that these words start with, and the operation that the rest names. */
function callInWords(verbs: readonly string[], words: readonly string[], around: Around): ApiCall | null {
  const rest = words.slice(/^(?:aws|amazon)$/i.test(words[0] ?? '') ? 1 : 0)
  if (/^(?:ecs)?taskdefinition$/i.test(rest.join(''))) return roleOperationNamed('ecs', 'RegisterTaskDefinition')
  for (let parts = rest.length - 1; parts > 0; parts -= 1) {
    const service = serviceOfSdk(rest.slice(0, parts).join(''))
    const noun = rest.slice(parts).join('')
    for (const operation of verbs.flatMap(verb => [`${verb}${noun}`, `${verb}${noun}s`, `${verb}DB${noun}`])) {
      const call = roleOperationNamed(service, operation)
      if (call !== null) return call
    }
  }
  // Without a service these may be words about anything: “creating AWS session” is no CreateSession.
  if (rest.some(word => /^[a-z]/.test(word))) return null
  const [first = ''] = verbs
  return ofService(`${first}${rest.slice(1).join('')}`, around) ?? ofService(`${first}${rest.join('')}`, around)
}

/** The command that printed this: the last one before the sentence. */
function commandIn(far: string): ApiCall | null {
  const last = [...far.matchAll(COMMAND)].at(-1)
  if (last === undefined) return null
  return roleOperationNamed(serviceOfSdk(last[1] ?? ''), (last[2] ?? '').replaceAll('-', ''))
}

/** The resource of the sentence. An update is another call of the same service. */
function resourceIn(before: string, after: string): ApiCall | null {
  const type = typeAround(before, after)
  const near = before.replaceAll('\n', ' ')
  const address =
    [...near.matchAll(ADDRESS)].at(-1)?.[1] ?? ADDRESS_AFTER.exec(after.replaceAll('\n', ' '))?.[1] ?? null
  const made = type === null ? null : callOfResource(type)
  const call = made?.eventSource ? made : address === null ? null : callOfTerraform(address)
  if (call?.eventName?.startsWith('Create') !== true || !UPDATING.test(near)) return call
  return { ...call, eventName: null }
}

/** Where a line, or an event in JSON, YAML or paragraphs, begins and ends. */
const LINE_ENDS = ['\n']
const EVENT_BEGINS = ['{', '\n- ', '\n\n']
const EVENT_ENDS = ['}', '\n- ', '\n\n']

/** The type in the line of the sentence, else in its event, else the last one before it. */
function typeAround(before: string, after: string): string | null {
  const line = [since(LINE_ENDS, before), upTo(LINE_ENDS, after)] as const
  const event = [since(EVENT_BEGINS, before), upTo(EVENT_ENDS, after)] as const
  for (const [head, tail] of [line, event, [before, ''] as const]) {
    const type = [...head.matchAll(RESOURCE_TYPE)].at(-1)?.[0] ?? [...tail.matchAll(RESOURCE_TYPE)][0]?.[0]
    if (type !== undefined) return type
  }
  return null
}

const since = (marks: readonly string[], text: string): string =>
  text.slice(Math.max(0, ...marks.map(mark => text.lastIndexOf(mark) + 1)))

const upTo = (marks: readonly string[], text: string): string =>
  text.slice(0, Math.min(text.length, ...marks.map(mark => text.indexOf(mark)).filter(at => at !== -1)))

const ADDRESS_AFTER = /\bwith (?:module\.[^ ]{1,200}\.)?(aws(?:cc)?_[a-z0-9_]{2,60})\./

/** Null when the calls differ. */
function onlyOne(calls: readonly (ApiCall | null)[]): ApiCall | null {
  const found = calls.flatMap(call => (call === null ? [] : [call]))
  const [first] = found
  if (first === undefined) return null
  return found.every(({ eventSource, eventName }) => eventSource === first.eventSource && eventName === first.eventName)
    ? first
    : null
}
