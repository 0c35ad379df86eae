import { describe, expect, it } from 'vitest'
import { answerPlace } from '../../../functions/domain/messages/index.ts'
import { buttonValue, isPressedOn, parseButtonValue } from '../../../functions/domain/proposal/click.ts'

const DIGEST = `sha256:${'a1'.repeat(32)}`
const AT = { conversation: 'C0DEPLOYS', message: '1795521600.000100' }

describe('the value of a button', () => {
  it('names the proposal and its content, and the card if that is another’s', () => {
    expect(buttonValue('p-1', DIGEST)).toBe(`p-1:${DIGEST}`)
    expect(buttonValue('p-1', DIGEST, { cardOf: 'p-1' })).toBe(`p-1:${DIGEST}`)
    expect(buttonValue('p-1', DIGEST, { cardOf: 'p-2' })).toBe(`p-1:${DIGEST}:p-2`)
    expect(buttonValue('p-1', DIGEST, { hours: 8 })).toBe(`p-1:${DIGEST}@8`)
    expect(buttonValue('p-1', DIGEST, { cardOf: 'p-2', hours: null })).toBe(`p-1:${DIGEST}:p-2@0`)
  })

  it('is read as it was written', () => {
    expect(parseButtonValue(`p-1:${DIGEST}`)).toEqual({ proposalId: 'p-1', digest: DIGEST, cardOf: 'p-1' })
    expect(parseButtonValue(`p-1:${DIGEST}:p-2`)).toEqual({ proposalId: 'p-1', digest: DIGEST, cardOf: 'p-2' })
    const timed = { proposalId: 'p-1', digest: DIGEST, cardOf: 'p-2' }
    expect(parseButtonValue(`p-1:${DIGEST}:p-2@8`)).toEqual({ ...timed, hours: 8 })
    expect(parseButtonValue(`p-1:${DIGEST}:p-2@0`)).toEqual({ ...timed, hours: null })
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
    ['a time that is none', `p-1:${DIGEST}@8h`],
    ['an empty time', `p-1:${DIGEST}@`],
    ['two times', `p-1:${DIGEST}@8@9`],
  ])('is not read with %s', (_, value) => {
    expect(parseButtonValue(value)).toBeNull()
  })
})

describe('a press', () => {
  it('counts only from the card', () => {
    expect(isPressedOn(AT, AT)).toBe(true)
    expect(isPressedOn(AT, { ...AT, conversation: 'C0OTHER' })).toBe(false)
    expect(isPressedOn(AT, { ...AT, message: '1795521600.000101' })).toBe(false)
    expect(isPressedOn(AT, { conversation: null, message: null })).toBe(false)
    expect(isPressedOn(null, AT)).toBe(false)
  })

  it('is answered where it was pressed, and at the card if the payload names no place', () => {
    const inThread = { ...AT, thread: '1795521500.000200' }
    expect(answerPlace(AT, null)).toEqual({ conversation: 'C0DEPLOYS' })
    expect(answerPlace(inThread, null)).toEqual({ conversation: 'C0DEPLOYS', thread: '1795521500.000200' })
    expect(answerPlace({ conversation: null, message: null }, inThread)).toEqual({
      conversation: 'C0DEPLOYS',
      thread: '1795521500.000200',
    })
    expect(answerPlace({ conversation: null, message: null }, null)).toBeNull()
  })
})
