import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { mockClient } from 'aws-sdk-client-mock'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { message, snsNotifier } from '../../functions/adapters/aws/messaging/sns-notifier.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'

const notice = { subject: 'deployer was denied', text: 'line one\nline two', detail: { schema: 'rolemedic.notice/1' } }
const bodies = (given: Parameters<typeof message>[0]) =>
  JSON.parse(message(given).Message) as { [protocol: string]: string }

describe('a notice', () => {
  it('is published to the topic, with text for people and JSON for programs', async () => {
    const sns = mockClient(SNSClient)
    sns.on(PublishCommand).resolves({})
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:rolemedic'
    await snsNotifier({ client: new SNSClient(), topicArn }).publish(notice)
    const input = sns.commandCalls(PublishCommand)[0]?.args[0].input
    expect(input).toMatchObject({ TopicArn: topicArn, Subject: 'deployer was denied', MessageStructure: 'json' })
    const parts = JSON.parse(input?.Message ?? '') as { [protocol: string]: string }
    expect(parts['email']).toBe('line one\nline two')
    expect(parts['sms']).toBe('deployer was denied')
    expect(JSON.parse(parts['lambda'] ?? '')).toEqual({ schema: 'rolemedic.notice/1' })
    sns.restore()
  })

  it('has a subject in ASCII: accents fall, other signs become question marks, line breaks become spaces', () => {
    expect(message({ ...notice, subject: 'Größe – 役\nrole' }).Subject).toBe('Gro?e ? ? role')
  })

  it('has a subject also when nothing of it is ASCII, and cuts one of 100 characters, which is one too many', () => {
    expect(message({ ...notice, subject: '' }).Subject).toBe('rolemedic')
    expect(message({ ...notice, subject: `${'a'.repeat(100)}` }).Subject).toBe(`${'a'.repeat(96)}...`)
  })

  it('sends a short form when the whole would be above what SNS takes', () => {
    const parts = bodies({ ...notice, detail: { much: 'x'.repeat(60_000) } })
    expect(JSON.parse(parts['sqs'] ?? '')).toEqual({ schema: 'rolemedic.notice/1', cut: true })
    expect(parts['default']).toContain('line one')
  })

  it('is within the limits of SNS whatever it says', () => {
    const text = fc.oneof(
      fc.string({ unit: ANY_CHAR, maxLength: 400 }),
      fc.constantFrom('x'.repeat(300_000), '役'.repeat(90_000), '👩‍🚀'.repeat(30_000)),
    )
    fc.assert(
      fc.property(text, text, text, (subject, words, detail) => {
        const { Subject, Message } = message({ subject, text: words, detail: { detail } })
        expect(Subject).toMatch(/^[\x20-\x7e]{1,100}$/)
        expect(Buffer.byteLength(Message)).toBeLessThanOrEqual(262_144)
        expect(Buffer.byteLength((JSON.parse(Message) as { sms?: string }).sms ?? '')).toBeLessThanOrEqual(140)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 30) },
    )
  })
})
