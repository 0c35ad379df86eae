/** A verified request from the chat: decided by the approval policy, stored by one conditional write, then carried out. */

import { canonicalJson, fail, never, ok, type Result, unknown, utcSecond } from '../../core/base/index.ts'
import { ledgerKey, type Workspace } from '../domain/authority/index.ts'
import { type BotConfig, CHAT_NAME } from '../domain/config/index.ts'
import { answerPlace, type ChatPlace } from '../domain/messages/index.ts'
import {
  approvalsOf,
  askedFor,
  type ChatRequest,
  type Click,
  type DecisionOutcome,
  decide,
  type Eligibility,
  ineligible,
  isAfterwards,
  isAnnounced,
  isGranting,
  isPressedOn,
  type MemberSince,
  notOver,
  OLD_CONTENT,
  type Origin,
  type Proposal,
  postedCardOf,
  questionOf,
  REASON_MISSING,
  ratificationOf,
  riskOf,
  shortestOf,
  TICKET_WRONG,
  verifiedApprovals,
  withSignedRatification,
  youthInWords,
  youthOf,
} from '../domain/proposal/index.ts'
import { firstLook } from '../domain/stored/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Handled } from '../ports/chat-handler.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { AnswerRenderer, ApprovalForm, FormRenderer, HomeRenderer, Renderer } from '../ports/renderer.ts'
import type { Keys, Signer } from '../ports/signer.ts'
import type { WorkQueue } from '../ports/work-queue.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import { approverListsOf } from '../workflows/approval/approver-directory.ts'
import { eligibilityOf } from '../workflows/approval/approver-eligibility.ts'
import { eligiblePeople } from '../workflows/approval/eligible-people.ts'
import { FORGED_MESSAGE, reportForgery } from '../workflows/approval/report-forgery.ts'
import { claimingToo } from '../workflows/approval/requester-identity.ts'
import { CONTENTION, updateProposal } from '../workflows/optimistic-update.ts'
import { recordDecision } from '../workflows/record-decision.ts'
import { sendPressed } from '../workflows/send-work.ts'
import type { Asker, AskingDeps } from './ask-self-test.ts'
import { answerCommand, whereUnreadable } from './command.ts'
import { memberSince } from './first-seen.ts'
import {
  type AskedPasskey,
  type GivenPasskey,
  type NoPasskey,
  offerPage,
  type PasskeyDeps,
  type PressedButton,
  passkeyFor,
} from './passkey.ts'
import { signDecision } from './sign-decision.ts'

export type DecideDeps = Pick<PasskeyDeps, 'passkeys'> & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly units: AccountUnits
  readonly renderer: Renderer & FormRenderer & HomeRenderer & AnswerRenderer
  readonly audit: AuditLog
  readonly queue: WorkQueue
  readonly botVersion: string
  readonly clock: Clock
  readonly sleep: (ms: number) => Promise<void>
  readonly observer: Observer
  readonly signer: Signer
  readonly keys: Keys
  /** The workspace and the app that requests must come from. */
  readonly workspace: Workspace
  readonly appId: string
  readonly deploymentId: string
  /** A rejection is kept where nobody can hide it from `write`, and who was first seen in a group where only `decide` can say when. */
  readonly ledger: Pick<ObjectLedger, 'create' | 'versions' | 'read'>
  readonly config: BotConfig
  /** Absent: where the bot runs without AWS. */
  readonly selfTest?: Pick<AskingDeps, 'wake' | 'trials'>
}

const LATE = `${CHAT_NAME} stopped waiting before this was on record, and may have shown an error. It is on record now: the card shows it.`
const FAILED = `This could not be finished, as AWS or ${CHAT_NAME} did not answer. Press again: nothing that is on record already is done twice.`

/** To the person who pressed, where the press has failed. */
export const makeNotifyFailed =
  (deps: Pick<DecideDeps, 'chat' | 'renderer'>): ((request: Pressed) => Promise<void>) =>
  request => {
    const by = request.kind === 'click' ? request.click : request
    return answerPrivately(by, answerPlace(request, null), FAILED, deps).notify()
  }

const SILENT: Handled = { reply: null, notify: async () => {} }

export function makeDecide(deps: DecideDeps): (request: ChatRequest) => Promise<Handled> {
  return async request => {
    if (request.kind === 'nothing') {
      if (request.event !== undefined) deps.observer.log('info', 'event_ignored', { event: request.event })
      return SILENT
    }
    if (isForeign(request.origin, deps)) {
      deps.observer.log('warn', 'foreign_request', { kind: request.kind })
      deps.observer.count('ForeignRequests')
      return SILENT
    }
    switch (request.kind) {
      case 'click':
        return handleClick(request, deps)
      case 'form':
        return openForm(request, deps)
      case 'home':
        return openHome(request, deps)
      case 'command':
        return {
          reply: await answerCommand(request, { ...deps, ...selfTesting(deps) }),
          notify: () => readGroups(deps),
        }
      case 'members':
        return (await import('./note-members.ts')).noteMembers(request, deps)
      default:
        return never(request)
    }
  }
}

const selfTesting = ({ selfTest, ...deps }: DecideDeps) =>
  selfTest === undefined
    ? {}
    : {
        trySelf: async (asker: Asker) =>
          (await import('./ask-self-test.ts')).askSelfTest(asker, { ...deps, ...selfTest }),
      }

/** Loaded with the first of them: a press waits for nothing that only a Home tab needs. */
async function openHome({ userId }: Extract<ChatRequest, { kind: 'home' }>, deps: DecideDeps): Promise<Handled> {
  try {
    const { publishHome } = await import('../workflows/home/publish-home.ts')
    await publishHome(userId, deps)
    return { ...SILENT, notify: () => readGroups(deps) }
  } catch (error) {
    deps.observer.log('warn', 'home_not_published', { error: String(error).slice(0, 300) })
    return { ...SILENT, again: true }
  }
}

/** Those who are in a group of approvers now count: it is read before anybody is added to it. */
async function readGroups(deps: DecideDeps): Promise<void> {
  await (await import('./note-members.ts')).readGroups(deps)
}

function isForeign(origin: Origin, { workspace, appId }: DecideDeps): boolean {
  const { teamId, enterpriseId } = workspace
  if (origin.appId !== appId) return true
  if (enterpriseId !== null && origin.enterpriseId !== enterpriseId) return true
  if (teamId === null) return enterpriseId === null
  // To an app of the whole organization, Slack does not always say in which workspace it was.
  const team = origin.teamId ?? (enterpriseId === null ? null : origin.userTeamId)
  if (team !== teamId) return true
  return enterpriseId === null && origin.userTeamId !== null && origin.userTeamId !== teamId
}

type Pressed = Extract<ChatRequest, { kind: 'click' | 'form' }>

/** What is kept of a person for the first time is kept beside the decision, and is there before the answer. */
async function handleClick(request: PressedButton, deps: DecideDeps): Promise<Handled> {
  const answered = await answerPress(request, null, deps)
  if (answered.asks === undefined) return answered
  const { statement, current } = answered.asks
  const place = answerPlace(request, postedCardOf(current))
  if (place === null) return SILENT
  const line = await offerPage(request, statement, deps)
  const message = deps.renderer.lines([line])
  return { ...SILENT, notify: () => deps.chat.postEphemeral(place, request.click.by.id, message) }
}

/** `message`: what the person is told. Absent: the card says it. `asks`: a passkey is needed first, and nothing is stored. */
export type AnsweredPress = Handled & {
  readonly message?: string
  readonly asks?: AskedPasskey & { readonly current: Proposal }
  readonly isStored?: true
}

/** `given`: from the page that asks for the passkey. Null: a button of the chat. */
export async function answerPress(
  request: PressedButton,
  given: GivenPasskey | null,
  deps: DecideDeps,
): Promise<AnsweredPress> {
  const jobs: Promise<unknown>[] = []
  const logged = (error: unknown) => deps.observer.log('warn', 'member_not_recorded', { error: String(error) })
  try {
    return await press(request, given, { ...deps, beside: job => jobs.push(job.catch(logged)) })
  } finally {
    await Promise.all(jobs)
  }
}

type PressDeps = DecideDeps & { readonly beside: (job: Promise<unknown>) => void }

async function press(request: PressedButton, given: GivenPasskey | null, deps: PressDeps): Promise<AnsweredPress> {
  const { click } = request
  const { store, chat, config, observer } = deps
  // Read while the table is asked, and kept for a moment.
  void chat.membership(click.by.id).catch(() => {})
  const [found, holder] = await Promise.all([find(click.proposalId, deps), holderOf(request, deps)])
  if (!found.ok) return answerPrivately(click, answerPlace(request, null), found.error, deps)
  if (!isFromCard(request, found.value, holder, deps))
    return answerPrivately(click, answerPlace(request, null), NOT_THE_CARD, deps)
  const units = isAfterwards(click.action) ? NOT_ASKED : deps.units
  const [eligible, since, ring, address] = await Promise.all([
    eligibilityOf(found.value, click.by.id, config, chat, units),
    sinceOf(found.value, click, deps),
    deps.keys.ring(),
    // Of the answer that says whether they are a member.
    chat.emailOf(click.by.id),
    // Of the same groups, and of those on call: what is signed names them.
    eligiblePeople(found.value, config, chat),
  ])
  const email = address.known ? address.value : null
  const eligibility = {
    ...eligible,
    requester: claimingToo(eligible.requester, found.value.requester, [{ userId: click.by.id, email }]),
    ...(since === undefined ? {} : { memberSinceMs: since }),
    ...(email === null ? {} : { address: email }),
  }
  const { action } = click
  const asked = click.reason === null ? askedFor(found.value, action, eligibility.mode) : null
  if (asked !== null && isGranting(action)) return askFirst(request, found.value, { action, asked }, eligibility, deps)

  // What a passkey signs was pressed a moment before: it has to be right then, and now.
  const decidedAt = ([atMs = 0, ...others]: readonly number[], current: Proposal): DecisionOutcome => {
    const decision = decide(withSignedRatification(current, ring), click, eligibility, atMs)
    return others.length === 0 || decision.kind === 'refused' || decision.kind === 'counted'
      ? decision
      : decidedAt(others, current)
  }
  let isRejectionKept = false
  // After a conflict, the newest state decides what the click still means.
  const stored = await updateProposal(
    found.value,
    async (current): Promise<Result<Proposal, NotStored>> => {
      const forgery = 'approvals' in current && current.patch !== null ? verifiedApprovals(current, ring) : null
      if (forgery?.ok === false) return fail({ kind: 'forged', why: forgery.error.why, current })
      // Who is stored without a signature has decided nothing.
      const decision = decidedAt([deps.clock(), ...(given === null ? [] : [given.atMs])], current)
      if (decision.kind === 'refused' || decision.kind === 'counted')
        return fail({ kind: 'not-decided', decision, current })
      const how = { ...deps, teamId: request.origin.teamId }
      const signed = await signDecision(decision, click, eligibility, how, asked =>
        passkeyFor(asked, current, given, deps),
      )
      if (!signed.ok) return fail({ ...signed.error, current })
      const { next } = signed.value
      // With another content, earlier approvals are dropped: what was approved is on record before.
      if (next.changed?.times !== current.changed?.times) await recordDecision(current, deps)
      isRejectionKept = (await keepRejection(next, deps)) || isRejectionKept
      return ok(next)
    },
    store,
  )
  if (!stored.ok) {
    const { error } = stored
    const kept = isRejectionKept ? REJECTION_KEPT : ''
    if (error === CONTENTION) {
      const where = answerPlace(request, postedCardOf(found.value))
      return answerPrivately(click, where, `${kept}Too many people acted at the same moment. Press again.`, deps)
    }
    const { current } = error
    if (error.kind === 'passkey-asked') return { ...SILENT, asks: error }
    if (error.kind === 'passkey-wrong') {
      observer.log('warn', 'passkey_refused', { proposalId: current.id, by: click.by.id, why: error.why })
      return answerPrivately(click, answerPlace(request, postedCardOf(current)), error.why, deps)
    }
    if (error.kind === 'forged') {
      await reportForgery(current, error.why, deps)
      return answerPrivately(click, answerPlace(request, postedCardOf(current)), FORGED_MESSAGE, deps)
    }
    const { decision } = error
    const code = decision.kind === 'refused' ? decision.refusal.code : 'counted'
    observer.log('info', 'click_refused', { proposalId: current.id, action: click.action, by: click.by.id, code })
    if (decision.kind === 'refused' && (code === REASON_MISSING || code === TICKET_WRONG)) {
      const input = code === TICKET_WRONG ? 'ticket' : 'reason'
      const isInForm = input === 'ticket' ? click.ticket !== undefined : click.reason !== null
      if (isInForm) return { ...SILENT, wrong: { input, message: decision.refusal.message } }
      return withRefresh(
        answerPrivately(click, answerPlace(request, postedCardOf(current)), NO_FORM, deps),
        current,
        deps,
      )
    }
    const answer = answerPrivately(
      click,
      answerPlace(request, postedCardOf(current)),
      `${kept}${inWords(decision)}`,
      deps,
    )
    // The message may still show the old change, if its update was lost.
    return code === OLD_CONTENT ? withRefresh(answer, current, deps) : answer
  }

  const { proposal } = stored.value
  observer.log('info', 'decided', { proposalId: proposal.id, action: click.action, by: click.by.id })
  observer.count('Decisions')
  await sendPressed(proposal, deps.queue)
  const remark = tooNew(proposal, click) ?? endedApprovals(proposal, deps.clock()) ?? shorterThanAsked(proposal, click)
  const where = answerPlace(request, postedCardOf(proposal))
  const answer = remark === null ? SILENT : answerPrivately(click, where, remark, deps)
  return { ...answer, isStored: true, late: () => answerPrivately(click, where, remark ?? LATE, deps).notify() }
}

const REJECTION_KEPT = 'Your answer is on record: what is not written yet will not be. '

/** The approval counts once its form is sent. */
async function askFirst(
  request: Extract<ChatRequest, { kind: 'click' }>,
  proposal: Proposal,
  form: ApprovalForm,
  eligibility: Eligibility,
  deps: DecideDeps,
): Promise<AnsweredPress> {
  const { click, triggerId } = request
  const no = ineligible(proposal, click, eligibility, deps.clock())
  const place = answerPlace(request, postedCardOf(proposal))
  if (no !== null) return answerPrivately(click, place, no.message, deps)
  if (triggerId === undefined) return withRefresh(answerPrivately(click, place, NO_FORM, deps), proposal, deps)
  await deps.chat.openModal(triggerId, await deps.renderer.form(form, proposal, request))
  return SILENT
}

const NO_FORM =
  'A reason or a ticket is asked for here, and the form that you sent had no place for it. Press the button again: its form has one.'

/** What the card was rendered from has changed, too. */
const withRefresh = (answer: AnsweredPress, proposal: Proposal, { queue }: DecideDeps): AnsweredPress => ({
  ...answer,
  notify: async () => void (await Promise.all([answer.notify(), sendPressed(proposal, queue)])),
})

/** Only approvals ask since when their giver is a member. */
async function sinceOf(proposal: Proposal, { action, by }: Click, deps: PressDeps): Promise<MemberSince> {
  if (action === 'reject' || action === 'pull-only' || action === 'revert' || action === 'keep') return undefined
  const { config, observer } = deps
  const glass = config.breakGlass === null ? [] : [{ users: [], groups: [config.breakGlass.group] }]
  const since = await memberSince(action === 'break-glass' ? glass : approverListsOf(proposal, config), by.id, deps)
  if (since.known) return since.value
  observer.log('warn', 'member_since_unknown', { proposalId: proposal.id, by: by.id, why: since.why })
  return undefined
}

/**
 * Before the item says so: nobody repairs it after a crash, as `decide` alone may put it. `write` refuses what has such an object, whatever
 * the table says, so of two people who press at once, the one who rejects decides.
 */
async function keepRejection(
  proposal: Proposal,
  { ledger, deploymentId }: Pick<DecideDeps, 'ledger' | 'deploymentId'>,
): Promise<boolean> {
  if (proposal.status !== 'rejected' || proposal.rejection.signed === null) return false
  await ledger.create(ledgerKey('rejected', deploymentId, proposal.id), canonicalJson(proposal.rejection.signed))
  return true
}

/** Revert and Keep work in every mode, also while Organizations does not answer. */
const NOT_ASKED: AccountUnits = async () => unknown('what stands needs no mode')

const NOT_THE_CARD =
  'This message is not the card of the proposal, so nothing was done. Press the button on the card itself.'

/** The proposal that the card is of, where that is another one. */
async function holderOf(request: Pressed, { store }: DecideDeps): Promise<Proposal | null> {
  const proposalId = request.kind === 'click' ? request.click.proposalId : request.proposalId
  return request.cardOf === proposalId ? null : store.get(request.cardOf)
}

/** A draft has no card yet: the approval policy refuses the press. */
function isFromCard(request: Pressed, proposal: Proposal, other: Proposal | null, deps: DecideDeps): boolean {
  const { observer } = deps
  const holder = request.cardOf === proposal.id ? proposal : other
  if (holder?.id === proposal.id && holder.status === 'drafted') return true
  const isHeld = holder !== null && (holder.id === proposal.id || holder.previous?.id === proposal.id)
  const cards =
    holder === null
      ? []
      : [postedCardOf(holder), questionOf(holder)?.card ?? null, ratificationOf(holder)?.card ?? null]
  if (isHeld && cards.some(card => isPressedOn(card, request))) return true
  if (isFromAnnouncement(request, proposal, deps)) return true
  observer.log('warn', 'press_not_from_card', {
    proposalId: proposal.id,
    conversation: request.conversation,
    message: request.message,
  })
  observer.count('ForeignRequests')
  return false
}

/** Where a break-glass is announced, it can be taken away, and nothing else: no other button of its card works there. */
function isFromAnnouncement(request: Pressed, proposal: Proposal, { config }: DecideDeps): boolean {
  const isRevert = request.kind === 'click' && request.click.action === 'revert' && request.cardOf === proposal.id
  return isRevert && isAnnounced(proposal, config) && request.conversation === config.breakGlass?.announceChannel
}

type NotStored =
  | (NoPasskey & { readonly current: Proposal })
  | { readonly kind: 'forged'; readonly why: string; readonly current: Proposal }
  | {
      readonly kind: 'not-decided'
      readonly decision: Extract<DecisionOutcome, { readonly kind: 'refused' | 'counted' }>
      readonly current: Proposal
    }

/** The error is shown to the person. */
async function find(proposalId: string, deps: DecideDeps): Promise<Result<Proposal, string>> {
  const { store } = deps
  try {
    const proposal = await posted(proposalId, deps)
    if (proposal !== null) return ok(proposal)
    const early = await store.getMarker(firstLook(proposalId))
    if (early === null || !early.value.isBegun || early.value.isOver)
      return fail('This proposal is not on record any more.')
    return fail(
      `IAM may still be settling: this is looked at again ${utcSecond(early.value.againAtMs)}, and there is nothing to decide before.`,
    )
  } catch (error) {
    return fail(whereUnreadable(error))
  }
}

const [WAITS, WAIT_MS] = [2, 400]

/** A card shows its buttons a moment before its proposal is open. */
async function posted(proposalId: string, { store, sleep }: DecideDeps): Promise<Proposal | null> {
  let proposal = await store.get(proposalId)
  for (let waits = 0; proposal?.status === 'drafted' && waits < WAITS; waits += 1) {
    await sleep(WAIT_MS)
    proposal = await store.get(proposalId)
  }
  return proposal
}

/** This approval is on record, and does not count. */
function tooNew(proposal: Proposal, { by }: Click): string | null {
  const last = approvalsOf(proposal).at(-1)
  const youth = last?.by.id === by.id ? youthOf(last, riskOf(proposal)) : null
  return youth === null ? null : `Your approval is on record and does not count: ${youthInWords(youth)}.`
}

/** This approval was the last one needed, but an earlier one has ended. */
function endedApprovals(proposal: Proposal, nowMs: number): string | null {
  if (proposal.status !== 'open') return null
  const { approvals } = proposal
  const counted = notOver(approvals, nowMs)
  const ended = approvals.filter(one => counted.every(({ by }) => by.id !== one.by.id))
  if (ended.length === 0) return null
  const names = ended.map(({ by, limitHours }) => `@${by.name} approved for ${limitHours} h`).join(' and ')
  return `Your approval counts. ${names}, and that time is over: another person must approve.`
}

/** Another approval ends the grant sooner than this person asked for. */
function shorterThanAsked(proposal: Proposal, { by }: Click): string | null {
  const approvals = approvalsOf(proposal)
  const shortest = shortestOf(approvals)
  if (shortest === null || approvals.at(-1)?.by.id !== by.id || shortest.by.some(({ id }) => id === by.id)) return null
  const names = shortest.by.map(({ name }) => `@${name}`).join(' and ')
  return `Your approval counts. The change applies for ${shortest.hours} h, as ${names} approved only that.`
}

function inWords(decision: Extract<DecisionOutcome, { kind: 'refused' | 'counted' }>): string {
  if (decision.kind === 'refused') return decision.refusal.message
  return `Your approval already counts. It still needs ${decision.missing} more from other people.`
}

async function openForm(request: Extract<ChatRequest, { kind: 'form' }>, deps: DecideDeps): Promise<Handled> {
  const { form, by, digest, proposalId, triggerId } = request
  if (form !== 'details') void deps.chat.membership(by.id).catch(() => {})
  const [found, holder] = await Promise.all([find(proposalId, deps), holderOf(request, deps)])
  if (!found.ok) return answerPrivately(request, answerPlace(request, null), found.error, deps)
  const proposal = found.value
  if (!isFromCard(request, proposal, holder, deps))
    return answerPrivately(request, answerPlace(request, null), NOT_THE_CARD, deps)
  let shown: typeof form | ApprovalForm = form
  if (form !== 'details') {
    const eligibility = await eligibilityOf(proposal, by.id, deps.config, deps.chat, deps.units)
    const no = ineligible(proposal, { action: form, by, proposalId, digest, reason: null }, eligibility, deps.clock())
    if (no !== null) return answerPrivately(request, answerPlace(request, postedCardOf(proposal)), no.message, deps)
    // The card may be older than the setting that asks for a reason or a ticket.
    const asked = askedFor(proposal, form, eligibility.mode)
    if (asked !== null && isGranting(form)) shown = { action: form, asked }
  }
  await deps.chat.openModal(triggerId, await deps.renderer.form(shown, proposal, request))
  if (form !== 'details' || proposal.status !== 'open') return SILENT
  // Approvers or the mode may have changed since the card was rendered.
  return withRefresh(SILENT, proposal, deps)
}

/** Only this person sees it. */
function answerPrivately(
  { by }: Pick<Click, 'by'>,
  place: ChatPlace | null,
  text: string,
  { chat, renderer }: Pick<DecideDeps, 'chat' | 'renderer'>,
): AnsweredPress {
  if (place === null) return { ...SILENT, message: text }
  return { reply: null, message: text, notify: () => chat.postEphemeral(place, by.id, renderer.text(text)) }
}
