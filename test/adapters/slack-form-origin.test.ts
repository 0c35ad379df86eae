import { describe, expect, it } from 'vitest'
import { formOrigin, parseFormOrigin } from '../../functions/adapters/slack/form-origin.ts'

const DIGEST = `sha256:${'a1'.repeat(32)}`
const AT = { conversation: 'C0DEPLOYS', message: '1795521600.000100' }

describe('what a form carries', () => {
  const VALUE = `p-1:${DIGEST}`
  const target = { proposalId: 'p-1', digest: DIGEST, cardOf: 'p-1' }

  it('is the button’s value and the message', () => {
    const text = formOrigin(VALUE, AT)
    expect(text).toBe(`${VALUE} C0DEPLOYS 1795521600.000100`)
    expect(parseFormOrigin(text)).toStrictEqual({ ...target, at: AT })
    const inThread = { ...AT, thread: '1795521500.000200' }
    expect(parseFormOrigin(formOrigin(VALUE, inThread))).toEqual({ ...target, at: inThread })
  })

  it.each([
    ['no value', ` ${AT.conversation} ${AT.message}`],
    ['a value that is no button’s', `x ${AT.conversation} ${AT.message}`],
    ['no channel', `${VALUE}  ${AT.message}`],
    ['a channel that is none', `${VALUE} general ${AT.message}`],
    ['no message', `${VALUE} ${AT.conversation} `],
    ['a message that is none', `${VALUE} ${AT.conversation} now`],
    ['a thread that is none', `${VALUE} ${AT.conversation} ${AT.message} x`],
    ['a part more', `${VALUE} ${AT.conversation} ${AT.message} ${AT.message} x`],
  ])('is not read with %s', (_, text) => {
    expect(parseFormOrigin(text)).toBeNull()
  })

  it('says nothing of a message that the payload does not name', () => {
    expect(parseFormOrigin(formOrigin(VALUE, { conversation: null, message: null }))).toBeNull()
  })
})
