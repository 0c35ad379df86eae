import { describe, expect, it } from 'vitest'
import type { Proposal, Status } from '../../functions/core/proposal/proposal.ts'
import { smoke } from '../../local/smoke/steps.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'

const CALLER = 'arn:aws:iam::111122223333:role/smoke-1a2b-caller'
type World = { readonly statuses: readonly Status[]; readonly proposal?: Partial<Proposal>; readonly stuck?: boolean }

/** Each look at the proposal moves it on; access follows from its status. */
async function run({ statuses, proposal = {}, stuck = false }: World) {
  const { denial } = sampleProposal()
  const base = sampleProposal({
    denial: { ...denial, principal: { ...denial.principal, roleArn: CALLER } },
    card: { channel: 'C0DEPLOYS', ts: '1.0' },
    ...proposal,
  })
  let nowMs = 0
  let status: Status = 'open'
  const left = [...statuses]
  const said: string[] = []
  const done = smoke({
    roles: {
      callerArn: CALLER,
      tryOut: async () => (!stuck && ['applied', 'confirmed', 'reverting'].includes(status) ? 'allowed' : 'denied'),
    },
    store: {
      open: async () => [sampleProposal({ id: 'somebody-else' }), base],
      get: async () => {
        status = left.shift() ?? status
        return { ...base, status }
      },
    },
    say: line => void said.push(line),
    sleep: async ms => {
      nowMs += ms
    },
    nowMs: () => nowMs,
  })
  return { done, said, minutes: () => nowMs / 60_000 }
}

describe('the smoke test', () => {
  it('goes from the denial to the grant and back, with a person at the two buttons', async () => {
    const { done, said } = await run({
      statuses: ['open', 'approved', 'applied', 'confirmed', 'reverting', 'reverted'],
    })
    await done
    expect(said.filter(line => /^\d/.test(line)).map(line => line.slice(0, 2))).toEqual([
      '1.',
      '2.',
      '3.',
      '4.',
      '5.',
      '6.',
    ])
  })

  it('ends at once when the proposal failed', async () => {
    const { done } = await run({ statuses: ['open', 'failed'] })
    await expect(done).rejects.toThrow(/proposal .* is failed/)
  })

  it('does not believe the bot: a grant that opens nothing is a failure', async () => {
    const { done, minutes } = await run({ statuses: ['applied'], stuck: true })
    await expect(done).rejects.toThrow(/waited 3 minutes for the access that was granted, in vain/)
    expect(minutes()).toBeGreaterThanOrEqual(3)
  })

  it('says what the bot says when it proposes nothing', async () => {
    const refusal = { code: 'no-audit', message: 'Nothing can be written.', owner: null }
    const { done } = await run({ statuses: [], proposal: { patch: null, refusal } })
    await expect(done).rejects.toThrow('the bot proposes nothing: Nothing can be written.')
  })

  it('gives up when nobody presses a button', async () => {
    const { done, minutes } = await run({ statuses: ['open'] })
    await expect(done).rejects.toThrow(/waited 15 minutes for applied or confirmed/)
    expect(minutes()).toBeLessThan(16)
  })
})
