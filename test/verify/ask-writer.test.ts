import { expect, it } from 'vitest'
import { changeDigest } from '../../core/patch/patch.ts'
import { applying } from '../../functions/domain/proposal/transitions.ts'
import { askWriter } from '../../functions/verify/ask-writer.ts'
import { openOf } from '../../functions/verify/read-ledger.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { worldWith } from '../fakes/verify-world.ts'
import { resumeAsk, writeAsk } from '../write/grant-asks.ts'
import { approved } from './verify-fixture.ts'

/** Nobody signs which follow-ups an item has: a writer of the table may put any first. */
const ELSEWHERE = { ...IDENTITY_CHANGE.target, arn: 'arn:aws:iam::111122223333:role/elsewhere', name: 'elsewhere' }
const FOLLOW_UP = { target: ELSEWHERE, before: null, after: IDENTITY_CHANGE.after }
const CHANGES = [
  { ...FOLLOW_UP, digest: changeDigest(FOLLOW_UP), required: false },
  { ...TRUST_CHANGE, required: true },
  { ...IDENTITY_CHANGE, required: true },
]

it('asks in one group for all that is asked of a proposal, in that of its end, whatever follow-ups the item has', async () => {
  const world = await worldWith(approved(CHANGES))
  const leased = applying(approved(CHANGES), 1000, NOON)
  if (!leased.ok) throw new Error('it is leased')
  const groups: string[] = []
  const deps = {
    store: { ...world.store, replace: async (_: unknown, next: unknown) => ({ ok: true, value: next }) },
    writer: { send: async (_: unknown, { group }: { readonly group: string }) => void groups.push(group) },
    clock: () => NOON,
    observer: { log() {}, count() {} },
  } as unknown as Parameters<typeof askWriter>[2]
  const changes = CHANGES.filter(({ required }) => required).map(({ target, before, after }) => ({
    target,
    before,
    after,
  }))
  const ask = writeAsk({ changes })
  for (const one of [ask, resumeAsk()]) await askWriter({ current: leased.value, ended: false }, one, deps)
  const { group } = openOf({ proposalId: 'p-1', atMs: NOON, grant: ask.grant } as Parameters<typeof openOf>[0])
  expect(groups).toEqual([group, group])
  expect(group).toBe(TRUST_CHANGE.target.arn)
})
