import { describe, expect, it } from 'vitest'
import { redact, safeText } from '../../functions/adapters/aws/observability/redact.ts'

describe('what goes into a log', () => {
  it('keeps ids, digests, numbers and words', () => {
    const fields = {
      proposalId: 'p-1',
      digest: `sha256:${'ab'.repeat(32)}`,
      arn: 'arn:aws:iam::111122223333:role/deployer',
      attempt: 2,
      first: true,
      none: null,
    }
    expect(redact(fields)).toEqual(fields)
  })

  it('writes no value under a name that says secret', () => {
    expect(redact({ slackToken: 'abc', externalId: 'e-1', signingSecret: 'x' })).toEqual({
      slackToken: '(not logged)',
      externalId: '(not logged)',
      signingSecret: '(not logged)',
    })
  })

  it('takes tokens, access keys and encoded messages out of any text', () => {
    expect(safeText(`failed with xoxb-12-34-abc for ${'AKIA'}ABCDEFGHIJKLMNOP`)).toBe(
      'failed with (not logged) for (not logged)',
    )
    expect(safeText(`Encoded authorization failure message: ${'A1b_'.repeat(100)}`)).toBe(
      'Encoded authorization failure message: (not logged)',
    )
  })

  it('cuts what is long', () => {
    expect(safeText('word '.repeat(200))).toHaveLength(501)
  })
})
