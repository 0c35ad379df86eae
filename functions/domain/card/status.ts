/** The status of a proposal in plain words. The card always shows the current state and who caused it. */

import {
  joined,
  link,
  linkableUrl,
  never,
  own,
  person,
  plural,
  type Refusal,
  type RichText,
  richText,
  strong,
  time,
} from '../../../core/base/index.ts'
import { type AppliedMode, type Config, type TicketForm, ticketUrl } from '../config/index.ts'
import { unnamed } from '../messages/index.ts'
import {
  ALLOWED_MEANWHILE,
  type Applied,
  type Approval,
  type ApprovalSummary,
  approvalsOf,
  type Confirmed,
  type Drafted,
  didNotHelp,
  noteOf,
  type Open,
  type Proposal,
  riskOf,
  SOLVED,
  shortestOf,
  type TooYoung,
  tooFewInWords,
  youthOf,
} from '../proposal/index.ts'
import { endLine } from './sentences/end-line.ts'

export type ApprovalCount = Pick<ApprovalSummary, 'needed' | 'mayApprove'> & Partial<ApprovalSummary>

/** `now` is above the buttons, `more` below them. */
export type CardStatus = { readonly now: readonly RichText[]; readonly more: readonly RichText[] }

export function cardStatus(
  proposal: Proposal,
  count: ApprovalCount & { readonly mode?: Pick<AppliedMode, 'asks'> },
  config: Hosts,
  nowMs: number,
): CardStatus {
  const tickets = count.mode?.asks?.ticket ?? null
  if (proposal.status === 'drafted' || proposal.status === 'open')
    return { now: [], more: proposal.patch === null ? [] : waiting(proposal, count, tickets, nowMs) }
  return { now: [...conclusion(proposal, nowMs), ...pullLine(proposal, config)], more: approvals(proposal, tickets) }
}

type Hosts = Pick<Config, 'repositories'>

/** The state of the pull request. The thread has the details. */
function pullLine({ pull }: Proposal, config: Hosts): readonly RichText[] {
  if (pull === undefined) return []
  const name = pull.number === null ? null : `Pull request #${pull.number}`
  const page = isOnHost(pull.url, config) ? pull.url : null
  const shown = name === null ? [] : page === null ? [own(name)] : [link(name, page)]
  switch (pull.state) {
    case 'asked':
    case 'waiting':
      return [richText`The pull request is being opened.`]
    case 'open':
      return [richText`${shown} is open.`]
    case 'merged':
      return [richText`${shown} is merged.`]
    case 'closed':
      return name === null ? [] : [richText`${shown} is closed, not merged.`]
    case 'current':
      return [richText`The code has the change already: deploy it.`]
    case 'snippet':
      return [richText`No pull request: the thread has the change to add by hand.`]
    case 'failed':
      return [richText`No pull request: the thread says why.`]
    default:
      return never(pull.state)
  }
}

/** The stored URL may have been changed, so only a configured host may be opened. */
const isOnHost = (url: string | null, { repositories }: Hosts): boolean =>
  linkableUrl(
    url,
    repositories.map(({ host }) => host),
  ) !== null

function conclusion(proposal: Exclude<Proposal, Drafted | Open>, nowMs: number): readonly RichText[] {
  switch (proposal.status) {
    case 'approved':
      return [proposal.waitsForRecord === true ? WAITS_FOR_RECORD : WRITTEN_NEXT]
    case 'applying':
      return [richText`Applying the change.`]
    case 'applied':
    case 'confirmed':
      return [
        ...granted(proposal, nowMs),
        ...(proposal.record === 'missing' ? [NO_RECORD] : []),
        ...(proposal.status === 'applied' && proposal.failure !== null ? [trouble(proposal.failure)] : []),
      ]
    case 'reverting': {
      const { by, atMs } = proposal.revertRequest
      return [richText`${person(by)} asked to undo it ${time(atMs)}. The change is being undone.`]
    }
    case 'reverted': {
      const { by, atMs } = proposal.reverted
      return [richText`${strong('Reverted')} for ${person(by)}, ${time(atMs)}: the policies are as before the change.`]
    }
    case 'rejected': {
      const { by, atMs, reason, pullRequest } = proposal.rejection
      if (pullRequest === true)
        return [richText`${strong('Pull request only')}, by ${person(by)}, ${time(atMs)}: nothing was changed in IAM.`]
      const because = reason === '' ? [] : richText`: ${reason}`
      return [richText`${strong('Rejected')} by ${person(by)}, ${time(atMs)}${because}. Nothing was changed.`]
    }
    case 'expired':
      return [
        richText`${strong('Expired')} ${time(proposal.expiresAtMs)}: nobody decided in time, nothing was changed. If it is denied again, a new card will come.`,
      ]
    case 'failed':
      return [richText`${strong('Failed: nothing was changed.')}${reasonOf(proposal.failure)}`]
    case 'stale':
      return [
        proposal.failure.code === ALLOWED_MEANWHILE || proposal.failure.code === SOLVED
          ? richText`${strong('Nothing to approve any more.')}${reasonOf(proposal.failure)}`
          : richText`${strong('Out of date, nothing was changed:')}${reasonOf(proposal.failure)}`,
      ]
    case 'closed':
      return []
    default:
      return never(proposal)
  }
}

const WRITTEN_NEXT = richText`Approved. The change is being written next.`
const WAITS_FOR_RECORD = richText`Approved, and ${strong('nothing is written yet')}: CloudTrail's own record of the denial has not come, which can take 15 minutes. The change is written once it is there, and refused if it does not come.`

function waiting(
  proposal: Proposal,
  {
    needed,
    because = null,
    mayApprove,
    had = approvalsOf(proposal).map(({ by }) => by.id),
    leftOut = null,
    requester,
    tooFew = null,
    settings,
    emptyGroups,
  }: ApprovalCount,
  tickets: TicketForm | null,
  nowMs: number,
): readonly RichText[] {
  const given = approvalsOf(proposal)
  const so = given.length === 0 ? '' : `, ${had.length} so far`
  const end =
    nowMs >= proposal.expiresAtMs
      ? richText`The time to decide ended ${time(proposal.expiresAtMs)}.`
      : richText`The card expires ${time(proposal.expiresAtMs)}.`
  const few = tooFewInWords({
    needed,
    tooFew,
    leftOut,
    ...(settings === undefined ? {} : { settings }),
    ...(emptyGroups === undefined ? {} : { emptyGroups }),
  })
  const gone = given.filter(({ by }) => !had.includes(by.id))
  return [
    ...approvals(proposal, tickets),
    ...gone.map(approval => notCounted(approval, youthOf(approval, riskOf(proposal)))),
    richText`${strong('Waiting for approval:')} ${own(`${plural(needed, 'person', 'people')} needed${so}`)}${because === null ? [] : richText` (${because})`}. ${end}`,
    richText`May approve: ${people(mayApprove)}.${leftOut === null ? [] : richText` Not ${person(unnamed(leftOut))}, ${own(requester?.kind === 'unknown' ? 'who the session claims to be' : 'whose own denied request it is')}.`}`,
    ...(few === null ? [] : [[strong(few)], [own('Press Details after that: Approve comes back.')]]),
  ]
}

function notCounted({ by }: Approval, youth: TooYoung | null): RichText {
  if (youth === null) return richText`The approval of ${person(by)} does not count any more.`
  const { countsFromMs } = youth
  return countsFromMs === null
    ? richText`The approval of ${person(by)} ${strong('does not count')}: it could not be seen since when they are in the approver group. They can press again.`
    : richText`The approval of ${person(by)} ${strong('does not count')}: they were first seen in the approver group less than 24 h before, and the risk is not low. They can press again after ${time(countsFromMs)}.`
}

const NAMED_PEOPLE = 12

/** The first of the people who may approve, and the number of others. */
function people(list: RichText): RichText {
  const named = list.flatMap((span, at) => (span.kind === 'person' || span.kind === 'group' ? [at] : []))
  const left = named.length - NAMED_PEOPLE
  const shown = left > 0 ? list.slice(0, (named[NAMED_PEOPLE - 1] ?? 0) + 1) : list
  return left > 0 ? richText`${shown}, and ${left} more` : shown
}

function approvals(proposal: Proposal, tickets: TicketForm | null): readonly RichText[] {
  const given = approvalsOf(proposal)
  const lines = given.map(one => approvalLine(one, tickets))
  const shortest = shortestOf(given)
  if (shortest === null) return lines
  const by = joined(
    shortest.by.map(each => [person(each)]),
    ' and ',
  )
  return [...lines, richText`It applies for ${shortest.hours} h, as ${by} approved only that.`]
}

function approvalLine(approval: Approval, tickets: TicketForm | null): RichText {
  const { by, atMs, limitHours, reason } = approval
  const note = noteOf(approval)
  const limit = limitHours === null ? [] : richText` for ${limitHours} h`
  const glass = reason === null ? [] : richText` with break-glass: ${reason}`
  const why = note.reason === null ? [] : richText`: ${note.reason}`
  const url = note.ticket === null ? null : ticketUrl(note.ticket, tickets)
  const ticket = note.ticket === null ? [] : richText` (${url === null ? note.ticket : link(note.ticket, url)})`
  return richText`Approved${limit} by ${person(by)}, ${time(atMs)}${glass}${why}${ticket}.`
}

function granted(proposal: Applied | Confirmed, nowMs: number): readonly RichText[] {
  const { applied } = proposal
  const end = endLine(applied.endsAtMs, nowMs)
  const written = richText`Applied ${time(applied.atMs)}`
  if (didNotHelp(proposal))
    return [
      richText`${strong('It did not help:')} applied ${time(applied.atMs)}, denied again ${time(proposal.repeats.lastSeenMs)}. Revert it, so that no unused access is left behind.`,
      ...end,
    ]
  const stays = applied.endsAtMs === null ? STAYS : []
  if (proposal.status === 'confirmed')
    return [richText`${written}. ${strong('Confirmed: working again.')}${stays}`, ...end]
  switch (applied.answer) {
    case 'allowed':
      return [
        richText`${written} and read back: the request is ${strong('allowed now')}. IAM can take a minute to show it everywhere.${stays}`,
        ...end,
      ]
    case 'denied':
      return [
        richText`${written}, but read back the request is ${strong('still denied')}. Revert it, unless you know why.`,
        ...end,
      ]
    case 'unknown':
      return [
        richText`${written}, but whether the request is allowed could not be settled. Try the call again.${stays}`,
        ...end,
      ]
    default:
      return never(applied.answer)
  }
}

const STAYS: RichText = richText` It stays until somebody reverts it.`

/** Nobody waits for the record of a low-risk denial before the write. */
const NO_RECORD: RichText = richText`${strong('CloudTrail has no record of this denial.')} Revert the change, and tell the people who run rolemedic: somebody may have made the denial up.`

const trouble = (failure: Refusal): RichText =>
  richText`${strong('This needs a person: the change, or a part of it, still stands.')}${reasonOf(failure)}`

function reasonOf(failure: Refusal): RichText {
  return richText` ${failure.message}${failure.owner === null ? [] : richText` (ask ${failure.owner})`}`
}
