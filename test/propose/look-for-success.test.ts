import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inStatus, MINUTE } from '../fakes/sample-proposal.ts'
import {
  bench,
  byOther,
  DENIAL,
  DENIED_AT,
  FP,
  folder,
  folderForEachTest,
  type Json,
  POSTED,
  passing,
  SESSION,
  success,
  WRITE,
} from './look-fixture.ts'

folderForEachTest()

describe('an open card whose call succeeded later', () => {
  it('closes, says when, and its single approval counts nowhere', async () => {
    const { ask, why, bot, propose, sweep, stored } = await bench([success(8_000)])
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later; nothing more to change. Whether a change made it work, CloudTrail shows by 2026-11-24 03:02:39 UTC.',
    )
    expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['approved', 'stale'])
    // The work that follows an ended card makes no new one, and nobody is reminded.
    bot.setNow(POSTED + 60 * MINUTE)
    await sweep()
    expect(await propose()).toMatchObject({ kind: 'quiet' })
    expect(await stored()).toMatchObject({ status: 'stale', dueAtMs: null })
    expect(await ask()).toBe('ended')
  })

  it('says that there is nothing to change once no write between can be late', async () => {
    const { ask, why, bot } = await bench([success(8_000)])
    bot.setNow(DENIED_AT + 8_000 + 15 * MINUTE)
    expect(await ask()).toBe('solved')
    expect(await why()).toBe('It worked at 2026-11-24 02:47:39 UTC, 8 s later; nothing to change.')
  })

  it('closes for the same call of another session, beside an earlier pass of the role to another service', async () => {
    const { ask, why } = await bench([
      success(4_000, TO_LAMBDA),
      success(8_000, byOther(SESSION, 'AWSCodeBuild-another')),
    ])
    expect(await ask()).toBe('solved')
    expect(await why()).toContain('8 s later')
  })

  it('does not call it nothing where the history does not answer about writes', async () => {
    const { ask, why } = await bench([success(8_000)], 'allowing', 'refused')
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later; whether a change came between could not be read. Nothing more to change.',
    )
  })

  it('closes for another session of the same caller', async () => {
    const { ask } = await bench([success(30_000, byOther(SESSION, 'AWSCodeBuild-another'))])
    expect(await ask()).toBe('solved')
  })

  it('names the write between', async () => {
    const { ask, why } = await bench([success(8_000), WRITE])
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later, after PutRolePolicy by arn:aws:iam::111122223333:user/ada; nothing more to change.',
    )
  })

  it('says that the evidence disagrees where the policies do not allow it', async () => {
    const { ask, why } = await bench([success(8_000)], 'lacking')
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later, although the policies that were read do not allow it: repeat the call before anything is changed.',
    )
  })

  it('says nothing of policies that were not read, also where it worked much later', async () => {
    const { ask, why, bot } = await bench([success(17 * MINUTE)], 'lacking', 'read', (_, account) => {
      const all = account as { RoleDetailList: readonly { readonly RoleName?: string }[] }
      all.RoleDetailList = all.RoleDetailList.filter(({ RoleName }) => RoleName !== 'pipeline-deploy')
    })
    bot.setNow(POSTED + 18 * MINUTE)
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      "It worked at 2026-11-24 03:04:31 UTC, 17 min later, after a change that CloudTrail's history does not name yet; nothing more to change.",
    )
  })

  it('gets a new card when it is denied again after that', async () => {
    const { ask, bot, propose } = await bench([success(8_000)])
    await ask()
    await bot.store.recordOccurrence({ ...DENIAL, id: 'again', timeMs: POSTED + 3 * MINUTE }, FP, POSTED + 3 * MINUTE)
    bot.setNow(POSTED + 4 * MINUTE)
    expect(await propose()).not.toMatchObject({ kind: 'quiet' })
  })
})

const TO_LAMBDA: Json = {
  ...{ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
  requestParameters: { role: 'arn:aws:iam::111122223333:role/app/orders-task' },
}

describe('an open card stays', () => {
  it.each<readonly [string, readonly Json[]]>([
    ['without a later call', []],
    ['for a call before the denial', [success(-8_000)]],
    ['for a call that was refused too', [success(8_000, { errorCode: 'AccessDeniedException' })]],
    ['for the call of another role', [success(8_000, passing('invoices-task'))]],
    ['for the call of another caller', [success(8_000, byOther('pipeline-deploy', 'other-deploy'))]],
    ['for a call in another account', [success(8_000, { recipientAccountId: '444455556666' })]],
    ['for another service that gets the role', [success(8_000, TO_LAMBDA)]],
  ])('%s', async (_, records) => {
    const { ask, stored } = await bench(records)
    expect(await ask()).toBe('not-seen')
    expect(inStatus(await stored(), 'open').approvals).toHaveLength(1)
  })

  it('when it was denied again after the success', async () => {
    const { ask, bot, stored } = await bench([success(8_000)])
    await bot.store.recordOccurrence({ ...DENIAL, id: 'again', timeMs: DENIED_AT + 20_000 }, FP, POSTED)
    expect(await ask()).toBe('postponed')
    const open = inStatus(await stored(), 'open')
    await bot.store.replace(open, { ...open, repeats: { ...open.repeats, lastSeenMs: DENIED_AT + 20_000 } })
    expect(await ask()).toBe('not-seen')
  })

  it('while only a text reports the denial: its confirmation needs the requests', async () => {
    const { ask, bot, stored, requests } = await bench([success(8_000)])
    const open = inStatus(await stored(), 'open')
    await bot.store.replace(open, { ...open, denial: { ...DENIAL, source: 'message' } })
    expect(await ask()).toBe('postponed')
    expect(requests).toEqual([])
  })
})

describe('requests to the event history for one denial', () => {
  it('leave two of eight for the time after a write of low risk, however often it is asked, each of one page', async () => {
    const { ask, bot, requests } = await bench([], 'lacking')
    const outcomes: string[] = []
    for (const minute of [2, 6, 16, 16, 16, 16]) {
      bot.setNow(POSTED + minute * MINUTE)
      outcomes.push(await ask())
    }
    expect(outcomes).toEqual(['not-seen', 'not-seen', 'changed', 'not-seen', 'spent', 'spent'])
    expect(requests).toHaveLength(6)
    expect(requests.every(request => request.endsWith(' 1'))).toBe(true)
  })

  it('leave three of eight for the confirmation that an elevated risk waits for', async () => {
    const { ask, bot, requests, stored } = await bench([])
    const open = inStatus(await stored(), 'open')
    await bot.store.replace(open, { ...open, verification: { ...open.verification, risk: 'elevated' } })
    for (const minute of [2, 6, 16, 16, 16, 16]) {
      bot.setNow(POSTED + minute * MINUTE)
      await ask()
    }
    expect(requests).toHaveLength(5)
  })

  it('are enough for a success that the last look finds, with the writes before it', async () => {
    const { ask, bot, local, requests, why } = await bench([])
    await ask()
    bot.setNow(POSTED + 6 * MINUTE)
    await ask()
    local.add([success(8_000, byOther(SESSION, 'AWSCodeBuild-another')), WRITE])
    bot.setNow(POSTED + 16 * MINUTE)
    expect(await ask()).toBe('solved')
    expect(requests).toHaveLength(5)
    expect(await why()).toContain('after PutRolePolicy')
  })
})

describe('the requests that a choice of the card waits for', () => {
  it('are kept where what would be restored is of higher risk than the smallest change', async () => {
    const { ask, bot, requests, stored } = await bench([], 'lacking')
    const open = inStatus(await stored(), 'open')
    const { patch, followUps } = open
    const verification = { ...open.verification, risk: 'high' as const }
    await bot.store.replace(open, {
      ...open,
      restore: { kind: 'offered', change: { patch, followUps, verification } },
    })
    for (const minute of [2, 6, 6, 6]) {
      bot.setNow(POSTED + minute * MINUTE)
      await ask()
    }
    expect(requests.length).toBeLessThanOrEqual(5)
    const others = await bench([], 'lacking')
    expect(others.requests).toEqual([])
  })
})

describe('when it is looked for', () => {
  it('is 2, 6 and 18 minutes after the card, and never again', async () => {
    const { bot, sweep } = await bench([])
    const minutes: number[] = []
    for (let minute = 1; minute <= 28; minute += 1) {
      bot.setNow(POSTED + minute * MINUTE)
      const before = bot.queue.sent.length
      await sweep()
      if (bot.queue.sent.slice(before).some(({ work }) => work.kind === 'solved')) minutes.push(minute)
    }
    expect(minutes).toEqual([2, 6, 18])
  })
})

describe('a crash at any call', () => {
  it('leaves a card that the next look or sweep closes, recorded once', async () => {
    for (let call = 1; ; call += 1) {
      const { killedAt, ask, bot, sweep, stored } = await bench([success(8_000), WRITE])
      const killed = await killedAt(call)
      await ask()
      bot.setNow(POSTED + 30 * MINUTE)
      await sweep()
      expect(await stored()).toMatchObject({ status: 'stale', failure: { code: 'solved' } })
      expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['approved', 'stale'])
      rmSync(join(folder, 'history.jsonl'))
      if (!killed) {
        expect(call).toBeGreaterThan(16)
        break
      }
    }
  })
})
