import { describe, expect, it } from 'vitest'
import { RolemedicError } from '../../core/base/fault.ts'
import { outcomeKey } from '../../functions/domain/authority/index.ts'
import { endedBy, isEnded, MAX_ENDS_READ, mayStand, openSpent } from '../../functions/verify/read-ledger.ts'
import { HOUR, NOON } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, KEYS } from '../fakes/signing.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, pressRevert, withdrawing } from './verify-fixture.ts'

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

it('sees that a grant is ended beside objects of others, one of which the storage does not give', async () => {
  const world = await plantedWorld()
  expect(await pressRevert(world)).toBe('reverted')
  const planted = [0, 1].map(n => `ended/${DEPLOYMENT}/p-1/${n}`)
  for (const key of planted) world.ledger.plant(key, '{}')
  unreadableAt(world, planted[0] ?? '')
  expect(await isEnded('p-1', { ledger: world.ledger, deploymentId: DEPLOYMENT, keys: KEYS })).toBe(true)
  const live = world.process()
  for (let runs = 0; runs < 2; runs += 1) expect(await live.ends()).toEqual([])
  // That of p-0.
  expect(world.counted.filter(metric => metric === 'SpentForeign')).toHaveLength(2)
})

it('gives what stands before it reads what has ended, and of that only some in one run', async () => {
  const { ledger } = await plantedWorld()
  for (let at = 0; at < 2 * MAX_ENDS_READ; at += 1)
    for (const key of [`spent/${DEPLOYMENT}/a-${at}`, `ended/${DEPLOYMENT}/a-${at}/x`]) ledger.plant(key, '{}')
  const { read } = ledger
  const seen: string[] = []
  ledger.read = async (key, version) => {
    if (key.startsWith('ended/')) seen.push('ended')
    return read(key, version)
  }
  const observer = { log: () => {}, count: () => {} }
  const open = openSpent({ ledger, deploymentId: DEPLOYMENT, keys: KEYS, observer })
  for await (const one of open()) seen.push(one.proposalId)
  expect(seen).toEqual(['p-1', ...Array.from({ length: MAX_ENDS_READ }, () => 'ended')])
})

it('takes what the storage does not give for no sign that everything was undone', async () => {
  const world = await plantedWorld()
  const [written] = await keysOf(world, `written/${DEPLOYMENT}/p-1/outcome-`)
  unreadableAt(world, outcomeKey(DEPLOYMENT, Number(written?.split('-').at(-1))))
  expect(await mayStand('p-1', { ledger: world.ledger, deploymentId: DEPLOYMENT, keys: KEYS })).toBe(true)
})

it.each(['ended/DEPLOYMENT/p-0/by-p-1', 'spent/DEPLOYMENT/p-1'])(
  'does not say who ended a grant while the storage does not give %s',
  async place => {
    const world = await withdrawing()
    expect(await world.process().apply('p-1')).toBe('applied')
    unreadableAt(world, place.replace('DEPLOYMENT', DEPLOYMENT))
    const deps = { ledger: world.ledger, deploymentId: DEPLOYMENT, keys: KEYS }
    expect(await endedBy('p-0', 'p-1', deps)).toBeNull()
  },
)

async function keysOf({ ledger }: World, prefix: string): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const key of ledger.keys(prefix)) keys.push(key)
  return keys
}

function unreadableAt({ ledger }: World, key: string): void {
  const { read } = ledger
  ledger.read = async (at, version) => {
    if (at === key) throw new RolemedicError('ledger-unreadable', `${at}: InvalidRequest`)
    return read(at, version)
  }
}
