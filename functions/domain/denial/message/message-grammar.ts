import { ACTIONS, actionNamed, type DeniedAction } from '../../actions/actions.ts'
import type { DenialReason } from '../denial.ts'
import { readReason } from './message-reason.ts'

/**
 * The sentences in which AWS denies, wherever they stand in a longer text. The input is neutral text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export type DenialSentence = {
  readonly action: DeniedAction
  /** Whoever was denied, as the text names them: an ARN, a service, `anonymous`. */
  readonly subject: string | null
  /** An ARN as AWS named it. `*`, `role NAME` and texts with the ARN cut out give null: a bare name does not give the path. */
  readonly resource: string | null
  readonly reason: DenialReason
  readonly policyArn: string | null
  readonly authorizationId: string | null
  readonly region: string | null
  readonly encodedMessage: { readonly blob: string; readonly cut: boolean } | null
  /** The sentence from its subject to its end, without the encoded blob. */
  readonly text: string
}

export type ReadMessage =
  | { readonly kind: 'ours'; readonly sentence: DenialSentence }
  /** A denial of something else; its action where it is named. */
  | { readonly kind: 'other'; readonly action: string }
  /** EC2's older form: the action is inside the encoded message alone. */
  | { readonly kind: 'encoded-only'; readonly encoded: { readonly blob: string; readonly cut: boolean } }
  | { readonly kind: 'none' }

const DENIED = /(is )?[Nn]ot authorized to perform ?:? ?([A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128})/g
const ENCODED = /Encoded (?:authorization failure message|failure): ?"?([A-Za-z0-9_-]+)(\.\.\.|…)?/i
const AUTHORIZATION = /(?:authorization-details\/|authorization id: ?)([0-9A-Za-z]{8,64})/
const CONSOLE_REGION = /console\.[a-z0-9.]{1,60}\/iam\/home\?region=([a-z0-9-]{2,30})#/
const ARN = /^["'`\\]{0,3}(arn:(?:<[^<>]{1,60}>|\$\{[^{}]{1,60}\}|[^\s"'`()\\])+)/
/** An ARN of a role or session is shorter than this. */
const MAX_NAME_CHARS = 700
const MAX_SENTENCE_CHARS = 1_024

export function readMessage(text: string): ReadMessage {
  const denials = [...text.matchAll(DENIED)]
  const mine = denials.find(match => actionNamed(match[2]) !== null)
  const fixed = fixedForm(text)
  if (fixed !== null && (mine === undefined || fixed.at < mine.index)) return { kind: 'ours', sentence: fixed.sentence }
  if (mine !== undefined) {
    const next = denials.find(match => match.index > mine.index)
    return { kind: 'ours', sentence: sentenceAt(text, mine, next?.index ?? text.length) }
  }
  const other = denials[0]?.[2]
  if (other !== undefined) return { kind: 'other', action: other }
  const encoded = encodedIn(text)
  return encoded === null ? { kind: 'none' } : { kind: 'encoded-only', encoded }
}

function sentenceAt(text: string, match: RegExpExecArray, end: number): DenialSentence {
  const action = actionNamed(match[2])
  if (action === null) throw new TypeError('not an action of ours')
  const subject = match[1] === undefined ? null : subjectBefore(text.slice(Math.max(0, match.index - 800), match.index))
  const after = text.slice(match.index + match[0].length, end)
  const { resource, tail } = resourceIn(after)
  const { reason, policyArn } = readReason(tail)
  const start = subject === null ? match.index : startOf(text, subject, match.index)
  return {
    action,
    subject,
    resource,
    reason,
    policyArn,
    authorizationId: AUTHORIZATION.exec(tail)?.[1] ?? null,
    region: CONSOLE_REGION.exec(tail)?.[1] ?? null,
    encodedMessage: encodedIn(tail),
    text: withoutBlob(text.slice(start, end)),
  }
}

/** Where the sentence begins: with the `User:` before its subject, as AWS wrote it. */
function startOf(text: string, subject: string, end: number): number {
  const at = Math.max(0, text.lastIndexOf(subject, end))
  return at - (/User: ?["'`]{0,3}$/.exec(text.slice(Math.max(0, at - 9), at))?.[0].length ?? 0)
}

/** What stands before "is not authorized": after `User:`, else the last word. RichText that name nobody give null. */
function subjectBefore(before: string): string | null {
  const user = before.lastIndexOf('User:')
  const afterUser = user === -1 ? null : before.slice(user + 5).trim()
  const named =
    afterUser !== null && !/ not authorized |[.;]\s+[A-Za-z]/.test(afterUser)
      ? afterUser
      : (/([^\s"'`(]+)["'`)]*\s*$/.exec(before)?.[1] ?? '')
  const subject = named.trim().replace(/^["'`(]+|["'`)]+$/g, '')
  if (subject === '' || subject === 'User' || /^[.…*?]+$/.test(subject)) return null
  return subject.length > MAX_NAME_CHARS ? null : subject
}

function resourceIn(after: string): { readonly resource: string | null; readonly tail: string } {
  const on = /^\s?on (?:(?:the )?resource ?: ?|resource )?/i.exec(after)
  if (on === null) return { resource: null, tail: after }
  const rest = after.slice(on[0].length)
  const arn = ARN.exec(rest)
  if (arn !== null) return arnResource(rest, arn)
  const reasonAt = rest.search(/ because (?:no|the) | with an explicit deny|\. (?:Go to|Encoded) | \(Service: /)
  const stop = reasonAt === -1 ? (/^"?[^\s"]*"?/.exec(rest)?.[0].length ?? 0) : reasonAt
  return { resource: null, tail: rest.slice(stop) }
}

function arnResource(rest: string, arn: RegExpExecArray): { readonly resource: string | null; readonly tail: string } {
  const whole = arn[1] ?? ''
  // A sentence's full stop, a list's comma: none of these ends a role name that people use.
  const resource = whole.replace(/[.,;:]+$/, '')
  const tail = rest.slice(arn[0].length).replace(/^["'`\\]+/, '')
  const cut = whole.endsWith('...') || whole.endsWith('…')
  return { resource: cut || resource.length > MAX_NAME_CHARS ? null : resource, tail }
}

function encodedIn(text: string): { readonly blob: string; readonly cut: boolean } | null {
  const match = ENCODED.exec(text)
  if (match === null) return null
  return { blob: match[1] ?? '', cut: match[2] !== undefined }
}

function withoutBlob(text: string): string {
  return text
    .replace(new RegExp(ENCODED, 'gi'), 'Encoded authorization failure message: (left out)')
    .slice(0, MAX_SENTENCE_CHARS)
    .trim()
}

/** Denials that name neither an action nor anybody. */
function fixedForm(text: string): { readonly at: number; readonly sentence: DenialSentence } | null {
  const found = ACTIONS.flatMap(({ name, message }) =>
    message.fixed.flatMap(({ text: form, reason }) => {
      const match = form.exec(text)
      return match === null ? [] : [{ action: name, reason, at: match.index, said: match[0] }]
    }),
  )
  const [first] = found.sort((a, b) => a.at - b.at)
  if (first === undefined) return null
  const sentence: DenialSentence = {
    action: first.action,
    subject: null,
    resource: null,
    reason: first.reason,
    policyArn: null,
    authorizationId: null,
    region: null,
    encodedMessage: null,
    text: first.said,
  }
  return { at: first.at, sentence }
}
