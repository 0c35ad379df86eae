import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnoseWith } from '../../cli/commands/diagnose.ts'
import { type Fact, known, unknown } from '../../core/base/fact.ts'
import type { AwsEvaluation } from '../../core/denial/denial.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import { memoryIo } from './memory-io.ts'

const read = (name: string) => readFileSync(resolve(import.meta.dirname, '../../events', name), 'utf8')
const record = JSON.parse(read('ec2-run-instances-encoded-only.json')) as { readonly errorMessage: string }
const encoded = (members: object = {}) => JSON.stringify({ ...record, ...members })

const passRole: AwsEvaluation = {
  source: 'decoded-message',
  allowed: false,
  explicitDeny: false,
  action: 'iam:PassRole',
  resource: 'arn:aws:iam::111122223333:role/app/web-instance',
  matchedStatements: [],
  policies: [],
  context: { 'iam:passedtoservice': { state: 'present', values: ['ec2.amazonaws.com'] } },
}

/** With credentials of the account, decoding returns `answer`. */
async function live(stdin: string, answer: Fact<AwsEvaluation>, args: readonly string[] = ['--json']) {
  const asked: string[] = []
  const regions: (string | null)[] = []
  const io = memoryIo({ stdin })
  const files = [{ name: 'account', text: read('accounts/orders-dev.json') }]
  const command = diagnoseWith(async (_, region) => {
    regions.push(region)
    return {
      reader: snapshotReader({ files }),
      given: null,
      explanations: {
        decode: async accountId => {
          asked.push(accountId)
          return answer
        },
        authorizationDetails: async () => unknown('not asked for here'),
      },
      stats: () => ({ calls: 1, depth: 1, ms: 1 }),
    }
  })
  const code = await command.run(['-', '--live', ...args], io)
  return { code, asked, regions, ...io.captured }
}

describe('rolemedic diagnose --live on EC2’s older form', () => {
  it('decodes the message and diagnoses its denial', async () => {
    const { code, asked, regions, out, err } = await live(encoded(), known(passRole))
    expect(err).toEqual([])
    expect(code).toBe(0)
    expect(asked).toEqual(['111122223333'])
    expect(regions).toEqual(['eu-west-1'])
    const output = JSON.parse(out)
    expect(output.denial).toMatchObject({
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/app/web-instance',
      principal: { roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy' },
      call: { eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances' },
      encodedMessage: true,
    })
    expect(output.diagnosis.cause).toBe('identity-gap')
  })

  it('says what was denied if it is not a role', async () => {
    const { code, out, err } = await live(encoded(), known({ ...passRole, action: 'ec2:RunInstances' }))
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toEqual([expect.stringContaining('ec2:RunInstances was denied, which is no role')])
  })

  it('reports a truncated message without asking AWS', async () => {
    const cut = { errorMessage: `${record.errorMessage.slice(0, 200)}...` }
    const { code, asked, out, err } = await live(encoded(cut), known(passRole))
    expect({ code, asked, err }).toEqual({ code: 0, asked: [], err: [] })
    expect(out).toContain('Copy the whole error from the terminal')
    expect(out).toContain('"says":"The encoded message is cut off')
  })

  it('says why a message could not be decoded, and which account made it', async () => {
    const { code, out, err } = await live(encoded(), unknown('the encoded message is damaged or cut off'))
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toEqual([
      expect.stringMatching(
        /: 1 encoded message was not decoded: .* damaged or cut off \(account 111122223333 made it\)$/,
      ),
    ])
  })

  it('diagnoses the other denials of a file, and counts the undecoded messages', async () => {
    const lines = [
      encoded(),
      encoded({ eventID: 'second' }),
      JSON.stringify(JSON.parse(read('ec2-run-instances.json'))),
    ]
    const { code, out, err } = await live(lines.join('\n'), unknown('no permission'))
    expect(code).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(1)
    expect(err[0]).toMatch(/2 encoded messages were not decoded: no permission/)
  })

  it('decodes at most 100', async () => {
    const lines = Array.from({ length: 101 }, (_, index) => encoded({ eventID: `event-${index}` }))
    const { asked, err } = await live(lines.join('\n'), unknown('no permission'))
    expect(asked).toHaveLength(100)
    expect(err.at(-1)).toMatch(/101 encoded messages were not decoded: .*at most 100 are decoded per run/)
  })
})
