/** The denial at one position of any text: its sentence, and what the surrounding text adds. */
import { actionNamed, descriptorOf } from '../../actions/index.ts'
import { serviceOfLinkedRole } from '../../iam/index.ts'
import { isAskedFor } from '../asked-for.ts'
import type { Denial } from '../denial.ts'
import { callAround, NO_CALL } from './call-from-text.ts'
import { PANEL_WORD, panelAt } from './console-panel.ts'
import { DECODED_WORDS, type Decoded, decodedAt } from './decoded-text.ts'
import { denialFromMessage } from './denial-from-message.ts'
import {
  type DenialSentence,
  deniedAt,
  fixedAt,
  NOTHING_NAMED,
  REASON_WORD,
  reasonAt,
  sentenceText,
} from './message-grammar.ts'
import { OTHER_WORDS, otherSentenceAt } from './other-sentences.ts'
import { roleInTextAt } from './role-in-sentence.ts'
import { principalOfCall, servicePrincipal } from './service-names.ts'
import { serviceTrustAt, TRUST_WORDS } from './service-trust.ts'
import { givenRoleAround, hintsAround, NO_TEXT_HINTS } from './text-hints.ts'

/** Every sentence that is recognized contains at least one of these words. */
export const DENIAL_WORDS: readonly string[] = [
  ...new Set([
    'authorized',
    'role is not allowed',
    'by root accounts',
    PANEL_WORD,
    REASON_WORD,
    ...TRUST_WORDS,
    ...OTHER_WORDS,
    ...DECODED_WORDS,
  ]),
]

/** The position of a keyword, and the earliest start of its sentence. */
export type KeywordPlace = { readonly at: number; readonly from: number; readonly word: string }

/** Alibaba Cloud has a service of the same name with the same sentence: https://github.com/aliyun/aliyun-sts-go-sdk/blob/master/sts/sts_test.go */
const OF_ALIBABA = /aliyun|alibaba/i
const NEAR_CHARS = 300

/** Null for a caller without a name as well: nobody signed the request, so that no policy of a caller was asked. */
export function denialAt(text: string, place: KeywordPlace): Denial | null {
  const { at, from, word } = place
  if (DECODED_WORDS.some(one => one === word)) return fromDecoded(decodedAt(text, at))
  const isFixed = word.startsWith('role is') || word.startsWith('by root')
  if (isFixed && OF_ALIBABA.test(text.slice(Math.max(0, at - NEAR_CHARS), at + NEAR_CHARS))) return null
  if (word === REASON_WORD) {
    const reason = reasonAt(text, at)
    return reason === null ? null : bySentence(text, reason, from)
  }
  const isPanel = word === PANEL_WORD
  const sentence = isFixed ? fixedAt(text, at) : isPanel ? panelAt(text, at) : deniedAt(text, at, from)
  if (sentence !== null) return bySentence(text, sentence, from)
  return byService(text, place) ?? inOtherWords(text, place)
}

function bySentence(text: string, sentence: DenialSentence, from: number): Denial {
  const { start, end } = sentence
  const subject = sentence.subject === null ? null : (servicePrincipal(sentence.subject) ?? sentence.subject)
  return denialFromMessage(
    { ...sentence, subject },
    callAround(text, { start, end, from }),
    hintsAround(text, start, end),
  )
}

function byService(text: string, { at, from }: KeywordPlace): Denial | null {
  const trust = serviceTrustAt(text, at)
  if (trust === null || isAskedFor(text, trust.start, trust.end)) return null
  const { start, end, resource, unread } = trust
  const call = callAround(text, { start, end, from })
  const subject = trust.service ?? principalOfCall(call)
  if (subject === null && !trust.isService) return null
  const sentence = sentenceOf(text, { action: 'sts:AssumeRole', subject, resource, unread, start, end })
  const denial = denialFromMessage(sentence, call, {
    ...hintsAround(text, start, end),
    roleBeside: givenRoleAround(text, start, end),
    linkedService: pickedLinkedRole(resource),
  })
  return subject === null ? { ...denial, principal: { ...denial.principal, kind: 'service' } } : denial
}

/**
 * The service of a service-linked role that the speaker picks by itself and cannot assume: then it is missing. Null for a role
 * that a call may have given.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_service-with-iam.html
 */
function pickedLinkedRole(resource: string | null): string | null {
  const service = serviceOfLinkedRole(resource)
  return service?.endsWith('.application-autoscaling.amazonaws.com') === true ? service : null
}

function inOtherWords(text: string, { at, from }: KeywordPlace): Denial | null {
  const other = otherSentenceAt(text, at)
  if (other === null || isAskedFor(text, other.start, other.end)) return null
  const { start, end } = other
  const call = callAround(text, { start, end, from })
  const linkedService =
    other.linkedService ?? (descriptorOf(other.action).serviceKey === 'iam:AWSServiceName' ? call.eventSource : null)
  const denial = denialFromMessage(sentenceOf(text, other), call, { ...hintsAround(text, start, end), linkedService })
  return other.isService ? { ...denial, principal: { ...denial.principal, kind: 'service' } } : denial
}

function sentenceOf(
  text: string,
  sentence: Pick<DenialSentence, 'action' | 'subject' | 'resource' | 'unread' | 'start' | 'end'>,
): DenialSentence {
  const { action, subject, resource, unread, start, end } = sentence
  return {
    ...NOTHING_NAMED,
    action,
    subject,
    resource,
    unread,
    reason: 'none-given',
    start,
    end,
    text: sentenceText(text.slice(beginningOf(text, start), end)),
  }
}

const MAX_WORDS_CHARS = 160

/** These sentences are found by their middle: what goes before belongs to it, from a mark that ends something else or a whole word. */
function beginningOf(text: string, start: number): number {
  const before = text.slice(Math.max(0, start - MAX_WORDS_CHARS), start)
  const marks = ['. ', ': ', '\n', '"', '`', '>', '|', '( '].map(mark => {
    const at = before.lastIndexOf(mark)
    return at < 0 ? 0 : at + mark.length
  })
  const isCut = start > before.length && !/\s/.test(text[start - before.length - 1] ?? ' ')
  const rest = isCut ? (/^\S{1,40} /.exec(before)?.[0].length ?? 0) : 0
  return start - before.length + Math.max(rest, ...marks)
}

/** Null when another action was denied. */
export function fromDecoded(decoded: Decoded | null): Denial | null {
  const action = actionNamed(decoded?.action)
  if (decoded === null || action === null) return null
  const { resource, unread } =
    decoded.resource === null ? NOTHING_NAMED : roleInTextAt(decoded.resource, 0, decoded.resource.length)
  const sentence: DenialSentence = {
    ...NOTHING_NAMED,
    action,
    subject: decoded.principal,
    resource,
    unread,
    reason: decoded.explicitDeny ? 'explicit-deny' : 'none-given',
    text: `The decoded message denies ${action}${decoded.resource === null ? '' : ` on ${decoded.resource}`} to ${decoded.principal ?? 'its caller'}.`,
    start: 0,
    end: 0,
  }
  const denial = denialFromMessage(sentence, NO_CALL, NO_TEXT_HINTS)
  const region = decoded.evaluation?.context['aws:region'] ?? decoded.evaluation?.context['aws:requestedregion']
  return {
    ...denial,
    region: region?.state === 'present' ? (region.values[0] ?? null) : null,
    awsEvaluation: decoded.evaluation,
    context: { ...denial.context, ...decoded.evaluation?.context },
  }
}
