/** A verified request of a person: decided by the approval policy, stored by one conditional write, then carried out. */

import { fail, never, ok, type Result } from '../domain/base/result.ts'
import {
  type Decision,
  decide,
  ineligible,
  notOver,
  REASON_MISSING,
  shortestOf,
} from '../domain/proposal/approval-policy.ts'
import type { ChatRequest, Click, Origin } from '../domain/proposal/click.ts'
import { approvalsOf, type Proposal, postedCardOf } from '../domain/proposal/proposal.ts'
import { isItemUnreadable } from '../domain/stored/versions.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Handled } from '../ports/chat-handler.ts'
import type { Clock } from '../ports/clock.ts'
import type { Drawing, FormDrawing } from '../ports/drawing.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { eligibilityOf } from '../workflows/approval/approver-eligibility.ts'
import { type CarryOutDeps, carryOut } from '../workflows/approval/carry-out-decision.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { answerCommand } from './command.ts'

export type DecideDeps = CarryOutDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly drawing: Drawing & FormDrawing
  readonly audit: AuditLog
  readonly clock: Clock
  readonly observer: Observer
  /** The workspace and the app that requests must come from. Null: any that hold the signing secret. */
  readonly teamId: string | null
  readonly appId: string | null
}

const SILENT: Handled = { reply: null, tell: async () => {} }
const MAX_ATTEMPTS = 8

export function makeDecide(deps: DecideDeps): (request: ChatRequest) => Promise<Handled> {
  return async request => {
    if (isForeign(request.origin, deps)) {
      deps.observer.log('warn', 'request of a foreign workspace or app', { kind: request.kind })
      deps.observer.count('ForeignRequests')
      return SILENT
    }
    switch (request.kind) {
      case 'click':
        return press(request, deps)
      case 'form':
        return openForm(request, deps)
      case 'command':
        return { reply: deps.drawing.text(await answerCommand(request.text, deps)), tell: SILENT.tell }
      case 'nothing':
        return SILENT
      default:
        return never(request)
    }
  }
}

function isForeign(origin: Origin, { teamId, appId }: DecideDeps): boolean {
  if (appId !== null && origin.appId !== appId) return true
  if (teamId !== null && origin.teamId !== teamId) return true
  return teamId !== null && origin.userTeamId !== null && origin.userTeamId !== teamId
}

type Pressed = Extract<ChatRequest, { kind: 'click' | 'form' }>

async function press(request: Extract<ChatRequest, { kind: 'click' }>, deps: DecideDeps): Promise<Handled> {
  const { click } = request
  const { store, chat, config, observer } = deps
  const found = await find(click.proposalId, deps)
  if (!found.ok) return postEphemeral(click, placeOf(request, null), found.error, deps)
  let proposal = found.value
  const eligibility = await eligibilityOf(proposal, click.by.id, config, chat)

  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const decision = decide(proposal, click, eligibility, deps.clock())
    const where = placeOf(request, postedCardOf(proposal))
    if (decision.kind === 'refused' || decision.kind === 'counted') {
      const code = decision.kind === 'refused' ? decision.refusal.code : 'counted'
      observer.log('info', 'click refused', { proposalId: proposal.id, action: click.action, by: click.by.id, code })
      if (decision.kind === 'refused' && decision.refusal.code === REASON_MISSING)
        return { ...SILENT, wrongReason: decision.refusal.message }
      return postEphemeral(click, where, inWords(decision), deps)
    }
    const written: Result<Proposal, Proposal> = await store.replace(proposal, decision.next)
    if (!written.ok) {
      // Somebody else was first: what they did decides what this click still means.
      proposal = written.error
      continue
    }
    observer.log('info', 'decided', { proposalId: proposal.id, kind: decision.kind, by: click.by.id })
    observer.count('Decisions')
    await carryOut(written.value, deps, { first: true })
    const more = overBefore(written.value, deps.clock()) ?? shorterThanAsked(written.value, click)
    const heard = more === null ? SILENT : postEphemeral(click, where, more, deps)
    return {
      reply: null,
      tell: async () => void (await Promise.all([refreshCard(written.value.id, deps), heard.tell()])),
    }
  }
  return postEphemeral(
    click,
    placeOf(request, postedCardOf(proposal)),
    'Too many people acted at the same moment. Press again.',
    deps,
  )
}

/** The error is for the person. */
async function find(proposalId: string, { store }: DecideDeps): Promise<Result<Proposal, string>> {
  try {
    const proposal = await store.get(proposalId)
    return proposal === null ? fail('This proposal is not on record any more.') : ok(proposal)
  } catch (error) {
    if (!isItemUnreadable(error)) throw error
    return fail('The record of this proposal cannot be read. The administrators of rolemedic have been alerted.')
  }
}

/** This approval did not complete what it seems to: an earlier one is over. */
function overBefore(proposal: Proposal, nowMs: number): string | null {
  if (proposal.status !== 'open') return null
  const { approvals } = proposal
  const counted = notOver(approvals, nowMs)
  const over = approvals.filter(one => counted.every(({ by }) => by.id !== one.by.id))
  if (over.length === 0) return null
  const names = over.map(({ by, limitHours }) => `@${by.name} approved for ${limitHours} h`).join(' and ')
  return `Your approval counts. ${names}, which is over: somebody else has to approve again.`
}

/** Somebody else's approval ends the grant sooner than this person asked for. */
function shorterThanAsked(proposal: Proposal, { by }: Click): string | null {
  const approvals = approvalsOf(proposal)
  const shortest = shortestOf(approvals)
  if (shortest === null || approvals.at(-1)?.by.id !== by.id || shortest.by.some(({ id }) => id === by.id)) return null
  const names = shortest.by.map(({ name }) => `@${name}`).join(' and ')
  return `Your approval counts. The change applies for ${shortest.hours} h, as ${names} approved only that.`
}

function inWords(decision: Extract<Decision, { kind: 'refused' | 'counted' }>): string {
  if (decision.kind === 'refused') return decision.refusal.message
  return `Your approval already counts. It still needs ${decision.missing} more from other people.`
}

async function openForm(request: Extract<ChatRequest, { kind: 'form' }>, deps: DecideDeps): Promise<Handled> {
  const { form, by, digest, proposalId, triggerId } = request
  const found = await find(proposalId, deps)
  if (!found.ok) return postEphemeral(request, placeOf(request, null), found.error, deps)
  const proposal = found.value
  if (form !== 'details') {
    const eligibility = await eligibilityOf(proposal, by.id, deps.config, deps.chat)
    const no = ineligible(proposal, { action: form, by, proposalId, digest, reason: null }, eligibility, deps.clock())
    if (no !== null) return postEphemeral(request, placeOf(request, postedCardOf(proposal)), no.message, deps)
  }
  await deps.chat.openModal(triggerId, await deps.drawing.form(form, proposal))
  return SILENT
}

type Place = { readonly channel: string; readonly threadTs?: string }

/** Where the person looks: at the message that they pressed or, after a form, at the card. */
const placeOf = ({ channel, threadTs }: Pressed, card: Place | null): Place | null =>
  channel === null ? card : { channel, ...(threadTs === undefined ? {} : { threadTs }) }

function postEphemeral(
  { by }: Pick<Click, 'by'>,
  place: Place | null,
  text: string,
  { chat, drawing }: DecideDeps,
): Handled {
  if (place === null) return SILENT
  return { reply: null, tell: () => chat.postEphemeral(place.channel, by.id, drawing.text(text), place.threadTs) }
}
