/** A proposal that was approved, what its worker has done, and what somebody else does meanwhile. */

import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { changeDigest } from '../../core/patch/patch.ts'
import type { Person } from '../../functions/domain/messages/person.ts'
import type { Applied, Approved, Confirmed, Reverting } from '../../functions/domain/proposal/proposal.ts'
import { reverting } from '../../functions/domain/proposal/transitions.ts'
import { type Changed, DENIAL, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { withSignatures } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, ONCALL, type World, worldWith } from '../fakes/verify-world.ts'

export const approval = (limitHours: number | null = null) => ({ by: ONCALL, atMs: NOON, limitHours, reason: null })
export const approved = (changes = [TRUST_CHANGE, IDENTITY_CHANGE], changed: Changed<'approved'> = {}): Approved =>
  proposalWith(changes, { status: 'approved', approvals: [approval()], ...changed })

/** The effects that people or AWS can see, in their order. */
export function effects(): { readonly seen: readonly string[]; readonly watch: Fault } {
  const seen: string[] = []
  const names = new Map([
    ['objects.create', 'audit'],
    ['writer.write', 'IAM'],
    ['chat.update', 'card'],
  ])
  return { seen, watch: (call, moment) => void (moment === 'after' && seen.push(...[names.get(call) ?? []].flat())) }
}

export async function trail(world: World): Promise<string[]> {
  const kinds: string[] = []
  for await (const record of world.log.records()) kinds.push(record.entry.kind)
  return kinds
}

export async function reasons(world: World): Promise<{ readonly [kind: string]: string }> {
  const why: [string, string][] = []
  for await (const { entry } of world.log.records()) why.push([entry.kind, entry.why])
  return Object.fromEntries(why)
}

export const others = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  Statement: [...document.Statement, { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
})

/** As `decide` stores it when somebody presses Revert. */
export function askedToRevert(seen: Applied | Confirmed, by: Person, nowMs: number): Reverting {
  const { revertRequest, ...rest } = reverting(seen, by, nowMs)
  const unsigned = { by: revertRequest.by, atMs: revertRequest.atMs }
  return withSignatures({ ...rest, revertRequest: unsigned } as unknown as Reverting)
}

/** Somebody presses Revert, and the work runs. */
export async function pressRevert(world: World, by: Person = ONCALL, fault?: Fault): Promise<string> {
  const seen = inStatus(await world.get(), 'applied', 'confirmed')
  const stored = await world.store.replace(seen, askedToRevert(seen, by, world.clock.nowMs))
  if (!stored.ok) throw new Error('somebody else wrote')
  return world.process(fault).revert(seen.id)
}

/** p-1 was approved by Ana, and takes away what p-0 granted. */
export async function withdrawing(): Promise<World> {
  const Resource = 'arn:aws:iam::111122223333:role/other'
  const useless = { Sid: 'Rolemedic99999999', Effect: 'Allow', Action: 'iam:PassRole', Resource } as const
  const granted = { ...IDENTITY_CHANGE, after: { Version: '2012-10-17', Statement: [useless] } } as const
  const instead = { ...IDENTITY_CHANGE, before: granted.after }
  const digested = (change: typeof granted | typeof instead) => [{ ...change, digest: changeDigest(change) }]
  const denial = { ...DENIAL, id: 'earlier' }
  const world = await worldWith(approved(digested(granted), { id: 'p-0', denial, fingerprint: 'earlier' }))
  await world.process().apply('p-0')
  world.clock.nowMs = NOON + 5 * MINUTE
  const previous = { id: 'p-0', status: 'applied', withdrawn: true } as const
  await world.add(approved(digested(instead), { previous, denial: { ...DENIAL, timeMs: NOON + 3 * MINUTE } }))
  return world
}
