import { describe, expect, it } from 'vitest'
import { RolemedicError } from '../../core/base/fault.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const MINUTE = 60_000

async function sweepUntil(bot: MemoryBot, untilMs: number): Promise<void> {
  const sweep = makeSweep(bot)
  for (let nowMs = bot.clock(); nowMs <= untilMs; nowMs += MINUTE) {
    bot.setNow(nowMs)
    await sweep()
  }
}

async function withDrafts(count: number): Promise<MemoryBot> {
  const bot = memoryBot()
  for (let n = 0; n < count; n += 1)
    await bot.store.create(sampleProposal({ status: 'drafted', id: `p-${n}`, fingerprint: `f${n}`, dueAtMs: NOON }))
  return bot
}
const postsOf = ({ chat }: MemoryBot) => chat.posts.map(({ text }) => text)

describe('an audit log that takes no record', () => {
  it('is posted in the channel after three minutes, with what waits, and again when it works', async () => {
    const bot = await withDrafts(3)
    bot.audit.down = new RolemedicError('audit-unread', 'the audit log cannot be read: KMS.DisabledException')
    await sweepUntil(bot, NOON + 2 * MINUTE)
    expect(postsOf(bot)).toEqual([])
    await sweepUntil(bot, NOON + 60 * MINUTE)
    const [first, ...more] = postsOf(bot)
    expect(more).toEqual([])
    expect(first).toContain(
      'cannot read its audit log, and so cannot write it. That is no sign that a record was changed',
    )
    expect(first).toContain('3 denials wait for a record.')
    expect(first).toContain('KMS.DisabledException')
    bot.audit.down = null
    await sweepUntil(bot, NOON + 70 * MINUTE)
    expect(postsOf(bot).slice(1)).toEqual([expect.stringMatching(/^rolemedic writes its audit log again/)])
  })

  it('is posted again after hours, as long as it lasts', async () => {
    const bot = await withDrafts(1)
    bot.audit.down = new Error('User: x is not authorized to perform: s3:PutObject')
    await sweepUntil(bot, NOON + 13 * 60 * MINUTE)
    expect(postsOf(bot)).toHaveLength(3)
    expect(postsOf(bot)[0]).toContain('rolemedic cannot write its audit log. It changes nothing')
    expect(postsOf(bot)[0]).toContain('1 denial waits for a record.')
  })

  it('is not posted for one failure, nor for a conflict of one proposal', async () => {
    const bot = await withDrafts(1)
    bot.audit.down = new Error('SlowDown')
    await sweepUntil(bot, NOON)
    bot.audit.down = null
    await sweepUntil(bot, NOON + 30 * MINUTE)
    const other = await withDrafts(1)
    other.audit.down = new RolemedicError('audit-conflict', 'says something else')
    await sweepUntil(other, NOON + 30 * MINUTE)
    expect([...postsOf(bot), ...postsOf(other)]).toEqual([])
  })
})
