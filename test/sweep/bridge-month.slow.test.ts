/** A month of bridges: merged, merged and rolled back, closed, ignored, reverted, with a host that sometimes fails. */
import { expect, it } from 'vitest'
import { outcomeOf } from '../../functions/domain/proposal/proposal.ts'
import { HostError } from '../../functions/ports/git/code-host.ts'
import { CODE_POLICY, deploy, openWithCode, pass, press, processOf } from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'

const BRIDGE = keyOf(IDENTITY_CHANGE.target)
const DAYS = 31

/** Hours after the approval. Null: it never happens. */
type Life = {
  readonly name: string
  readonly merge: number | null
  readonly deploy: number | null
  readonly rollback: number | null
  readonly close: number | null
  readonly revert: number | null
  /** The final state of the pull request. */
  readonly pull: 'open' | 'merged' | 'closed'
  /** True when the bridge ends before its time. */
  readonly goesEarly: boolean
}
const none = { merge: null, deploy: null, rollback: null, close: null, revert: null, goesEarly: false } as const
const LIVES: readonly Life[] = [
  { ...none, name: 'merged and deployed at once', merge: 1, deploy: 2, pull: 'merged', goesEarly: true },
  { ...none, name: 'merged late, deployed later', merge: 40, deploy: 60, pull: 'merged', goesEarly: true },
  { ...none, name: 'merged and never deployed', merge: 5, pull: 'merged' },
  { ...none, name: 'deployed after the end', merge: 70, deploy: 100, pull: 'merged' },
  { ...none, name: 'deployed, and rolled back within minutes', merge: 3, deploy: 4, rollback: 4.05, pull: 'merged' },
  { ...none, name: 'closed by a person', close: 10, pull: 'closed' },
  { ...none, name: 'ignored', pull: 'open' },
  { ...none, name: 'reverted by a person', revert: 20, pull: 'closed', goesEarly: true },
  { ...none, name: 'granted by other code', deploy: 30, pull: 'open', goesEarly: true },
]

it.each(LIVES)(
  'over a month, no bridge outlives its end and none goes while the code lacks the grant: $name',
  async life => {
    const world = await openWithCode()
    let calls = 0
    const live = processOf(world, (call, moment) => {
      if (!call.startsWith('host.') || moment !== 'before') return
      calls += 1
      if (calls % 7 === 0) throw new HostError('unavailable', 'the host fails')
      if (calls % 11 === 0) throw new HostError('rate-limited', 'too many', { retryAfterMs: 5 * 60_000 })
    })
    await press(world, live, 'approve-with-pull')
    const startMs = world.clock.nowMs
    const at = (hours: number | null) => hours !== null && world.clock.nowMs >= startMs + hours * HOUR
    const done = new Set<string>()
    const once = async (what: string, hours: number | null, act: () => unknown) => {
      if (!at(hours) || done.has(what)) return
      await act()
      done.add(what)
    }
    const hasCode = () => world.iam.documents.has(CODE_POLICY)
    let reverted = false
    let goneEarly = false
    while (world.clock.nowMs < startMs + DAYS * 24 * HOUR) {
      const stoodBefore = world.iam.documents.has(BRIDGE)
      await pass(world, 10, live, world.clock.nowMs < startMs + 110 * HOUR ? 5 : 10)
      const proposal = await world.get()
      const endsAtMs = outcomeOf(proposal)?.endsAtMs ?? null
      const stands = world.iam.documents.has(BRIDGE)
      if (endsAtMs !== null && stands) expect(world.clock.nowMs).toBeLessThan(endsAtMs + 15 * 60_000)
      const goes = stoodBefore && !stands && endsAtMs !== null && world.clock.nowMs < endsAtMs
      goneEarly ||= goes
      if (goes && !reverted) expect(hasCode()).toBe(true)
      await once(
        'merge',
        life.merge,
        () => world.code.pulls.some(({ state }) => state === 'open') && world.code.merge(1),
      )
      await once('deploy', life.deploy, () => deploy(world, proposal))
      await once('rollback', life.rollback, () => world.iam.documents.delete(CODE_POLICY))
      await once('close', life.close, () => {
        for (const pull of world.code.pulls) if (pull.state === 'open') pull.state = 'closed'
      })
      await once('revert', life.revert, async () => {
        await press(world, live, 'revert')
        reverted = true
      })
      // In a quiet month nothing is left to do.
      if (proposal.status === 'reverted' && world.clock.nowMs > startMs + 110 * HOUR) world.clock.nowMs += 12 * HOUR
    }
    expect(world.iam.documents.has(BRIDGE)).toBe(false)
    expect((await world.get()).status).toBe('reverted')
    expect(goneEarly).toBe(life.goesEarly)
    expect(world.code.pulls.map(({ state }) => state)).toEqual([life.pull])
  },
)
