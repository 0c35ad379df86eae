import { describe, expect, it } from 'vitest'
import {
  buttonValue,
  formOrigin,
  isPressedOn,
  parseButtonValue,
  parseFormOrigin,
} from '../../../functions/domain/proposal/click.ts'

const DIGEST = `sha256:${'a1'.repeat(32)}`
const AT = { channel: 'C0DEPLOYS', ts: '1795521600.000100' }

describe('the value of a button', () => {
  it('names the proposal and its content, and the card if that is another’s', () => {
    expect(buttonValue('p-1', DIGEST)).toBe(`p-1:${DIGEST}`)
    expect(buttonValue('p-1', DIGEST, 'p-1')).toBe(`p-1:${DIGEST}`)
    expect(buttonValue('p-1', DIGEST, 'p-2')).toBe(`p-1:${DIGEST}:p-2`)
  })

  it('is read as it was written', () => {
    expect(parseButtonValue(`p-1:${DIGEST}`)).toEqual({ proposalId: 'p-1', digest: DIGEST, cardOf: 'p-1' })
    expect(parseButtonValue(`p-1:${DIGEST}:p-2`)).toEqual({ proposalId: 'p-1', digest: DIGEST, cardOf: 'p-2' })
  })

  it.each([
    ['nothing', ''],
    ['no digest', 'p-1'],
    ['another algorithm', `p-1:md5:${'a1'.repeat(32)}`],
    ['a digest that is too short', `p-1:sha256:${'a1'.repeat(31)}`],
    ['no proposal', `:${DIGEST}`],
    ['a proposal that is no id', `p 1:${DIGEST}`],
    ['an id that is too long', `${'p'.repeat(65)}:${DIGEST}`],
    ['a card that is no id', `p-1:${DIGEST}:p 2`],
    ['an empty card', `p-1:${DIGEST}:`],
    ['a part more', `p-1:${DIGEST}:p-2:x`],
  ])('is not read with %s', (_, value) => {
    expect(parseButtonValue(value)).toBeNull()
  })
})

describe('what a form carries', () => {
  const VALUE = `p-1:${DIGEST}`
  const target = { proposalId: 'p-1', digest: DIGEST, cardOf: 'p-1' }

  it('is the button’s value and the message', () => {
    const text = formOrigin(VALUE, AT)
    expect(text).toBe(`${VALUE} C0DEPLOYS 1795521600.000100`)
    expect(parseFormOrigin(text)).toStrictEqual({ ...target, at: AT })
    const inThread = { ...AT, threadTs: '1795521500.000200' }
    expect(parseFormOrigin(formOrigin(VALUE, inThread))).toEqual({ ...target, at: inThread })
  })

  it.each([
    ['no value', ` ${AT.channel} ${AT.ts}`],
    ['a value that is no button’s', `x ${AT.channel} ${AT.ts}`],
    ['no channel', `${VALUE}  ${AT.ts}`],
    ['a channel that is none', `${VALUE} general ${AT.ts}`],
    ['no message', `${VALUE} ${AT.channel} `],
    ['a message that is none', `${VALUE} ${AT.channel} now`],
    ['a thread that is none', `${VALUE} ${AT.channel} ${AT.ts} x`],
    ['a part more', `${VALUE} ${AT.channel} ${AT.ts} ${AT.ts} x`],
  ])('is not read with %s', (_, text) => {
    expect(parseFormOrigin(text)).toBeNull()
  })

  it('says nothing of a message that the payload does not name', () => {
    expect(parseFormOrigin(formOrigin(VALUE, { channel: null, ts: null }))).toBeNull()
  })
})

describe('a press', () => {
  it('counts only from the card', () => {
    expect(isPressedOn(AT, AT)).toBe(true)
    expect(isPressedOn(AT, { ...AT, channel: 'C0OTHER' })).toBe(false)
    expect(isPressedOn(AT, { ...AT, ts: '1795521600.000101' })).toBe(false)
    expect(isPressedOn(AT, { channel: null, ts: null })).toBe(false)
    expect(isPressedOn(null, AT)).toBe(false)
  })
})
