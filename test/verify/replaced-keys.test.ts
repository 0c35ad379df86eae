/** A signing key is replaced at every moment of an approval and of its revert, while the functions are updated one after the other. */
import { expect, it } from 'vitest'
import { type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { clickOn } from '../fakes/bridge-world.ts'
import { MINUTE } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'

type Process = ReturnType<World['process']>
/** The functions that sign, in the order in which a deployment updates them (`infra/stacks/bot.ts`). */
const UPDATED = ['write', 'verify', 'decide'] as const
type Functions = { [name in (typeof UPDATED)[number]]: Process }

const STEPS = ['press', 'press taken', 'verify', 'write', 'answer', 'done'] as const
const CASES = (['decisions', 'attestations', 'outcomes'] as const).flatMap(use =>
  (['approve', 'revert'] as const).flatMap(action =>
    STEPS.flatMap(step => [1, 2, 3].map(updated => ({ use, action, step, updated }))),
  ),
)

async function press(world: World, { decide }: Functions, action: 'approve' | 'revert'): Promise<void> {
  // No two decisions are of one moment.
  world.clock.nowMs += 1
  const proposal = await world.get()
  const { click, ...request } = clickOn(proposal, action, ONCALL)
  await (await decide.decide({ ...request, ...postedCardOf(proposal), click: { ...click, reason: null } })).notify()
}

async function take<T>(queue: T[], job: (one: T) => Promise<unknown>): Promise<void> {
  for (const one of queue.splice(0)) await job(one)
}

const messages = ({ messages: queue }: World, { verify }: Functions): Promise<void> =>
  take(queue, async ({ kind, ...work }) => {
    const id = 'proposalId' in work ? work.proposalId : ''
    if (kind === 'pressed') await verify.askPressed(id)
    if (kind === 'verify') await verify.verify(id)
    if (kind === 'revert') await verify.askToRevert(id)
  })

/** `onStep` is called before each step of it. */
async function carriedOut(
  world: World,
  now: Functions,
  action: 'approve' | 'revert',
  onStep: (step: (typeof STEPS)[number]) => void = () => {},
): Promise<void> {
  const steps = [
    () => press(world, now, action),
    () => messages(world, now),
    () => messages(world, now),
    () => take(world.asks, ask => now.write.write(ask)),
    () => take(world.notices, ({ proposalId, number }) => now.verify.bringHome(proposalId, number)),
  ]
  for (const [at, step] of STEPS.entries()) {
    onStep(step)
    await steps[at]?.()
  }
}

const all = (process: Process): Functions => ({ write: process, verify: process, decide: process })

it.each(CASES)('the key of $use, before $step of $action, $updated of three updated', async one => {
  const { use, action, step, updated } = one
  const open = { ...proposalWith([TRUST_CHANGE, IDENTITY_CHANGE]), status: 'open' } as unknown as Proposal
  const world = await worldWith(open)
  const before = new Map(world.iam.documents)
  const now = all(world.process())
  if (action === 'revert') await carriedOut(world, now, 'approve')
  await carriedOut(world, now, action, at => {
    if (at !== step) return
    world.signingKeys.replace(use, world.clock.nowMs)
    for (const name of UPDATED.slice(0, updated)) now[name] = world.process()
  })
  const later = all(world.process())
  for (let minutes = 0; minutes < 20; minutes += 1) {
    world.clock.nowMs += MINUTE
    await messages(world, later)
    await take(world.asks, ask => later.write.write(ask))
    await take(world.notices, ({ proposalId, number }) => later.verify.bringHome(proposalId, number))
    await later.decide.sweep()
  }
  expect(world.counted).not.toContain('Forged')
  expect(['applied', 'confirmed']).toContain(action === 'approve' ? (await world.get()).status : 'applied')
  if (action === 'approve') await carriedOut(world, later, 'revert')
  expect((await world.get()).status).toBe('reverted')
  expect(world.iam.documents).toEqual(before)
})
