/** What somebody who sends events of their own can do to what is read in CloudTrail's event history. */
import { describe, expect } from 'vitest'
import { makeIntake } from '../../functions/intake/intake.ts'
import { inStatus, MINUTE } from '../fakes/sample-proposal.ts'
import { at, bench, DENIED_AT, folderForEachTest, type Json, POSTED, success, WRITE } from '../propose/look-fixture.ts'
import { attack } from './attack.ts'

folderForEachTest()

/** The history is empty, and these records come over the bus. */
async function sent(records: readonly Json[]) {
  const world = await bench([], 'lacking')
  const { bot } = world
  const intake = makeIntake({ ...bot, ownRoleArns: [], readerRole: null })
  for (const record of records) await intake(record)
  bot.setNow(POSTED + 16 * MINUTE)
  const outcome = await world.ask()
  return { ...world, outcome, open: inStatus(await world.stored(), 'open') }
}

describe('a sender of events', () => {
  attack('B17', async () => {
    const { outcome, open, requests } = await sent([success(8_000), success(30_000)])
    expect(requests.length).toBeGreaterThan(0)
    expect(outcome).not.toBe('solved')
    expect(open.approvals).toHaveLength(1)
  })

  attack('B18', async () => {
    const before = { ...WRITE, eventID: 'write-0', eventTime: at(DENIED_AT - 60 * MINUTE) }
    const after: Json = {
      ...{ ...WRITE, eventID: 'write-2', eventName: 'DeleteRolePolicy', eventTime: at(DENIED_AT - MINUTE) },
      requestParameters: { roleName: 'pipeline-deploy', policyName: 'deploy' },
    }
    const { open } = await sent([before, after])
    expect(open.whatChanged).toMatchObject({ outcome: 'never-allowed' })
    expect(JSON.stringify(open)).not.toContain('user/ada')
  })
})
