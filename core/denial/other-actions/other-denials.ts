/**
 * Every permission that a text reports as denied and that is none of ours: the action, who lacked it, on what, and which kind of
 * policy decided. Linear time; a denial that is printed several times is one.
 */
import { actionWithOrWithoutPrefix } from '../../actions/index.ts'
import { MAX_TEXT_CHARS } from '../../base/index.ts'
import { withWholeWords } from '../logs/broken-words.ts'
import { denialsIn } from '../logs/denials-in-log.ts'
import { withoutSharedPrefixes, withoutStamps, withoutStampsAndMarks } from '../logs/line-prefixes.ts'
import { withoutColumns } from '../logs/sam-table.ts'
import { anyDeniedAt, readReason, sentenceText } from '../message/message-grammar.ts'
import { plainText } from '../message/plain-text.ts'
import { layerOfReason, type OtherDenial, UNNAMED } from './other-denial.ts'
import { permissionsIn } from './permission-words.ts'
import { isImagePull, isOfAws, mayBePolicy, refusalsIn, refusedCall, serviceIn } from './refused-calls.ts'
import { callInPhrase } from './tool-phrases.ts'

const MAX_BEFORE_CHARS = 1_600
const MAX_AFTER_CHARS = 4_000
/** Of each kind, in one part of a text. */
const MAX_PLACES = 500
/** Nobody reads more. The last ones are among them, as a failed command ends with its error. */
export const MAX_OTHER_DENIALS = 2_000
const LAST_DENIALS = 50

/** Terraform draws a line beside its errors. */
const FRAME = /^[ \t]{0,9}[\u2500-\u257f] ?/gm

/** In the order of the text. */
export function otherDenialsIn(log: string): readonly OtherDenial[] {
  const lines = withoutSharedPrefixes(log.includes('\n') ? log : log.replaceAll('\r', '\n'))
  const text = withWholeWords(withoutStamps(withoutColumns(lines, withoutStamps)).replace(FRAME, ''))
  const sentences = sentencesIn(text)
  const isOfSentence = within(sentences)
  const worded = placesIn(text, part => permissionsIn(part, MAX_PLACES)).flatMap(
    ({ action, call, resource, principal, at, end }) => {
      if (isOfSentence(at)) return []
      const denial = { ...NOTHING, action, call, resource, principal, text: sentenceText(plain(text.slice(at, end))) }
      return [{ from: at - NEAR_CHARS, to: end + errorEnd(text.slice(end, end + NEAR_CHARS)), at, denial }]
    },
  )
  const isTaken = within([...sentences, ...worded])
  const bare: Place[] = []
  let bareTo = -1
  for (const { at, end, isCommon } of placesIn(text, part => refusalsIn(part, MAX_PLACES))) {
    if (isTaken(at) || at <= bareTo) continue
    const { around, end: aroundEnd } = errorAround(text, at, end)
    const line = isCommon ? lineAround(text, at, end) : ''
    if (isCommon && !isOfAws(`${line}\n${around}`, line)) continue
    const isHandler = text.startsWith('HandlerErrorCode', at)
    if (!mayBePolicy(isHandler ? text.slice(Math.max(0, at - 600), at) : around)) continue
    if (isOfRole(lineAround(around, Math.max(0, aroundEnd - (end - at)), aroundEnd))) continue
    const call = refusedCall(around, aroundEnd)
    const subject = SUBJECT.exec(around)
    const log = LOG_BUCKET.exec(text.slice(at, end + NEAR_CHARS))?.[1] ?? null
    // What a tool calls a call is no action: launching an instance may lack iam:PassRole.
    const inPhrase = call ?? callInPhrase(around, aroundEnd)
    const isOfLogs = LOGS_OF_MACHINE.test(around)
    const service = isOfLogs ? 'logs' : inPhrase === null ? serviceIn(around) : inPhrase.service
    // With an encoded message, only that names the action: it may be iam:PassRole.
    bareTo = end + errorEnd(text.slice(end, end + NEAR_CHARS))
    const isEncoded = ENCODED.test(text.slice(at, bareTo))
    const isOfEc2 = call !== null && service === 'ec2' && call.operation !== null && !isEncoded
    const action = isOfEc2 ? `ec2:${call.operation}` : null
    const after = around
      .slice(aroundEnd, aroundEnd + NEAR_CHARS)
      .replaceAll('\n', ' ')
      .replace(REST_OF_WORDS, '')
    bare.push({
      ...{ from: at - 20, to: bareTo, at },
      denial: {
        ...NOTHING,
        ...layerOfReason(readReason(after).reason),
        ...{
          action,
          principal: subject?.[1] ?? subject?.[2] ?? (log === null ? unnamedIn(around) : UNNAMED.writesLogs),
          ...(log === null ? {} : ({ resource: log, layer: 'resource' } as const)),
          call: (isOfLogs ? null : inPhrase) ?? (service === null ? null : { service, operation: null }),
        },
        text: sentenceText(plain(text.slice(at, end + 160)).split('\n\n')[0] ?? ''),
      },
    })
  }
  const others = [...sentences, ...worded, ...bare].filter(
    ({ denial }) => denial.action === null || isOther(denial.action),
  )
  return eachOnce(others, text)
}

/** Of a service's own words: "'arn:…' is not authorized to create managed-rule", "The IAM role arn:… does not give you permission". */
const SUBJECT =
  /["'](arn:[^"'\s]{1,400})["'] is not authorized to |\b[Rr]ole (arn:\S{1,400}) does not give you permission /

/** EC2's words, of which a refusal may be only the first. */
const REST_OF_WORDS = /^ to perform this operation/

/** Load balancers and flow logs, of the policy of the bucket. */
const LOG_BUCKET = /^Access Denied for (?:bucket|LogDestination): ([^\s]{1,100}?)\.?\s{1,40}Please\s{1,40}check\b/
/**
 * The permissions that it lacks are those of logs: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 * Or the resource policy of CloudWatch Logs is at its size limit: https://github.com/serverless-operations/serverless-step-functions/issues/334
 */
const LOGS_OF_MACHINE = /\bstate machine IAM Role is not authorized to access the Log Destination/
const unnamedIn = (text: string): string | null => {
  if (LOGS_OF_MACHINE.test(text)) return UNNAMED.stateMachine
  return isImagePull(text) ? UNNAMED.pulls : null
}

type Place = {
  readonly from: number
  readonly to: number
  readonly at: number
  readonly denial: Omit<OtherDenial, 'line'>
}

const NOTHING = {
  ...{
    action: null,
    call: null,
    principal: null,
    resource: null,
    layer: 'unknown',
    isExplicit: false,
    policyArn: null,
  },
} as const satisfies Partial<OtherDenial>

/** What is printed so near to a denial belongs to it. */
const NEAR_CHARS = 400
const ENCODED = /Encoded (?:authorization )?failure(?: message)?\b/i

/** Older versions of Terraform list their errors with "* " before each. */
const ERROR_FOLLOWS =
  /Error: |An error occurred |CREATE_FAILED|UPDATE_FAILED|\boperation error [A-Z]|\n[ \t]{0,9}(?:\* |API: [a-z])/

/** Where the error ends that `behind` belongs to. */
export function errorEnd(behind: string): number {
  const next = behind.search(ERROR_FOLLOWS)
  return next === -1 ? behind.length : next
}

const plain = (text: string): string => plainText(withoutStampsAndMarks(text))

const isOther = (action: string): boolean => actionWithOrWithoutPrefix(action) === null

/** `ec2:runInstances` is how CloudFormation spells it. */
function spelled(action: string): string {
  const [prefix = '', name = ''] = action.split(':')
  return `${prefix.toLowerCase()}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
}

/** Whether a position is in one of the places. Binary search. */
function within(places: readonly Pick<Place, 'from' | 'to'>[]): (at: number) => boolean {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of places.toSorted((a, b) => a.from - b.from)) {
    const before = merged.at(-1)
    if (before !== undefined && from <= before.to) before.to = Math.max(before.to, to)
    else merged.push({ from, to })
  }
  return at => {
    let [low, high] = [0, merged.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((merged[middle]?.to ?? 0) < at) low = middle + 1
      else high = middle
    }
    return (merged[low]?.from ?? Number.MAX_SAFE_INTEGER) <= at
  }
}

/** A match is shorter than this. */
const OVERLAP_CHARS = 4_000
const REFUSES =
  /denied|authori[sz]ed|Authorization|forbidden|permission|privileges|lacks|missing|requires|needs|not allowed|40[013]/i

/** Places in a text of any length, part by part. */
function placesIn<T extends { readonly at: number; readonly end: number }>(
  text: string,
  find: (part: string) => readonly T[],
): readonly T[] {
  const found: T[] = []
  for (let from = 0; from < text.length; from += MAX_TEXT_CHARS) {
    const part = text.slice(from, from + MAX_TEXT_CHARS + OVERLAP_CHARS)
    if (!REFUSES.test(part)) continue
    for (const one of find(part))
      if (one.at < MAX_TEXT_CHARS) found.push({ ...one, at: one.at + from, end: one.end + from })
  }
  return found
}

const NOT_BEFORE = /[Nn]ot[^A-Za-z0-9]{1,60}$/
const PERFORM_AFTER = /^authorized[^A-Za-z0-9]{1,60}(?:to[^A-Za-z0-9]{1,60})?perform/

/** The word "authorized" of each sentence that may deny. */
function wordsIn(text: string): readonly number[] {
  const all: number[] = []
  for (let at = text.indexOf('authorized'); at !== -1; at = text.indexOf('authorized', at + 10))
    if (PERFORM_AFTER.test(text.slice(at, at + 150)) && NOT_BEFORE.test(text.slice(Math.max(0, at - 70), at)))
      all.push(at)
  return all
}

/** AWS's own sentence: "User: arn… is not authorized to perform: s3:CreateBucket on resource: …". */
function sentencesIn(text: string): readonly Place[] {
  const found: Place[] = []
  const words = wordsIn(text)
  let from = 0
  for (const [index, at] of words.entries()) {
    // A sentence begins behind the word of the one before it, so that every part of the text is read twice at most.
    const start = Math.max((words[index - 1] ?? -10) + 10, at - MAX_BEFORE_CHARS)
    const end = Math.min(words[index + 1] ?? text.length, at + MAX_AFTER_CHARS)
    const before = plain(text.slice(start, at))
    const stretch = before + plain(text.slice(at, end))
    const sentence = anyDeniedAt(stretch, before.length, 0)
    if (sentence === null) continue
    const begins = stretch.slice(0, sentence.start)
    const behind = stretch.slice(sentence.end, sentence.end + 200)
    const hasSubject = sentence.subject !== null || sentence.text.startsWith('User:')
    if (hasSubject ? isExample(begins, behind) : !isRefused(begins, behind)) continue
    const { action, resource, subject, reason, policyArn } = sentence
    const errorFrom = Math.max(from, at - MAX_BEFORE_CHARS)
    const place = {
      from: Math.max(from, errorFrom + Math.max(0, text.slice(errorFrom, at).lastIndexOf('\n\n'))),
      to: at + errorEnd(text.slice(at, at + NEAR_CHARS)),
      at,
    }
    const ofService =
      action === null && sentence.service !== null ? { service: sentence.service, operation: null } : null
    const call = refusedCall(errorBefore(plain(text.slice(errorFrom, at)))) ?? ofService
    const denial = {
      ...NOTHING,
      ...{
        action: action === null ? null : spelled(action),
        call,
        principal: subject,
        resource,
        policyArn,
        text: sentence.text,
      },
      ...layerOfReason(reason),
      ...(PUBLIC_ACCESS.test(behind) ? ({ layer: 'public-access', isExplicit: true } as const) : {}),
    }
    found.push({ ...place, denial })
    from = at + 10
  }
  return found
}

/** No policy of the caller helps: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
const PUBLIC_ACCESS =
  /\bbecause\s{1,9}public\s{1,9}(?:policies|ACLs)\s{1,9}are\s{1,9}(?:prevented|blocked)\s{1,9}by\s{1,9}the\s{1,9}BlockPublic/

/** A sentence without subject counts only beside a code of AWS, or where the log begins with it: what a plan prints has none. */
const isRefused = (before: string, behind: string): boolean =>
  before.trim() === '' ||
  /(?:AccessDenied|Unauthorized|API: )[^\n]{0,80}$/.test(before) ||
  /^[^\n]{0,80}(?:AccessDenied|Status Code: 403)/.test(behind)

/** What a test expects, a page explains or a plan prints is no denial. */
const isExample = (before: string, behind: string): boolean => {
  const line = before.slice(Math.max(before.lastIndexOf('\n') + 1, before.length - MAX_LINE_CHARS))
  return (
    EXPECTS.test(line) ||
    WRITTEN.test(line) ||
    /^["'`]?\s(?:to (?:be|have been) (?:thrown|raised)|was expected)\b/.test(behind)
  )
}
const EXPECTS =
  /\b(?:expect(?:s|ed|ing)?|assert\w{0,20}|should|toThrow\w{0,20}|toContain|toMatch\w{0,20}|toEqual|with_?raises|pytest\.raises|if you (?:see|get|receive)|when you (?:see|get)|you (?:may|might|will|could) (?:see|get)|for example|such as|looks like|troubleshoot\w{0,8}|example (?:error|message|output))\b[^\n]{0,160}$|\be\.g\.[^\n]{0,160}$/i
/** A comment, a command, and a value in code or in a plan. */
const WRITTEN =
  /^\s{0,40}(?:\/\/|#\s|<!--)|\becho\s{1,9}\\?["'`]$|\b[\w.-]{1,80}\s{1,40}=\s{1,9}(?:"[^"]{0,200}" -> )?\\?["'`]$/

/** A log without AWS's sentences that are examples. Each line keeps its number, and what stands before the sentence. */
export function withoutExamples(log: string): string {
  if (!log.includes(NOT_AUTHORIZED)) return log
  return log.split('\n').map(withoutExample).join('\n')
}
const NOT_AUTHORIZED = 'not authorized to perform'
const MAX_SAYING_CHARS = 2_000

function withoutExample(line: string): string {
  const at = line.indexOf(NOT_AUTHORIZED)
  if (at === -1 || line.length > MAX_SAYING_CHARS) return line
  const begins = line.lastIndexOf('User: ', at)
  const before = line.slice(0, begins === -1 ? at : begins)
  return isExample(plain(before), '') ? before : line
}

const ERROR_BEGINS =
  /Error: |An error occurred |\boperation error |\n\n(?!Serverless Error -)|\n[ \t]{0,9}\* |CREATE_FAILED|UPDATE_FAILED|DELETE_FAILED/g

function errorBefore(text: string): string {
  const near = text.slice(-900)
  const starts = [...near.matchAll(/\boperation error |An error occurred |\n\n|Call failed: /g)]
  return near.slice(starts.at(-1)?.index ?? 0)
}

/** `end`: of the refusal, in what is around it. */
function errorAround(text: string, at: number, end: number): { readonly around: string; readonly end: number } {
  const before = plain(text.slice(Math.max(0, at - 700), at))
  const behind = plain(text.slice(at, end + 1_500))
  const begins = [...(before + behind.slice(0, 20)).matchAll(ERROR_BEGINS)]
  const start = begins.findLast(({ index }) => index < before.length)?.index ?? 0
  return {
    around: before.slice(start) + behind.slice(0, end - at + errorEnd(behind.slice(end - at))),
    end: before.length - start + end - at,
  }
}

const MAX_LINE_CHARS = 400
function lineAround(text: string, at: number, end: number): string {
  const [before, behind] = [text.slice(Math.max(0, at - MAX_LINE_CHARS), at), text.slice(at, end + MAX_LINE_CHARS)]
  const stop = behind.indexOf('\n', end - at)
  return before.slice(before.lastIndexOf('\n') + 1) + (stop === -1 ? behind : behind.slice(0, stop))
}

/** The refusal is what a denial of ours says in other words, as of a service that may not assume a role. */
const isOfRole = (line: string): boolean => /role/i.test(line) && denialsIn(line).length > 0

/** One denial that is printed several times is one, at its first line. A refusal that names nothing says less than any other. */
function eachOnce(places: readonly Place[], text: string): readonly OtherDenial[] {
  const found = new Map<string, OtherDenial>()
  let [line, counted] = [1, 0]
  for (const { at, denial } of places.toSorted((a, b) => a.at - b.at)) {
    for (let end = text.indexOf('\n', counted); end !== -1 && end < at; end = text.indexOf('\n', counted)) {
      line += 1
      counted = end + 1
    }
    const { action, call, principal, resource } = denial
    const key = JSON.stringify(action === null ? [call] : [action, principal, resource])
    const before = found.get(key)
    const isClearer = before?.layer === 'unknown' && denial.layer !== 'unknown'
    if (before === undefined || isClearer) found.set(key, { ...denial, line: before?.line ?? line })
  }
  const distinct = [...found.values()]
  const all =
    distinct.length <= MAX_OTHER_DENIALS
      ? distinct
      : [...distinct.slice(0, MAX_OTHER_DENIALS - LAST_DENIALS), ...distinct.slice(-LAST_DENIALS)]
  const named = all.filter(isNamed)
  return named.length > 0 ? named : all
}

/** True where the text says what was refused, and not only that something was. */
export const isNamed = ({ action, call }: Pick<OtherDenial, 'action' | 'call'>): boolean =>
  action !== null || (call !== null && call.operation !== null)
