/**
 * Finds the denied call from the text near the sentence: output of SDKs, command lines, Terraform, stack events and deploy
 * tools. An operation that only one service has is enough; otherwise the service must be named too.
 */
import { type ApiCall, roleCallsNamed, roleOperationNamed } from '../passed-service/passed-service.ts'
import { callOfResource, callOfTerraform } from '../passed-service/resource-type-calls.ts'

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
/** SDK for PHP. */
const EXECUTING = /\bError executing ["']([A-Z][A-Za-z0-9]{2,60})["'] on ["']https:\/\/([a-z0-9-]{2,40})\./g
const COMMAND = /\baws ([a-z][a-z0-9-]{1,30}) ([a-z][a-z0-9-]{2,60})\b/g
/** SDKs for Java, as CloudFormation shows them too; packages of their exceptions. */
const SERVICE = /\(Service: ([A-Za-z][A-Za-z0-9 ]{1,40})[;,]/g
const PACKAGE = /\b(?:com\.amazonaws|software\.amazon\.awssdk)\.services\.([a-z0-9]{2,40})\.model\b/g
/** Terraform, between "error" and its colon, which excludes progress output. */
const CREATING =
  /(?:\berror:? |\bfailed |helper_schema: |\* )(creating|updating|starting|registering|adding) ((?:AWS |Amazon )?[A-Z][A-Za-z0-9]{1,30}) ((?:[A-Z][A-Za-z0-9]{1,30} ?){1,4})(?:: |\([^()]{1,300}\): )/gi
const ADDING_TO_PROFILE = /\badding (?:IAM )?[Rr]ole [^:]{1,300} to (?:IAM )?Instance Profile\b/
const REGISTERING_TASK = /\bregister task definition in ECS\b/i
const FULL_NAME = /\b(?:AWS|Amazon) ([A-Z][A-Za-z0-9]{1,30})/g
const UPDATING = /UPDATE_FAILED|\bupdating /i
const RESOURCE_TYPE = /\bAWS::[A-Za-z0-9]{2,40}::[A-Za-z0-9]{2,60}/g
const ADDRESS = /\b(aws_[a-z0-9_]{2,60})\.[A-Za-z0-9_-]{1,80}/g

const VERBS: { readonly [participle: string]: string } = {
  creating: 'Create',
  updating: 'Update',
  starting: 'Start',
  registering: 'Register',
}

/** SDK names that differ from the event source. */
const SOURCES: { readonly [name: string]: string } = {
  applicationautoscaling: 'application-autoscaling',
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  databasemigration: 'dms',
  databasemigrationservice: 'dms',
  emr: 'elasticmapreduce',
  eventbridge: 'events',
  identitymanagement: 'iam',
  lambdainternal: 'lambda',
  sfn: 'states',
  simplesystemsmanagement: 'ssm',
  stepfunctions: 'states',
}

/** The position of the sentence, and the start of the error it belongs to. */
type Span = { readonly start: number; readonly end: number; readonly from: number }

export function callAround(text: string, { start, end, from }: Span): ApiCall {
  const far = text.slice(Math.min(start, Math.max(from, start - MAX_BEFORE_CHARS)), start).replaceAll('\n', ' ')
  const near = far.slice([...far.matchAll(ERROR_BEGINS)].at(-1)?.index ?? 0)
  const behind = text.slice(end, end + MAX_AFTER_CHARS).replaceAll('\n', ' ')
  // The text after the sentence belongs to it, up to the next denial.
  const after = until(ERROR_FOLLOWS, until(DENIAL_FOLLOWS, behind))
  const own = text.slice(start, end).replaceAll('\n', ' ')
  const sources = new Set(namesIn(`${near} ${own} ${after}`, [SERVICE, PACKAGE]).map(sourceNamed))
  const around = { sources, words: `${far} ${after}` }
  const named = operationIn(near, around) ?? byWords(near, around) ?? operationIn(after, around) ?? commandIn(far)
  if (named !== null) return named
  const resource = resourceIn(near, after)
  if (resource !== null) return resource
  const [only] = sources
  return sources.size === 1 && only !== undefined && only !== 'sts' && only !== 'cloudformation'
    ? { eventSource: `${only}.amazonaws.com`, eventName: null }
    : NO_CALL
}

/** Services that SDKs name near the sentence, and all words there. */
type Around = { readonly sources: ReadonlySet<string>; readonly words: string }

const until = (end: RegExp, text: string): string => text.slice(0, end.exec(text)?.index ?? text.length)

const namesIn = (text: string, patterns: readonly RegExp[]): readonly string[] =>
  patterns.flatMap(pattern => [...text.matchAll(pattern)].map(match => match[1] ?? ''))

/** The last operation before the sentence, and its service if named. */
function operationIn(text: string, around: Around): ApiCall | null {
  const withService = [...text.matchAll(OPERATION_ERROR), ...text.matchAll(STATE_TASK)].map(
    ([, service = '', operation = '']) => roleOperationNamed(sourceNamed(service), operation),
  )
  const executing = [...text.matchAll(EXECUTING)].map(([, operation = '', service = '']) =>
    roleOperationNamed(sourceNamed(service), operation),
  )
  const alone = [WHEN_CALLING, SDK_REQUEST, SDK_COMMAND].flatMap(pattern =>
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
  return onlyOne(
    [...near.matchAll(CREATING)].map(([, participle = '', service = '', nouns = '']) => {
      const verb = VERBS[participle.toLowerCase()] ?? ''
      const words = nouns.trim().split(' ')
      const [source, noun] = [sourceNamed(service), words.join('')]
      if (noun.toLowerCase() === 'taskdefinition') return roleOperationNamed('ecs', 'RegisterTaskDefinition')
      return roleOperationNamed(source, `${verb}${noun}`) ?? ofService(`${verb}${noun}`, around)
    }),
  )
}

/** The command that printed this: the last one before the sentence. */
function commandIn(far: string): ApiCall | null {
  const last = [...far.matchAll(COMMAND)].at(-1)
  if (last === undefined) return null
  return roleOperationNamed(sourceNamed(last[1] ?? ''), (last[2] ?? '').replaceAll('-', ''))
}

/** The resource type nearest to the sentence. An update is another call of the same service. */
function resourceIn(near: string, after: string): ApiCall | null {
  const type = [...near.matchAll(RESOURCE_TYPE)].at(-1)?.[0] ?? null
  const address = [...near.matchAll(ADDRESS)].at(-1)?.[1] ?? ADDRESS_AFTER.exec(after)?.[1] ?? null
  const made = type === null ? null : callOfResource(type)
  const call = made?.eventName ? made : address === null ? null : callOfTerraform(address)
  if (call?.eventName?.startsWith('Create') !== true || !UPDATING.test(near)) return call
  return { ...call, eventName: null }
}

const ADDRESS_AFTER = /\bwith (?:module\.[^ ]{1,200}\.)?(aws_[a-z0-9_]{2,60})\./

/** Null when the calls differ. */
function onlyOne(calls: readonly (ApiCall | null)[]): ApiCall | null {
  const found = calls.flatMap(call => (call === null ? [] : [call]))
  const [first] = found
  if (first === undefined) return null
  return found.every(({ eventSource, eventName }) => eventSource === first.eventSource && eventName === first.eventName)
    ? first
    : null
}

function sourceNamed(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^(?:aws|amazon)(?=.)/, '')
    .replaceAll(' ', '')
  return Object.hasOwn(SOURCES, plain) ? (SOURCES[plain] ?? plain) : plain
}
