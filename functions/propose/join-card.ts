/** A denial that the card of the same deploy already contains gets no card of its own. */
import { type Denial, isSameNeed } from '../../core/denial/index.ts'
import { type DeployState, ROUND_MS } from '../domain/deploy/index.ts'
import { deniedAtMs, type Occurrence, outcomeOf, type Proposal, postedCardOf } from '../domain/proposal/index.ts'
import { outcomePosted } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { deploysSince } from '../workflows/deploy/deploy-store.ts'
import { doOnce } from '../workflows/do-once.ts'

type Deps = {
  readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'claimOccurrence' | 'getMarker' | 'putMarker'>
  readonly clock: Clock
  readonly chat: Pick<Chat, 'reply'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly observer: Observer
}

/** Posted before it is claimed: until then, `sweep` repeats it. */
export async function joinCard(occurrence: Occurrence, proposal: Proposal, deps: Deps): Promise<void> {
  if (!(await postJoined(occurrence, proposal, deps))) return
  await deps.store.claimOccurrence(occurrence.fingerprint, null, proposal.id)
  deps.observer.log('info', 'denial_joined_card', { proposalId: proposal.id, fingerprint: occurrence.fingerprint })
}

/** False: another worker posts it, and claims the denial. */
async function postJoined(occurrence: Occurrence, proposal: Proposal, deps: Deps): Promise<boolean> {
  const card = postedCardOf(proposal)
  if (card === null) return true
  const marker = outcomePosted(proposal.id, `joined-${occurrence.fingerprint}`)
  const text = `Denied too, as foreseen: ${occurrence.denial.action} on ${occurrence.denial.resource ?? 'a role'}. This card holds it.`
  const post = () => deps.chat.reply(card, deps.renderer.text(text), { key: marker.key })
  return doOnce(marker, post, deps).catch(error => {
    deps.observer.log('warn', 'joined_denial_not_posted', { proposalId: proposal.id, error: String(error) })
    return true
  })
}

export async function cardHolding(
  occurrence: Occurrence,
  broken: readonly DeployState[],
  { store, clock }: Deps,
): Promise<Proposal | null> {
  const { denial, fingerprint } = occurrence
  const { accountId, region } = denial
  // Applies even if the deploy's own texts name another denial: what its template predicted is still part of it.
  const recent =
    accountId === null || region === null ? [] : await deploysSince({ accountId, region }, clock() - ROUND_MS, store)
  const causes = new Set([...broken, ...recent].flatMap(state => state.causes.map(cause => cause.fingerprint)))
  for (const cause of causes) {
    if (cause === fingerprint) continue
    const id = (await store.occurrence(cause))?.proposalId ?? null
    const proposal = id === null ? null : await store.get(id)
    if (proposal === null || !STANDING.has(proposal.status)) continue
    if (holds(proposal, denial) && !isDeniedAfter(occurrence, proposal)) return proposal
  }
  return null
}

const STANDING: ReadonlySet<Proposal['status']> = new Set([
  'drafted',
  'open',
  'approved',
  'applying',
  'applied',
  'confirmed',
])

/** True when the request was denied after the card's change was applied: the change did not help, which needs a new card. */
function isDeniedAfter(occurrence: Occurrence, proposal: Proposal): boolean {
  const applied = outcomeOf(proposal)
  return applied !== null && deniedAtMs(occurrence) > applied.atMs
}

const holds = ({ template }: Proposal, wanted: Denial): boolean =>
  template?.needs.some(({ denial }) => isSameNeed(denial, wanted)) === true
