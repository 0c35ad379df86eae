/**
 * Looks at CloudTrail's own history for an open card: did the call succeed later, and which write took the permission away? A card whose
 * denial solved itself closes. Idempotent: a repeat finds a card that has ended, or looks again within the same budget of requests.
 */

import { fail, MINUTE_MS, ok, type Refusal } from '../../core/base/index.ts'
import { runOfDenial } from '../../core/denial/index.ts'
import type { AccessSnapshot } from '../../core/iam/index.ts'
import type { Risk } from '../../core/patch/index.ts'
import {
  changeSeen,
  type Open,
  type RestoreChoice,
  runSeen,
  type Stale,
  stale,
  type WhatChanged,
} from '../domain/proposal/index.ts'
import type { PolicyVersions } from '../ports/access-reader.ts'
import type { EventHistory } from '../ports/event-history.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { callsAfter, lastDenied, type SearchBy, solvedBy } from '../workflows/denial/later-success.ts'
import { type Lookups, shownLookups } from '../workflows/denial/lookups.ts'
import { restoreChoice } from '../workflows/denial/restore-choice.ts'
import { readVersions, versionDigests } from '../workflows/denial/seen-versions.ts'
import {
  bothWrites,
  HISTORY_MS,
  type ListedName,
  namesBehind,
  namesOf,
  notAsked,
  type PlacedDenial,
  readWrites,
  type SeenWrites,
} from '../workflows/denial/seen-writes.ts'
import { whatChangedIn } from '../workflows/denial/what-changed.ts'
import { asProposed, type Beside, type BundleAnalysis } from '../workflows/deploy/analyze-bundle.ts'
import { othersLeft } from '../workflows/deploy/others-left.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { isSameCard } from './card-review.ts'
import { announceStale, replaceContent } from './open-card.ts'
import type { ProposeDeps } from './propose.ts'

/** `spent`: this denial has no requests left. `postponed`: it was denied again, or its own record has not come yet. */
export type SuccessLook =
  | 'solved'
  | 'solved-in-part'
  | 'changed'
  | 'not-seen'
  | 'unreadable'
  | 'spent'
  | 'postponed'
  | 'ended'

type Deps = ProposeDeps & { readonly history: Pick<EventHistory, 'search'>; readonly policyVersions: PolicyVersions }

export function makeLookForSuccess(deps: Deps): (proposalId: string) => Promise<SuccessLook> {
  return async proposalId => {
    const { store, clock } = deps
    const open = await store.get(proposalId)
    if (open?.status !== 'open') return 'ended'
    const asked = lastDenied(open, await store.occurrence(open.fingerprint))
    if (asked === null) return 'postponed'
    const lookups = shownLookups({ id: open.id, denial: open.denial, risks: risksOffered(open) }, deps)
    const turn = turnOf(open, namesOf(asked).length, clock())
    const analyze = await analyzing(open, asked, deps)
    const isSpent = (await lookups.left()) === 0
    const calls =
      open.isSolved === true ? NO_CALLS : await callsAfter(asked, await searchesOf(turn, lookups), clock(), lookups)
    const why =
      calls.trail === null ? null : await solvedBy(open, asked, calls.trail, { lookups, nowMs: clock(), analyze })
    if (why !== null)
      return (open.template?.needs.length ?? 0) > 0 ? leaveOthers(open, why, analyze, deps) : close(open, why, deps)
    const seen = await lookForRun(open, analyze, deps)
    const changed = await lookForChange(open, asked, turn, { lookups, analyze }, deps)
    return changed ?? (seen ? 'changed' : isSpent ? 'spent' : calls.outcome)
  }
}

/** Of every change that a person can choose on the card: what may be written last needs the most confirmation. */
function risksOffered({ verification, restore, template }: Open): readonly Risk[] {
  const choices = [restore?.kind === 'offered' ? restore.change : null, template?.alone ?? null]
  return [verification.risk, ...choices.flatMap(choice => (choice === null ? [] : [choice.verification.risk]))]
}

const NO_CALLS = { trail: null, outcome: 'not-seen' } as const

/** `keep`: the requests that the looks after it need. */
type Turn = {
  readonly searches: readonly SearchBy[]
  readonly keep: number
  /** No record is late any more. */
  readonly isLast: boolean
  readonly asksChange: boolean
}

/** For a policy or group behind the caller. */
const SPARE = 1

/** The first look finds most. The last one is after the 15 minutes that a record may take, and asks for the writes again. */
function turnOf({ createdAtMs }: Open, names: number, nowMs: number): Turn {
  const ageMs = nowMs - createdAtMs
  const last = 1 + names + SPARE
  if (ageMs < 5 * MINUTE_MS) return { searches: ['session', 'call'], keep: last, isLast: false, asksChange: true }
  if (ageMs < 15 * MINUTE_MS) return { searches: ['call', 'session'], keep: last, isLast: false, asksChange: false }
  return { searches: ['call', 'session'], keep: names + SPARE, isLast: true, asksChange: true }
}

async function searchesOf(
  { searches, keep, isLast, asksChange }: Turn,
  lookups: Lookups,
): Promise<readonly SearchBy[]> {
  const left = await lookups.left()
  const least = isLast || asksChange ? 1 : 0
  return searches.slice(0, Math.min(left, Math.max(least, left - keep)))
}

type Analyze = (beside: Partial<Beside>) => Promise<BundleAnalysis>

async function analyzing(open: Open, asked: PlacedDenial, { analyze, store, clock }: Deps): Promise<Analyze> {
  const earlierGrants = await grantsBefore(open, store)
  return beside => analyze(asked, clock(), { ...asProposed(open), earlierGrants, ...beside })
}

/** The records of a session that began just before may come after its card. True: the card says more now. */
async function lookForRun(open: Open, analyze: Analyze, deps: Deps): Promise<boolean> {
  if (open.run !== undefined && open.run.chain.length > 0) return false
  const chain = (await deps.chain?.(open.denial)) ?? null
  const run = chain === null || chain.root === null ? null : runOfDenial(open.denial, chain)
  if (chain === null || run === null || run.chain.length === 0) return false
  const { requester } = await analyze({ chain: Promise.resolve(chain) })
  const stored = await updateProposal(
    open,
    now => (isSameCard(now, open) ? ok<Open>(runSeen(now, run, requester, deps.clock())) : fail('moved')),
    deps.store,
  )
  if (!stored.ok) return false
  deps.observer.log('info', 'run_seen', { proposalId: open.id, records: run.chain.length })
  await showNow(open.id, deps)
  return true
}

/** `sweep` shows it, if this fails. */
async function showNow(proposalId: string, deps: Deps): Promise<void> {
  try {
    await refreshCard(proposalId, deps)
  } catch (error) {
    deps.observer.log('warn', 'finding_not_shown', { proposalId, error: String(error) })
  }
}

/** Null: nothing was asked, or the answer is not final and proves nothing. */
async function lookForChange(
  open: Open,
  asked: PlacedDenial,
  turn: Turn,
  { lookups, analyze }: { readonly lookups: Lookups; readonly analyze: Analyze },
  deps: Deps,
): Promise<'changed' | 'postponed' | null> {
  const names = namesOf(asked)
  if (!turn.asksChange || names.length === 0) return null
  // What the last look needs is not spent before it.
  if (!turn.isLast && (await lookups.left()) < names.length + turn.keep) return null
  const nowMs = deps.clock()
  // The card is about the first denial: of a later one, a younger write may be missing.
  const first = { ...asked, timeMs: open.denial.timeMs ?? asked.timeMs }
  const { snapshot } = await analyze({})
  const { seen, behind } = await seenWrites(first, snapshot, turn, nowMs, lookups)
  if (!turn.isLast && open.versions === undefined) await rememberVersions(open, behind, deps)
  if (seen === null) return null
  const { whatChanged } = open
  // What the history does not answer withdraws nothing that it proved.
  const isAnswered = typeof seen !== 'string' && seen.trail.gap === null
  if (!isAnswered && whatChanged?.isFinal === true) return null
  const found =
    typeof seen === 'string'
      ? notProved(seen, nowMs)
      : ((await changeIn(open, first, snapshot, seen, { nowMs, isLast: turn.isLast }, deps)) ??
        // What was said before is withdrawn.
        (whatChanged?.outcome === 'found' ? notProved(ALLOWED, nowMs) : null))
  if (found === null || (found.outcome !== 'found' && !turn.isLast && whatChanged?.outcome !== 'found')) return null
  const lost = found.outcome === 'found' ? found.lost : null
  const restore = lost === null ? null : await restoreChoice(open, lost, { config: deps.config, analyze })
  return showChange(open, found, restore, deps)
}

/** Versions of policies are read only where nothing is proved without them. */
async function changeIn(
  open: Open,
  denial: PlacedDenial,
  snapshot: AccessSnapshot,
  seen: SeenWrites,
  { nowMs, isLast }: { readonly nowMs: number; readonly isLast: boolean },
  deps: Deps,
): Promise<WhatChanged | null> {
  const look = { nowMs, isLast, card: open }
  const found = whatChangedIn(denial, snapshot, seen, { ...look, versions: null })
  if (found?.outcome !== 'not-proved' || seen.trail.gap !== null) return found
  const versions = await readVersions(seen, deps)
  if (versions === null) return found
  if (versions.unread !== null) return { ...found, why: versions.unread }
  return whatChangedIn(denial, snapshot, seen, { ...look, versions })
}

/** The last look compares them. Lost where somebody decides meanwhile: then nothing is proved by them. */
async function rememberVersions(open: Open, behind: readonly ListedName[], deps: Deps): Promise<void> {
  const versions = await versionDigests(behind, deps)
  if (versions === null) return
  await updateProposal(
    open,
    now => (isSameCard(now, open) ? ok<Open>({ ...now, versions }) : fail('moved')),
    deps.store,
  )
}

const ALLOWED = 'the policies that were read now allow it, so that no write is seen to have taken it away'

const notProved = (why: string, nowMs: number): WhatChanged => ({
  ...{ outcome: 'not-proved', why, seenAtMs: nowMs, isFinal: true },
})

/** `seen`, a text: why nothing can be proved, so that nothing is asked. Null: the last look needs what is left. */
type Seen = { readonly seen: SeenWrites | string | null; readonly behind: readonly ListedName[] }

async function seenWrites(
  denial: PlacedDenial,
  snapshot: AccessSnapshot,
  { isLast, keep }: Turn,
  nowMs: number,
  lookups: Lookups,
): Promise<Seen> {
  const window = { fromMs: nowMs - HISTORY_MS, toMs: nowMs }
  const names = namesOf(denial)
  if ((await lookups.left()) < names.length) return { seen: notAsked(names), behind: [] }
  const own = await readWrites(denial, names, window, lookups)
  const behind = namesBehind(denial, snapshot, own.trail)
  if (behind.length === 0 || own.trail.gap !== null) return { seen: own, behind }
  const left = await lookups.left()
  if (!isLast && left < behind.length + keep) return { seen: null, behind }
  // A part of them proves nothing.
  if (left < behind.length) return { seen: notAsked(behind), behind }
  return { seen: bothWrites(own, await readWrites(denial, behind, window, lookups)), behind }
}

/** A decision that was stored meanwhile takes precedence. */
async function showChange(
  open: Open,
  found: WhatChanged,
  restore: RestoreChoice | null,
  deps: Deps,
): Promise<'changed' | 'postponed'> {
  const stored = await updateProposal(
    open,
    now =>
      isSameCard(now, open) && now.patch.digest === open.patch.digest
        ? ok<Open>(changeSeen(now, found, restore, deps.clock()))
        : fail('moved'),
    deps.store,
  )
  if (!stored.ok) return 'postponed'
  deps.observer.log('info', 'what_changed_seen', {
    proposalId: open.id,
    outcome: found.outcome,
    isFinal: found.isFinal,
  })
  await showNow(open.id, deps)
  return 'changed'
}

/** A decision or a repeat that was stored meanwhile takes precedence. */
async function close(open: Open, why: Refusal, deps: Deps): Promise<SuccessLook> {
  const stored = await updateProposal(
    open,
    now =>
      isSameCard(now, open) && now.repeats.lastSeenMs === open.repeats.lastSeenMs
        ? ok<Stale>(stale(now, why, deps.clock()))
        : fail('moved'),
    deps.store,
  )
  if (!stored.ok) return 'postponed'
  deps.observer.count('SolvedThemselves')
  deps.observer.log('info', 'denial_solved_itself', { proposalId: open.id, code: why.code })
  await announceStale(stored.value.proposal, deps)
  return 'solved'
}

/** The other needs of its deploy stay on the card, without the denial. */
async function leaveOthers(open: Open, why: Refusal, analyze: Analyze, deps: Deps): Promise<SuccessLook> {
  const left = othersLeft(open, await analyze({ isSolved: true }), why, deps.config)
  if (left === null) return close(open, why, deps)
  if (!(await replaceContent(open, left, deps))) return 'postponed'
  deps.observer.count('SolvedThemselves')
  return 'solved-in-part'
}
