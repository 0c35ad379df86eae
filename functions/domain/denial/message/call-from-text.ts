/**
 * Which call a text says was denied: only where operation and service both stand near the sentence, once, and the pair is
 * known to pass a role. An operation alone is not enough: several services have one of the same name.
 */
import { type Call, roleCallNamed } from '../passed-service/passed-service.ts'

const NO_CALL: Call = { eventSource: null, eventName: null }

const MAX_BEFORE_CHARS = 800
const MAX_AFTER_CHARS = 300
/** Where another error begins; EC2 says before the denial itself that “this operation” is not authorized. */
const ERROR_BEGINS = /Error: |An error occurred |not authorized to perform(?! this operation)/g
const ERROR_FOLLOWS = /Error: |An error occurred |operation error /
const DENIAL_FOLLOWS = /not authorized to perform|User: arn:/

/** SDK for Go 2, and what is built with it. */
const OPERATION_ERROR = /\boperation error ([A-Za-z][A-Za-z0-9 -]{0,40}): ([A-Z][A-Za-z0-9]{2,60})\b/g
/** Terraform, between "error" and its colon: what tools say of their own progress is not. */
const CREATING =
  /(?<=\b(?:error:?|failed|helper_schema:) |\* )(creating|updating|starting|registering) ((?:AWS |Amazon )?[A-Z][A-Za-z0-9]{1,30}) ((?:[A-Z][A-Za-z0-9]{1,30} ?){1,4})(?=: |\([^()]{1,300}\): )/gi
/** SDK for Python, and the command line. */
const WHEN_CALLING = /\bwhen calling the ([A-Z][A-Za-z0-9]{2,60}) operation\b/g
const COMMAND = /\baws ([a-z][a-z0-9-]{1,30}) ([a-z][a-z0-9-]{2,60})\b/g
/** SDK for Java. */
const SERVICE = /\(Service: ([A-Za-z][A-Za-z0-9 ]{1,40})[;,]/g
/** Terraform's address of a resource. */
const ADDRESS = /\baws_([a-z0-9]+)_[a-z0-9_]+\.[A-Za-z0-9_-]+/g

const VERBS: { readonly [participle: string]: string } = {
  creating: 'Create',
  updating: 'Update',
  starting: 'Start',
  registering: 'Register',
}

/** Where a name in an SDK differs from the event source. */
const SOURCES: { readonly [name: string]: string } = {
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  databasemigration: 'dms',
  databasemigrationservice: 'dms',
  emr: 'elasticmapreduce',
  eventbridge: 'events',
  sfn: 'states',
  simplesystemsmanagement: 'ssm',
  stepfunctions: 'states',
}

/** Both in neutral text; `said` is a part of `text`, but that an encoded message is left out of it. */
export function callSaid(text: string, said: string): Call {
  const [sentence = ''] = said.split('(left out)')
  const start = sentence === '' ? -1 : text.indexOf(sentence)
  if (start === -1) return NO_CALL
  const far = text.slice(Math.max(0, start - MAX_BEFORE_CHARS), start)
  const near = far.slice([...far.matchAll(ERROR_BEGINS)].at(-1)?.index ?? 0)
  const after = text.slice(start + sentence.length, start + sentence.length + MAX_AFTER_CHARS)
  // What follows the sentence is a part of it up to the next denial.
  const around = `${near} ${until(ERROR_FOLLOWS, sentence)} ${until(DENIAL_FOLLOWS, until(ERROR_FOLLOWS, after))}`
  const pairs = new Set([...pairsIn(near), ...operationsIn(near, servicesIn(`${far} ${around}`, around))])
  const calls = [...pairs].map(pair => callOf(pair))
  const [only] = calls
  return calls.length === 1 && only !== undefined && only !== null ? only : NO_CALL
}

const until = (end: RegExp, text: string): string => text.slice(0, end.exec(text)?.index ?? text.length)

/** `service/operation`, lower case. */
type Pair = string

function pairsIn(near: string): readonly Pair[] {
  const errors = [...near.matchAll(OPERATION_ERROR)].map(([, service = '', operation = '']) => pair(service, operation))
  // An operation named in full outranks Terraform's words for it.
  if (errors.length > 0) return errors
  return [...near.matchAll(CREATING)].flatMap(([, participle = '', service = '', nouns = '']) => {
    const verb = VERBS[participle.toLowerCase()] ?? ''
    const named = pair(service, `${verb}${nouns.replaceAll(' ', '')}`)
    return callOf(named) === null ? [] : [named]
  })
}

function operationsIn(near: string, services: ReadonlySet<string>): readonly Pair[] {
  const operations = [...near.matchAll(WHEN_CALLING)].map(([, operation = '']) => operation.toLowerCase())
  return operations.flatMap(operation =>
    [...services]
      .map(service => service.split('/'))
      // A command names its own operation.
      .filter(([, command]) => command === undefined || command === operation)
      .map(([service = '']) => pair(service, operation)),
  )
}

function servicesIn(far: string, around: string): ReadonlySet<string> {
  const commands = [...far.matchAll(COMMAND)].map(([, name = '', command = '']) => {
    return `${sourceNamed(name)}/${command.replaceAll('-', '')}`
  })
  const services = [...around.matchAll(SERVICE)].map(([, name = '']) => sourceNamed(name))
  const addresses = [...around.matchAll(ADDRESS)].map(([, name = '']) => sourceNamed(name))
  return new Set([...commands, ...services, ...addresses])
}

const pair = (service: string, operation: string): Pair => `${sourceNamed(service)}/${operation.toLowerCase()}`

function callOf(said: Pair): Call | null {
  const [source = '', operation = ''] = said.split('/')
  return roleCallNamed(source, operation)
}

function sourceNamed(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^(?:aws|amazon)(?=.)/, '')
    .replaceAll(' ', '')
  return Object.hasOwn(SOURCES, plain) ? (SOURCES[plain] ?? plain) : plain
}
