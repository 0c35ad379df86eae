/**
 * Notices through SNS: a line for a phone, a text for an e-mail, JSON for programs.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import { neutralText } from '../core/neutral-text.ts'
import type { Notice, Notices } from '../core/ports.ts'

/** Printable ASCII, not empty, no line break. */
const SUBJECT_CHARS = 100
const MESSAGE_BYTES = 262_144
const TEXT_BYTES = 32_768
/** One SMS. */
const SMS_BYTES = 140

export function snsNotices({
  client,
  topicArn,
}: {
  readonly client: Pick<SNSClient, 'send'>
  readonly topicArn: string
}): Notices {
  return {
    async publish(notice) {
      await client.send(new PublishCommand({ TopicArn: topicArn, ...message(notice) }))
    },
  }
}

export function message({ subject, text, detail }: Notice): {
  Subject: string
  Message: string
  MessageStructure: 'json'
} {
  const lines = text
    .split('\n')
    .map(line => neutralText(line))
    .join('\n')
  const words = withinBytes(lines === '' ? subject : lines, TEXT_BYTES)
  const full = {
    default: words,
    email: words,
    sms: withinBytes(neutralText(subject), SMS_BYTES),
    ...forPrograms(JSON.stringify(detail)),
  }
  const Message = JSON.stringify(full)
  const fits = Buffer.byteLength(Message) <= MESSAGE_BYTES
  const short = {
    default: withinBytes(words, TEXT_BYTES / 8),
    ...forPrograms(JSON.stringify({ schema: 'rolemedic.notice/1', cut: true })),
  }
  return { Subject: asciiSubject(subject), Message: fits ? Message : JSON.stringify(short), MessageStructure: 'json' }
}

/** Subscribers that are programs get the documented JSON instead of the text. */
function forPrograms(json: string): { readonly [protocol: string]: string } {
  return { sqs: json, lambda: json, http: json, https: json, firehose: json, 'email-json': json }
}

function asciiSubject(text: string): string {
  const ascii = neutralText(text)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?')
  const bounded = ascii.length > SUBJECT_CHARS ? `${ascii.slice(0, SUBJECT_CHARS - 3)}...` : ascii
  return /[!-~]/.test(bounded) ? bounded : 'rolemedic'
}

/** Cut between characters, never inside one. */
function withinBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text
  let end = Math.min(text.length, limit)
  while (Buffer.byteLength(text.slice(0, end)) > limit - 3)
    end -= Math.ceil((Buffer.byteLength(text.slice(0, end)) - limit + 3) / 4)
  const cut = text.slice(0, end)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
