import { describe, expect, it } from 'vitest'
import {
  answeredBy,
  cardOnRecord,
  chatPlaceOf,
  isInThread,
  recordedCard,
} from '../../../functions/domain/messages/posted-card.ts'

// As another chat might name them.
const CARD = { conversation: '19:abc@thread.tacv2', message: '1616990032035' }
const IN_THREAD = { ...CARD, thread: '1616965872395' }

describe('a posted card', () => {
  it('is recorded under the names of the first chat, and read back, whatever chat it is in', () => {
    expect(recordedCard(CARD)).toStrictEqual({ channel: '19:abc@thread.tacv2', ts: '1616990032035' })
    expect(recordedCard(IN_THREAD)).toStrictEqual({
      channel: '19:abc@thread.tacv2',
      ts: '1616990032035',
      threadTs: '1616965872395',
    })
    expect(cardOnRecord(recordedCard(CARD))).toStrictEqual(CARD)
    expect(cardOnRecord(recordedCard(IN_THREAD))).toStrictEqual(IN_THREAD)
  })

  it('in a thread answers the message that begins it', () => {
    expect(isInThread(CARD)).toBe(false)
    expect(answeredBy(CARD)).toBeNull()
    expect(isInThread(IN_THREAD)).toBe(true)
    expect(answeredBy(IN_THREAD)).toStrictEqual({ conversation: '19:abc@thread.tacv2', message: '1616965872395' })
  })

  it('is in a place without the message itself', () => {
    expect(chatPlaceOf(CARD)).toStrictEqual({ conversation: '19:abc@thread.tacv2' })
    expect(chatPlaceOf(IN_THREAD)).toStrictEqual({ conversation: '19:abc@thread.tacv2', thread: '1616965872395' })
  })
})
