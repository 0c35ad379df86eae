/**
 * Turns a settled occurrence into one proposal: analyzed, stored, recorded, announced. `plan.ts` computes the steps, and this
 * file carries each one out and returns its result. Idempotent: the id is derived from the denial and the proposal before it.
 */
import { HOUR_MS } from '../../core/base/index.ts'
import { settledCard } from '../domain/card/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import {
  type Drafted,
  deniedAtMs,
  type Proposal,
  postableAtMs,
  proposalId,
  requeued,
  waitingForTurn,
} from '../domain/proposal/index.ts'
import { COUNTERS, noticePublished } from '../domain/stored/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../ports/renderer.ts'
import type { Keys } from '../ports/signer.ts'
import type { WorkQueue } from '../ports/work-queue.ts'
import { decidingMode, modeOfDenial } from '../workflows/approval/account-mode.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { channelOf, isStorm } from '../workflows/card/card-placement.ts'
import { type AskTurn, AT_ONCE, type ChannelTurn, inTurns } from '../workflows/card/channel-turn.ts'
import { correctionOf, noteOnOther } from '../workflows/card/corrections.ts'
import { noticeOf } from '../workflows/card/denial-notice.ts'
import { endFirstLook, pointerTo } from '../workflows/card/first-look.ts'
import { introduce } from '../workflows/card/first-run.ts'
import { type PostCardDeps, postCard } from '../workflows/card/post-card.ts'
import type { AskChain } from '../workflows/denial/ask-chain.ts'
import { earlierGrants } from '../workflows/denial/earlier-grants.ts'
import type { AskWitness } from '../workflows/denial/lookups.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'
import { announceDeploy, deploysBrokenBy } from '../workflows/deploy/correlate-deploy.ts'
import { deploysOfCard } from '../workflows/deploy/deploy-store.ts'
import { analyzeWithTemplate } from '../workflows/deploy/template-findings.ts'
import { countObserved, countOutcome } from './counts.ts'
import { cardHolding, joinCard } from './join-card.ts'
import {
  addTemplate,
  bestDenial,
  confirmByRecord,
  endAllowed,
  findRecord,
  keepCard,
  replaceContent,
  reviewCard,
} from './open-card.ts'
import { learned, nextStep, type Proposed, type ProposeState, type ProposeStep } from './plan.ts'
import { countRepeats, countShown } from './repeats.ts'

export type ProposeDeps = PostCardDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly renderer: Renderer & SideRenderer
  readonly analyze: AnalyzeAgain
  readonly audit: Pick<AuditLog, 'append' | 'appendAll'>
  readonly notifier: Notifier
  readonly config: BotConfig
  readonly queue: Pick<WorkQueue, 'send'>
  readonly clock: Clock
  readonly observer: Observer
  /** The public keys that verify decisions before the log names who made them. */
  readonly keys: Keys
  readonly botVersion: string
  /** Asks CloudTrail whether a denial that a text reports happened. */
  readonly witness: AskWitness
  /** The records behind the denied session. Absent: there is no event history. */
  readonly chain?: AskChain
  readonly sleep: (ms: number) => Promise<unknown>
  /** When a card of a storm may be posted. Absent: at once, and the chat refuses what comes too early. */
  readonly askTurn?: AskTurn
  /** How often a card shows how often it was denied. */
  readonly showEveryMs?: number
}

type StepOf<Kind extends ProposeStep['kind']> = Extract<ProposeStep, { readonly kind: Kind }>
type Steps = {
  readonly [Kind in ProposeStep['kind']]: (step: StepOf<Kind>, deps: ProposeDeps) => Promise<Partial<ProposeState>>
}

/** Carries out a step and returns its result. */
export type TakeStep = (step: ProposeStep) => Promise<Partial<ProposeState>>

export function makePropose(
  deps: ProposeDeps,
  take: TakeStep = step => carryOut(step, deps),
): (fingerprint: string) => Promise<Proposed> {
  return async fingerprint => {
    let state: ProposeState = { fingerprint }
    for (;;) {
      const step = nextStep(state, deps.config)
      if (step.kind === 'done') return step.outcome
      state = learned(state, step, await take(step))
    }
  }
}

/** With one type parameter, TypeScript knows that the step and its entry have the same kind. */
export const carryOut = <Kind extends ProposeStep['kind']>(
  step: StepOf<Kind> & { readonly kind: Kind },
  deps: ProposeDeps,
) => STEPS[step.kind](step, deps)

const STEPS: Steps = {
  async 'read-occurrence'({ fingerprint }, { store, observer, clock }) {
    const occurrence = await store.occurrence(fingerprint)
    if (occurrence === null) observer.log('warn', 'occurrence_missing', { fingerprint })
    return { occurrence, readAtMs: clock() }
  },
  correlate: async ({ occurrence }, deps) => ({ broken: await deploysBrokenBy(occurrence, deps) }),
  'find-card': async ({ occurrence, broken }, deps) => ({ holder: await cardHolding(occurrence, broken, deps) }),
  async 'join-card'({ occurrence, card }, deps) {
    await joinCard(occurrence, card, deps)
    return { joined: true }
  },
  async 'end-first-look'({ id, by }, deps) {
    const words = () => (by.id === id ? settledCard(by) : pointerTo(by, id, deps))
    await endFirstLook({ id, channel: channelOf(by.denial, deps.config) }, words, deps)
    return { firstLookEnded: true }
  },
  'begin-round': async ({ occurrence }, deps) => ({ mode: await modeOfDenial(occurrence.denial, deps) }),
  async 'read-current'({ id }, { store, clock }) {
    const proposal = await store.get(id)
    return { current: { proposal, atMs: clock() } }
  },
  'reread-occurrence': async ({ fingerprint }, { store }) => ({ reread: await store.occurrence(fingerprint) }),

  'read-card-deploys': async ({ card }, deps) => ({ cardDeploys: await deploysOfCard(card, deps) }),
  'review-card': async ({ card, broken }, deps) => ({ finding: await reviewCard(card, broken, deps) }),
  async 'keep-card'({ card }, deps) {
    await keepCard(card, deps)
    return { reviewed: 'as-it-was' }
  },
  async 'add-template'({ card, template }, deps) {
    await addTemplate(card, template, deps)
    return { reviewed: 'as-it-was' }
  },
  'end-card': async ({ card }, deps) => ({ reviewed: (await endAllowed(card, deps)) ? 'ended' : 'as-it-was' }),
  'replace-content': async ({ card, by }, deps) => ({
    reviewed: (await replaceContent(card, by, deps)) ? 'changed' : 'as-it-was',
  }),
  'find-record': async ({ card, occurrence, broken }, deps) => ({
    record: await findRecord(card, occurrence, broken, deps),
  }),
  async 'replace-by-record'({ card, by }, deps) {
    await replaceContent(card, by, deps)
    return { recordShown: true }
  },
  async 'confirm-by-record'({ card, analysis }, deps) {
    await confirmByRecord(card, analysis, deps)
    return { recordShown: true }
  },

  async 'count-repeats'({ proposal, occurrence, isNewest }, deps) {
    const newest = isNewest ? proposal : ((await deps.store.get(proposal.id)) ?? proposal)
    return { repeats: await countRepeats(newest, occurrence, deps) }
  },
  async 'count-repeats-observed'({ proposal, mode, count }, deps) {
    await countObserved({ proposal, mode, count, isNew: false }, deps)
    return { repeatsObserved: true }
  },

  'read-stored': async ({ id }, { store }) => ({ stored: await store.get(id) }),
  'read-reanalyses': async ({ proposal }, { store, clock }) => ({
    reanalyses: await store.counted(reanalysesOf(proposal, hourOf(clock()))),
  }),
  async analyze({ occurrence, current, broken, nowMs }, deps) {
    const id = proposalId(occurrence.fingerprint, current)
    const denial = await bestDenial(occurrence, id, deps)
    const grants = await earlierGrants(current, { denial, atMs: deniedAtMs(occurrence) }, deps.store)
    const chain = deps.chain?.(denial)
    const question = { denial, earlierGrants: grants, nowMs, ...(chain === undefined ? {} : { chain }) }
    const found = await analyzeWithTemplate(question, broken, deps.analyze)
    const readByMs = deps.clock()
    const correction = await correctionOf(denial, { proposalId: id, fingerprint: occurrence.fingerprint }, deps)
    return { analyzed: { ...found, denial, grants, correction, nowMs, readByMs } }
  },
  async 'look-later'({ fingerprint, atMs }, { queue, clock, observer }) {
    const delaySeconds = Math.max(1, Math.ceil((atMs - clock()) / 1_000))
    await queue.send({ kind: 'propose', fingerprint }, { delaySeconds })
    observer.log('info', 'denial_settling', { fingerprint, delaySeconds })
    return { isLater: true }
  },
  async 'count-reanalysis'({ proposal }, { store, clock }) {
    const hour = hourOf(clock())
    await store.increment(reanalysesOf(proposal, hour), (hour + 2) * HOUR_MS)
    return { reanalysisCounted: true }
  },
  async create({ draft, analyzed, after }, { store, observer, clock }) {
    // The lease of its card begins now: the analysis may have taken minutes.
    const created = await store.create(draft.status === 'drafted' ? requeued(draft, clock()) : draft)
    countOutcome(draft, analyzed.analysis, observer)
    if (created.ok && after !== null) {
      observer.count('AfterGrantDenied')
      observer.log('warn', 'after_grant_denied', { proposalId: draft.id, after })
    }
    return { created: { proposal: created.ok ? created.value : created.error, isNew: created.ok } }
  },
  async introduce({ denial, mode }, deps) {
    await introduce(channelOf(denial, deps.config), mode, deps.config.digestAfterCards, deps)
    return { introduced: true }
  },
  async 'count-first-observed'({ proposal, mode, count }, deps) {
    await countObserved({ proposal, mode, count, isNew: true }, deps)
    return { firstObserved: true }
  },

  async record({ proposal, eventIds }, deps) {
    await recordProposed(proposal, eventIds, deps)
    return { recorded: true }
  },
  async 'note-on-other'({ proposal }, deps) {
    await noteOnOther(proposal, deps)
    return { otherNoted: true }
  },
  async 'publish-notice'({ proposal }, deps) {
    await publishOnce(proposal, deps)
    return { noticed: true }
  },
  async claim({ proposal, occurrence }, { store }) {
    await store.claimOccurrence(occurrence.fingerprint, occurrence.proposalId, proposal.id)
    return { claimed: true }
  },
  'lease-card': async ({ proposal }, deps) => ({ leased: await leaseCard(proposal, deps) }),
  async 'post-card'({ proposal, first }, deps) {
    try {
      const turn = await turnOf(proposal, first, deps)
      if (!turn.isHeld) {
        await comeAgain(proposal, turn.ms, deps)
        return { posted: 'delayed' }
      }
      const posted = await postWithList(proposal, withTurn(proposal, turn, deps))
      if (posted !== null) await countShown(posted, deps)
      return { posted: posted === null ? 'delayed' : 'posted' }
    } catch (error) {
      // It is stored and due, so `sweep` posts it. The notice is already published.
      deps.observer.count('CardsDelayed')
      deps.observer.log('error', 'card_delayed', { proposalId: proposal.id, ...fieldsOf(error) })
      return { posted: 'delayed' }
    }
  },

  async 'correlate-again'({ occurrence }, deps) {
    return { toAnnounce: (await deploysBrokenBy(occurrence, deps)).map(({ key }) => key) }
  },
  async announce({ key, rest }, deps) {
    await announceDeploy(key, deps)
    return { toAnnounce: rest }
  },
}

const [LIST_TRIES, LIST_WAIT_MS] = [20, 500]

/** Without a storm, a card is posted at once. */
const turnOf = async (proposal: Drafted, first: boolean, deps: ProposeDeps): Promise<ChannelTurn> =>
  deps.askTurn !== undefined && (await isStorm(proposal, deps))
    ? deps.askTurn(channelOf(proposal.denial, deps.config), first ? 'first' : 'again')
    : AT_ONCE

const withTurn = (proposal: Drafted, turn: ChannelTurn, deps: ProposeDeps): ProposeDeps => {
  const { askTurn, chat, config } = deps
  if (askTurn === undefined || turn === AT_ONCE) return deps
  return { ...deps, chat: inTurns(chat, channelOf(proposal.denial, config), turn, { ...deps, askTurn }) }
}

/** If the message is lost, `sweep` posts the card when it is due. */
async function comeAgain(proposal: Drafted, ms: number, { store, queue, clock }: ProposeDeps): Promise<void> {
  const waits = await store.replace(proposal, waitingForTurn(proposal, ms, clock()))
  if (waits.ok)
    await queue.send({ kind: 'propose', fingerprint: proposal.fingerprint }, { delaySeconds: Math.ceil(ms / 1_000) })
}

/** Waits while another worker posts the list of the storm. Null: it takes longer, and `sweep` tries again. */
async function postWithList(proposal: Drafted, deps: ProposeDeps): Promise<Proposal | null> {
  for (let tries = 1; ; tries += 1) {
    const posted = await postCard(proposal, deps)
    if (posted !== null || tries === LIST_TRIES) return posted
    await deps.sleep(LIST_WAIT_MS)
  }
}

/** At most once an hour, because it reads IAM for something that a card already shows. A failed analysis does not count. */
const reanalysesOf = ({ id }: Proposal, hour: number): string => `${COUNTERS.lookAgain}${id}/${hour}`
const hourOf = (nowMs: number): number => Math.floor(nowMs / HOUR_MS)

/** The creator posts the card. After its lease expires, the first worker that extends it does. */
async function leaseCard(proposal: Drafted, { store, clock }: ProposeDeps): Promise<Drafted | null> {
  const nowMs = clock()
  if (postableAtMs(proposal) > nowMs) return null
  const leased = await store.replace(proposal, requeued(proposal, nowMs))
  return leased.ok ? leased.value : null
}

/** At least once: a crash between publishing and recording publishes twice. */
async function publishOnce(
  proposal: Drafted,
  { store, notifier, observer, config, units }: ProposeDeps,
): Promise<void> {
  const marker = noticePublished(proposal.id)
  if ((await store.getMarker(marker)) !== null) return
  try {
    await notifier.publish(noticeOf(proposal, await decidingMode(proposal, { config, units })))
    await store.putMarker(marker, 0, {})
  } catch (error) {
    // The card is posted anyway, as one of the two must reach a person.
    observer.count('NoticesFailed')
    observer.log('error', 'notice_not_published', { proposalId: proposal.id, ...fieldsOf(error) })
  }
}

function fieldsOf(error: unknown): { readonly error: string; readonly code: string | null } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  return { error: String(error), code }
}
