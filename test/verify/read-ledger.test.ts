import { describe, expect, it } from 'vitest'
import { RolemedicError } from '../../core/base/fault.ts'
import { isEnded, openSpent } from '../../functions/verify/read-ledger.ts'
import { HOUR, NOON } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, KEYS } from '../fakes/signing.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, pressRevert } from './verify-fixture.ts'

const PLANTED = `spent/${DEPLOYMENT}/p-0`

/** p-1 was granted for an hour, and something lies in front of it. */
async function plantedWorld() {
  const world = await worldWith(
    approved(undefined, { approvals: [{ by: ONCALL, atMs: NOON, limitHours: 1, reason: null }] }),
  )
  expect(await world.process().apply('p-1')).toBe('applied')
  world.ledger.plant(PLANTED, '{"statement":{},"signature":{}}')
  world.clock.nowMs = NOON + 2 * HOUR
  return world
}

describe('an object below spent/ that write did not sign', () => {
  it('is counted and logged with its proposal, and hides no other', async () => {
    const { ledger } = await plantedWorld()
    const seen: string[] = []
    const observer = {
      log: (_: string, name: string, { proposalId }: { readonly proposalId?: unknown } = {}) =>
        void seen.push(`${name} ${String(proposalId)}`),
      count: (metric: string) => void seen.push(metric),
    }
    const open = openSpent({ ledger, deploymentId: DEPLOYMENT, keys: KEYS, observer })
    for await (const one of open()) seen.push(one.proposalId)
    expect(seen).toEqual(['spent_foreign p-0', 'SpentForeign', 'p-1'])
  })

  it('that the storage does not give keeps no other grant from its end', async () => {
    const world = await plantedWorld()
    unreadableAt(world, PLANTED)
    expect(await world.process().ends()).toEqual(['p-1'])
    expect(world.counted).toContain('SpentForeign')
  })
})

it('sees that a grant is ended beside an object that the storage does not give', async () => {
  const world = await plantedWorld()
  expect(await pressRevert(world)).toBe('reverted')
  const planted = `ended/${DEPLOYMENT}/p-1/0`
  world.ledger.plant(planted, '{}')
  unreadableAt(world, planted)
  expect(await isEnded('p-1', { ledger: world.ledger, deploymentId: DEPLOYMENT, keys: KEYS })).toBe(true)
})

function unreadableAt({ ledger }: World, key: string): void {
  const { read } = ledger
  ledger.read = async (at, version) => {
    if (at === key) throw new RolemedicError('ledger-unreadable', `${at}: InvalidRequest`)
    return read(at, version)
  }
}
