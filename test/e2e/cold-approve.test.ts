/** What the answer to an Approve waits for, where it starts a process. `npm run bench -- approve` measures how long. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundledFile } from './bundled.ts'
import { coldApproves, MEMBERS, NAMED } from './cold-approve.ts'

/** Long enough that requests which are sent together are under way together, also on a busy machine. */
const HELD_MS = 1_000

let approves: Awaited<ReturnType<typeof coldApproves>>
beforeAll(async () => {
  approves = await coldApproves(await bundledFile('decide'))
})
afterAll(() => approves?.close())

// First the person whose press reads the group for the first time.
it.each([
  ['the first of the group', MEMBERS[0], 8],
  ['another one of the group', MEMBERS[1], 7],
  ['one whom the configuration names', NAMED, 6],
  ['one who was never seen before', 'U0NEW', 7],
])('an Approve of %s waits for few requests in sequence', async (_, by, most) => {
  const isNew = by === 'U0NEW'
  if (isNew) approves.setMembers([...MEMBERS, by])
  const { inSequence, operations } = await approves.approved({ by, latencyOf: () => HELD_MS })
  expect(inSequence, operations.join()).toBeLessThanOrEqual(most)
  expect(inSequence).toBeGreaterThanOrEqual(4)
  // Since when somebody is a member is on record before the answer.
  if (isNew) expect(operations.filter(one => one === 'PutObject')).toHaveLength(1)
})
