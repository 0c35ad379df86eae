import { describe, expect, it } from 'vitest'
import { patchDigest } from '../../core/patch/patch.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import type { Change, TemplateFindings } from '../../functions/domain/proposal/proposal.ts'
import { follow } from '../fakes/memory-bot.ts'
import { sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { ANNA, BEN, botWith, click } from './decide-fixture.ts'

describe('an approval of the whole that the log could not take', () => {
  it('is on record before another person approves the denial alone, which drops it', async () => {
    const digest = patchDigest([IDENTITY_CHANGE])
    const verification = { ...VERIFICATION, approvers: 2 }
    const alone: Change = { patch: { changes: [IDENTITY_CHANGE], digest }, verification, followUps: [] }
    const template: TemplateFindings = {
      place: null,
      isMade: false,
      needs: [],
      alone,
      unnamed: 0,
      refused: [],
      unread: null,
    }
    const bot = await botWith(sampleProposal({ verification, template }))
    bot.audit.down = new Error('the bucket is down')
    await makeDecide(bot)(click('approve', ANNA))
    await expect(follow(bot)).rejects.toThrow('the bucket is down')
    const pressed = click('approve-alone', BEN, { digest })
    await expect(makeDecide(bot)(pressed)).rejects.toThrow('the bucket is down')
    bot.audit.down = null
    await makeDecide(bot)(pressed)
    await follow(bot)
    expect(bot.audit.entries).toMatchObject([
      { key: 'p-1/approved/0', by: ANNA },
      { key: 'p-1/approved/0/content-1', by: BEN },
    ])
  })
})
