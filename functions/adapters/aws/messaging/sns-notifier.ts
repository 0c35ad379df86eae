/**
 * Publishes notices through SNS: one line for a phone, text for e-mail, JSON for programs.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */

import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import { neutralText } from '../../../../core/base/index.ts'
import type { Notice } from '../../../domain/messages/index.ts'
import type { Notifier } from '../../../ports/notifier.ts'

/** SNS requires less than 100 characters of printable ASCII, not empty, without line breaks. */
const SUBJECT_CHARS = 99
const MESSAGE_BYTES = 262_144
const TEXT_BYTES = 32_768
/** The size of one SMS. */
const SMS_BYTES = 140

export function snsNotifier({
  client,
  topicArn,
}: {
  readonly client: Pick<SNSClient, 'send'>
  readonly topicArn: string
}): Notifier {
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
    ...forPrograms(JSON.stringify({ schema: schemaOf(detail), cut: true })),
  }
  return { Subject: asciiSubject(subject), Message: fits ? Message : JSON.stringify(short), MessageStructure: 'json' }
}

/** Programs get the documented JSON instead of the text. */
function forPrograms(json: string): { readonly [protocol: string]: string } {
  return { sqs: json, lambda: json, http: json, https: json, firehose: json, 'email-json': json }
}

const schemaOf = (detail: object): string =>
  'schema' in detail && typeof detail.schema === 'string' ? detail.schema.slice(0, 100) : 'rolemedic.notice/1'

function asciiSubject(text: string): string {
  const ascii = neutralText(text)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?')
  const bounded = ascii.length > SUBJECT_CHARS ? `${ascii.slice(0, SUBJECT_CHARS - 3)}...` : ascii
  return /[!-~]/.test(bounded) ? bounded : 'rolemedic'
}

/** Truncates between characters: drops what is left of a split character. */
function withinBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return text
  const ellipsis = '…'
  return `${bytes.toString('utf8', 0, limit - Buffer.byteLength(ellipsis)).replace(/\ufffd+$/, '')}${ellipsis}`
}
