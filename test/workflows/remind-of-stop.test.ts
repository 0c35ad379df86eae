import { expect, it } from 'vitest'
import { SLACK_RENDERER } from '../../functions/adapters/slack/renderer.ts'
import { GRANT_STOP } from '../../functions/domain/stored/markers.ts'
import { makeRemindOfStop } from '../../functions/workflows/remind-of-stop.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { NOON } from '../fakes/sample-proposal.ts'

const DAY = 24 * 60 * 60_000

async function bot(stop: { by: string; reason: string | null; sinceMs: number } | null) {
  const made = memoryBot()
  await made.store.putMarker(GRANT_STOP, 0, { stop })
  const remind = makeRemindOfStop({ ...made, renderer: SLACK_RENDERER })
  return { ...made, remind, posts: () => made.chat.posts.map(({ text }) => text) }
}

it('posts once a day that granting is stopped, by whom, why, and how to go on', async () => {
  const { remind, posts, setNow } = await bot({ by: 'ana', reason: 'incident 7', sinceMs: NOON })
  await remind()
  await remind()
  expect(posts()).toHaveLength(1)
  expect(posts()[0]).toContain('since 2026-11-24 12:00:00 UTC, by ana')
  expect(posts()[0]).toContain('The reason: incident 7. To go on:')
  expect(posts()[0]).toContain('rolemedic resume')
  setNow(NOON + DAY)
  await remind()
  expect(posts()).toHaveLength(2)
})

it('posts nothing once granting goes on, nor before anybody stopped it', async () => {
  const goesOn = await bot(null)
  await goesOn.remind()
  const never = memoryBot()
  await makeRemindOfStop(never)()
  expect([...goesOn.posts(), ...never.chat.posts]).toEqual([])
})

it('lets no reason become a mention, a link or a line of its own', async () => {
  const { remind, chat } = await bot({
    by: '<!channel>',
    reason: 'x\nTo go on: <https://evil.example|here>',
    sinceMs: NOON,
  })
  await remind()
  const [posted] = chat.posts
  expect(posted?.text).not.toMatch(/<!channel>|<https:/)
  expect(posted?.text.split('\n')).toHaveLength(1)
})
