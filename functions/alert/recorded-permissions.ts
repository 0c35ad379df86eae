/** CloudTrail's record of a call that a text calls refused without naming the permission. */

import { otherDenialOfRecord, principalNamed } from '../../core/denial/index.ts'
import { parseArn, parseEntityArn, parseSessionArn } from '../../core/iam/index.ts'
import {
  distinctPermissions,
  type FailureReason,
  isPrincipalRole,
  type MissingPermission,
  permissionOf,
} from '../domain/deploy/index.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { Observer } from '../ports/observer.ts'
import type { Investigation } from './investigate-deploy.ts'

export type RecordedPermissionsDeps = {
  readonly history: () => Promise<Pick<EventHistory, 'search'>>
  readonly observer: Observer
}

/** LookupEvents allows two requests a second, which confirmations need more. */
const MAX_SEARCHES = 2

/** Of a deploy whose texts nobody could read. A build can be refused a call and go on. */
const MAX_UNTOLD = 5

/**
 * Completes what the texts leave open by records of the deploy's own principal and time; where its texts could not be read, its refused
 * calls are probable causes. Records are up to 15 minutes late: a later event of the deploy looks again.
 */
export async function recordedPermissions(
  named: readonly MissingPermission[],
  read: Investigation,
  { history, observer }: RecordedPermissionsDeps,
): Promise<readonly MissingPermission[]> {
  const open = named.filter(({ action }) => action === null)
  const { actors, correlation } = read
  const isKnown = actors.own.length + correlation.roles.length + correlation.sessions.length > 0
  // No record can be that of a deploy whose identity nobody knows.
  const isUntold = named.length === 0 && read.reported.length === 0 && read.unread != null
  if ((open.length === 0 && !isUntold) || !isKnown) return named
  const searches = searchesFor(open, read)
  const { accountId, region } = read.deploy
  const { fromMs, untilMs } = read.correlation
  const recorded: MissingPermission[] = []
  try {
    const { search } = await history()
    for (const by of searches) {
      const found = await search({ accountId, region }, by, { fromMs, toMs: untilMs })
      if (found.known) recorded.push(...found.value.records.flatMap(record => recordedBy(record, read) ?? []))
    }
  } catch (error) {
    observer.log('warn', 'deploy_records_unread', { error: String(error) })
  }
  if (isUntold)
    return distinctPermissions(recorded.map(one => ({ ...one, certainty: 'probable' as const }))).slice(0, MAX_UNTOLD)
  const isSureWithout = (one: MissingPermission) => named.some(other => other !== one && other.certainty === 'certain')
  return named.map(one => {
    if (one.action !== null) return one
    const whole = completed(one, recorded, read.reasons)
    // One certain cause silences every probable one: then the call alone, which is certain, says more.
    return whole.certainty === 'probable' && isSureWithout(one) ? one : whole
  })
}

function searchesFor(open: readonly MissingPermission[], read: Investigation) {
  const calls = [...new Set(open.flatMap(({ call }) => call?.operation ?? []))].map(eventName => ({ eventName }))
  const sessions = read.actors.own.flatMap(({ session }) => session ?? [])
  const users = [...new Set([...sessions, ...read.correlation.sessions])].map(userName => ({ userName }))
  return (calls.length > 0 ? calls : users).slice(0, MAX_SEARCHES)
}

/** Null: it is not a refused call of the deploy's own principal. */
function recordedBy(record: unknown, { actors, correlation }: Investigation): MissingPermission | null {
  const denial = otherDenialOfRecord(record)
  if (denial === null || denial.principal === null || denial.timeMs === null) return null
  const principal = principalNamed(denial.principal)
  const roles = [...actors.own.map(({ roleArn }) => roleArn), ...correlation.roles]
  const isOwn =
    roles.some(arn => isPrincipalRole(arn, principal)) ||
    (principal.sessionName !== null && correlation.sessions.includes(principal.sessionName))
  return isOwn ? permissionOf({ ...denial, line: 1 }, { place: null, atMs: denial.timeMs }) : null
}

/**
 * A record is the refused call where call, principal and resource are those of the text: certain. Where the text names no resource,
 * or the record none, it is probable. A record of another resource than the text's is that of another call. Two records that
 * differ complete nothing.
 */
function completed(
  one: MissingPermission,
  recorded: readonly MissingPermission[],
  reasons: readonly FailureReason[],
): MissingPermission {
  const operation = one.call?.operation ?? null
  const text = textAround(one, reasons)
  const ofCall = recorded.filter(({ call }) => isCallOf(one, call))
  const ofResource = ofCall.filter(({ resource }) => resource !== null && namesResource(text, resource))
  const isSure = operation !== null && ofResource.length > 0
  if (!isSure && namesAnyResource(text)) return one
  const [found, ...others] = ofResource.length > 0 ? ofResource : ofCall
  if (found === undefined || others.some(other => keyOf(other) !== keyOf(found))) return one
  if (!isSure && found.action === null) return one
  const { place, line, atMs, during, isLog } = one
  const at = {
    ...{ place, line, atMs },
    ...(during === undefined ? {} : { during }),
    ...(isLog === undefined ? {} : { isLog }),
  }
  return { ...found, ...at, certainty: isSure ? 'certain' : 'probable' }
}

function isCallOf({ call: named }: MissingPermission, call: MissingPermission['call']): boolean {
  const isSame = (a: string | null | undefined, b: string | null | undefined) =>
    a == null || b == null || a.toLowerCase() === b.toLowerCase()
  return isSame(named?.operation, call?.operation) && isSame(named?.service, call?.service)
}

/** How far from its refusal a log names what the call was for. */
const BESIDE_LINES = 3
const MAX_BESIDE_CHARS = 8_000

/** The lines of the failure around a refusal. */
function textAround({ place, line, atMs }: MissingPermission, reasons: readonly FailureReason[]): string {
  const own = reasons.filter(reason => reason.atMs === atMs && (place === null || reason.resource === place))
  return own
    .map(({ text }) => {
      const lines = text.split('\n', line + BESIDE_LINES)
      return lines
        .slice(Math.max(0, line - 1 - BESIDE_LINES))
        .join('\n')
        .slice(-MAX_BESIDE_CHARS)
    })
    .join('\n')
}

const isNameChar = (char: string | undefined): boolean => char !== undefined && /[\w.-]/.test(char)

/** True where the text has the ARN as a word of its own, or sets off the name at its end. */
function namesResource(text: string, resource: string): boolean {
  const name = resource.split(' ').at(-1) ?? ''
  const last = name.split(/[:/]/).findLast(part => part !== '' && part !== '*') ?? ''
  const path = parseArn(name)?.resource ?? name
  return [name, path, last].some(each => each.length >= MIN_NAME_CHARS && hasWord(text, each))
}

/** A shorter word may be any. */
const MIN_NAME_CHARS = 3

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [next, behind] = [text[at + word.length], text[at + word.length + 1]]
    const isEnd = !isNameChar(next) || (next === '.' && !isNameChar(behind))
    if (!isNameChar(text[at - 1]) && isEnd && (/[:/]/.test(word) || isSetOff(text[at - 1], next))) return true
  }
  return false
}

const CLOSING: { readonly [opening: string]: string } = { '"': '"', "'": "'", '`': '`', '(': ')', '[': ']', '<': '>' }

/** A bare word of a log can be any: a name is in quotes or brackets, which JSON escapes, or behind `/` or `:`. */
const isSetOff = (before = '', next = ''): boolean =>
  /[:/]/.test(before) || (Object.hasOwn(CLOSING, before) && (next === CLOSING[before] || next === '\\'))

/** "putting S3 Bucket (orders-files) Policy", as Terraform's providers write it; or an ARN that is no principal's. */
const TERRAFORM_NAME = /\b[a-z]{2,20}ing [A-Z][\w -]{1,60} \([^()\s]{1,300}\)/
const ARN_IN_TEXT = /\barn:[a-z-]{3,12}:[a-z0-9-]{2,40}:[^\s"'<>()\]]{1,600}/g

function namesAnyResource(text: string): boolean {
  const arns = [...text.matchAll(ARN_IN_TEXT)].map(([arn]) => arn.replace(/[.,;:]{1,3}$/, ''))
  return TERRAFORM_NAME.test(text) || arns.some(arn => parseEntityArn(arn) === null && parseSessionArn(arn) === null)
}

const keyOf = ({ action, call, principal, resource }: MissingPermission): string =>
  JSON.stringify([action, call, principal, resource])
