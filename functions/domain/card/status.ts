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
  type Span,
  strong,
  time,
} from '../../../core/base/index.ts'
import { capitalize } from '../../../core/diagnosis/index.ts'
import {
  type AppliedMode,
  type Config,
  type FreezeWindow,
  frozenThroughout,
  type TicketForm,
  ticketUrl,
} from '../config/index.ts'
import { type Person, ROLEMEDIC, unnamed } from '../messages/index.ts'
import {
  ALLOWED_MEANWHILE,
  type Applied,
  type Approval,
  type ApprovalSummary,
  type Approved,
  approvalsOf,
  type Confirmed,
  type Drafted,
  didNotHelp,
  inTimeAtDecision,
  isRollingOut,
  keepsGrantUntil,
  noteOf,
  type Open,
  type Proposal,
  type Reverted,
  type Reverting,
  riskOf,
  SOLVED,
  shortestOf,
  type TooYoung,
  tooFewInWords,
  youthOf,
} from '../proposal/index.ts'
import { endLine } from './sentences/end-line.ts'

export type ApprovalCount = Pick<ApprovalSummary, 'needed' | 'mayApprove'> & Partial<ApprovalSummary>

/** `now`, and `asks`: who may approve, until when, are above the buttons; `more` is below them. */
export type CardStatus = {
  readonly now: readonly RichText[]
  readonly asks: readonly RichText[]
  readonly more: readonly RichText[]
}

export function cardStatus(
  proposal: Proposal,
  count: ApprovalCount & { readonly mode?: Pick<AppliedMode, 'asks' | 'freezes'> },
  config: Hosts,
  nowMs: number,
): CardStatus {
  const tickets = count.mode?.asks?.ticket ?? null
  if (proposal.status === 'drafted' || proposal.status === 'open')
    return proposal.patch === null
      ? { now: [], asks: [], more: [] }
      : { now: [], ...waiting(proposal, count, { tickets, freezes: count.mode?.freezes ?? [] }, nowMs) }
  const { now, more } = conclusion(proposal, nowMs)
  return { now: [...now, ...pullLine(proposal, config)], asks: [], more: [...more, ...approvals(proposal, tickets)] }
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

type Conclusion = Pick<CardStatus, 'now' | 'more'>
const only = (...now: readonly RichText[]): Conclusion => ({ now, more: [] })

function conclusion(proposal: Exclude<Proposal, Drafted | Open>, nowMs: number): Conclusion {
  const keptUntilMs = keepsGrantUntil(proposal)
  switch (proposal.status) {
    case 'approved':
      if (proposal.stopped !== undefined) return only(waitsForResume(proposal.stopped))
      return only(proposal.waitsForRecord === true ? WAITS_FOR_RECORD : WRITTEN_NEXT)
    case 'applying':
      return only(richText`Applying the change.`)
    case 'applied':
    case 'confirmed': {
      const { now, more } = granted(proposal, nowMs)
      return {
        now: [
          ...now,
          ...(proposal.record === 'missing' ? [NO_RECORD] : []),
          ...(proposal.status === 'applied' && proposal.failure !== null ? [trouble(proposal.failure)] : []),
        ],
        more,
      }
    }
    case 'reverting': {
      const { by, atMs } = proposal.revertRequest
      const who = isOver(proposal, by, atMs)
        ? richText`Its time is over`
        : richText`${person(by)} asked to undo it ${time(atMs)}`
      return only(richText`${who}. The change is being undone.`)
    }
    case 'reverted': {
      const { by, atMs } = proposal.reverted
      const who = isOver(proposal, by, atMs) ? richText`, as its time was over` : richText` by ${person(by)}`
      return only(richText`${strong('Reverted')}${who}, ${time(atMs)}: the policies are as before the change.`)
    }
    case 'rejected': {
      const { by, atMs, reason, pullRequest } = proposal.rejection
      if (pullRequest === true)
        return only(
          richText`${strong('Pull request only')}, by ${person(by)}, ${time(atMs)}: nothing was changed in IAM.`,
        )
      const because = reason === '' ? [] : richText`: ${reason}`
      if (keptUntilMs !== null)
        return only(
          richText`${strong('Not kept')} by ${person(by)}, ${time(atMs)}${because}. ${grantEnds(keptUntilMs, nowMs)}`,
        )
      return only(richText`${strong('Rejected')} by ${person(by)}, ${time(atMs)}${because}. Nothing was changed.`)
    }
    case 'expired':
      if (keptUntilMs !== null)
        return only(richText`${strong('Nobody decided in time.')} ${grantEnds(keptUntilMs, nowMs)}`)
      return only(
        richText`${strong('Expired')} ${time(proposal.expiresAtMs)}: nobody decided in time, nothing was changed. If it is denied again, a new card will come.`,
      )
    case 'failed':
      return only(richText`${strong('Failed: nothing was changed.')}${reasonOf(proposal.failure)}`)
    case 'stale':
      return only(
        proposal.failure.code === ALLOWED_MEANWHILE || proposal.failure.code === SOLVED
          ? richText`${strong('Nothing to approve any more.')}${reasonOf(proposal.failure)}`
          : richText`${strong('Out of date, nothing was changed.')}${reasonOf(proposal.failure)}`,
      )
    case 'closed':
      return only()
    default:
      return never(proposal)
  }
}

/** Of a grant that a card asked to keep. */
const grantEnds = (atMs: number, nowMs: number): RichText =>
  atMs > nowMs ? richText`The grant ends ${time(atMs)}.` : richText`The grant ended ${time(atMs)}.`

/** True when nobody asked for it: the end that was approved has come. */
const isOver = ({ applied }: Reverting | Reverted, by: Person, atMs: number): boolean =>
  by.id === ROLEMEDIC.id && applied.endsAtMs !== null && atMs >= applied.endsAtMs

const WRITTEN_NEXT = richText`Approved. The change is being written next.`
const waitsForResume = ({ by, sinceMs }: NonNullable<Approved['stopped']>): RichText =>
  richText`Approved, and ${strong('nothing is written yet')}: ${by} stopped granting ${time(sinceMs)}. The change is written once it goes on, within a day.`
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
  { tickets, freezes }: { readonly tickets: TicketForm | null; readonly freezes: readonly FreezeWindow[] },
  nowMs: number,
): Pick<CardStatus, 'asks' | 'more'> {
  const given = approvalsOf(proposal)
  const isTooLate = isOverdue(proposal, nowMs)
  const few = tooFewInWords({
    needed,
    tooFew,
    leftOut,
    ...(settings === undefined ? {} : { settings }),
    ...(emptyGroups === undefined ? {} : { emptyGroups }),
  })
  const counted = distinctPeople(given.filter(({ by }) => had.includes(by.id)))
  const gone = given.filter(({ by }) => !had.includes(by.id))
  const names = joined(
    counted.map(by => [person(by)]),
    ' and ',
  )
  const so = counted.length === 0 ? [] : richText`Approved by ${names}. `
  const others = withoutThose(mayApprove, had)
  const left = Math.max(0, needed - counted.length)
  const needs = strong(`Needs ${left}${counted.length === 0 ? '' : ' more'}`)
  const asks = isTooLate
    ? richText`${so}The time to decide ended ${time(proposal.expiresAtMs)}.`
    : frozenThroughout(freezes, nowMs, proposal.expiresAtMs)
      ? richText`${so}It ends ${time(proposal.expiresAtMs)}, before the freeze does.`
      : few === null
        ? richText`${so}${needs} of ${beginning(others, NAMED_ABOVE)} until ${time(proposal.expiresAtMs)}.`
        : richText`${so}${strong(few)}`
  return {
    asks: [asks],
    more: [
      ...approvals(proposal, tickets),
      ...gone.map(approval => notCounted(approval, youthOf(approval, riskOf(proposal)))),
      ...(because === null ? [] : [richText`${own(plural(needed, 'person', 'people'))} needed: ${because}.`]),
      ...(isNamedWhole(others) ? [] : [richText`May approve: ${beginning(others, NAMED_BELOW)}.`]),
      ...(leftOut === null
        ? []
        : [
            richText`Not ${person(unnamed(leftOut))}, ${own(requester?.kind === 'unknown' ? 'who the session claims to be' : 'whose own denied request it is')}.`,
          ]),
      ...(few === null ? [] : [[own('Press Details after that: Approve comes back.')]]),
    ],
  }
}

/** Nobody decides it any more, though no sweep has marked it yet. */
const isOverdue = ({ expiresAtMs }: Proposal, nowMs: number): boolean => nowMs >= expiresAtMs

const distinctPeople = (given: readonly Approval[]): readonly Person[] => [
  ...new Map(given.map(({ by }) => [by.id, by])).values(),
]

/** For a lock screen: whose approvals count, and how many are missing. */
export function approvalsInBrief(
  proposal: Proposal,
  { needed, had, tooFew = null }: Pick<ApprovalCount, 'needed' | 'had' | 'tooFew'>,
  nowMs: number,
): RichText {
  const given = approvalsOf(proposal).filter(({ by }) => had === undefined || had.includes(by.id))
  const by = distinctPeople(given)
  const names = joined(
    by.map(({ name }) => richText`${name}`),
    ' and ',
  )
  const so = by.length === 0 ? [] : richText`Approved by ${names}. `
  if (isOverdue(proposal, nowMs)) return richText`${so}The time to decide has ended.`
  if (tooFew !== null) return richText`${so}Too few people may approve.`
  const left = Math.max(0, needed - by.length)
  return richText`${so}${own(by.length === 0 ? plural(left, 'approval') : plural(left, 'more approval'))} needed.`
}

/** Those whose approvals led to what is written. Empty: the status says who acted, or nobody has. */
export function approversInBrief(proposal: Proposal): RichText {
  if (!GRANTED.has(proposal.status)) return []
  const counted = inTimeAtDecision(approvalsOf(proposal)).filter(one => youthOf(one, riskOf(proposal)) === null)
  const names = joined(
    distinctPeople(counted).map(({ name }) => richText`${name}`),
    ' and ',
  )
  return names.length === 0 ? [] : richText`Approved by ${names}.`
}

const GRANTED: ReadonlySet<Proposal['status']> = new Set(['approved', 'applying', 'applied', 'confirmed'])

const NAMED_ABOVE = 3
const NAMED_BELOW = 12
const isNamed = ({ kind }: Span): boolean => kind === 'person' || kind === 'group'
const isNamedWhole = (list: RichText): boolean => list.filter(isNamed).length <= NAMED_ABOVE

/** The people of a list who have not approved yet: nobody counts twice. */
function withoutThose(list: RichText, had: readonly string[]): RichText {
  const has = (span: Span | undefined): boolean => span?.kind === 'person' && had.includes(span.id)
  const left = list.filter((span, at) => !has(span) && !(has(list[at - 1]) && isSeparator(span)))
  // Nobody follows the last one.
  return isSeparator(left.at(-1)) ? left.slice(0, -1) : left
}

const isSeparator = (span: Span | undefined): boolean => span?.kind === 'own' && /^[,;] (?:and )?$/.test(span.text)

function notCounted({ by }: Approval, youth: TooYoung | null): RichText {
  if (youth === null) return richText`The approval of ${person(by)} does not count any more.`
  const { countsFromMs } = youth
  return countsFromMs === null
    ? richText`The approval of ${person(by)} ${strong('does not count')}: it could not be seen since when they are in the approver group. They can press again.`
    : richText`The approval of ${person(by)} ${strong('does not count')}: they were first seen in the approver group less than 24 h before, and the risk is not low. They can press again after ${time(countsFromMs)}.`
}

/** The first people of a list, and the number of others. */
function beginning(list: RichText, most: number): RichText {
  const named = list.flatMap((span, at) => (isNamed(span) ? [at] : []))
  const left = named.length - most
  const shown = left > 0 ? list.slice(0, (named[most - 1] ?? 0) + 1) : list
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

function granted(proposal: Applied | Confirmed, nowMs: number): Conclusion {
  const { applied } = proposal
  const goneAtMs = proposal.use?.goneAtMs
  if (goneAtMs !== undefined)
    return only(
      richText`${strong('Taken away outside of rolemedic:')} ${time(goneAtMs)}, nothing of it was in IAM. Revert closes it for good.`,
    )
  const end = applied.endsAtMs === null ? [STAYS] : endLine(applied.endsAtMs, nowMs)
  const written = richText`Applied ${time(applied.atMs)}`
  const others = applied.stillRuns === true ? [OTHER_ACCOUNTS] : []
  if (didNotHelp(proposal))
    return only(
      richText`${strong('It did not help:')} applied ${time(applied.atMs)}, denied again ${time(proposal.repeats.lastSeenMs)}. Revert it, so that no unused access is left behind.`,
      ...end,
    )
  if (proposal.status === 'confirmed')
    return only(richText`${written}. ${strong('Confirmed: working again.')}`, ...others, ...end)
  switch (applied.answer) {
    case 'allowed':
      return {
        now: [richText`${written} and read back: the request is ${strong('allowed now')}.`, ...others, ...end],
        more: [richText`IAM can take a minute to show it everywhere.`],
      }
    case 'denied':
      if (isRollingOut(proposal))
        return only(
          richText`${written}: ${strong('still denied')}, as Identity Center may take minutes to give it to the accounts. The request is evaluated again until then.`,
          ...end,
        )
      return only(
        richText`${written}, but read back the request is ${strong('still denied')}. Revert it, unless you know why.`,
        ...end,
      )
    case 'unknown':
      return only(
        richText`${written}, but whether the request is allowed could not be settled. Try the call again.`,
        ...end,
      )
    default:
      return never(applied.answer)
  }
}

/** The role of the denial alone is read. */
const OTHER_ACCOUNTS: RichText = richText`Whether the other accounts of the permission set have it is not known: Identity Center was still giving it to them.`

const STAYS: RichText = richText`It stays until somebody reverts it.`

/** Nobody waits for the record of a low-risk denial before the write. */
const NO_RECORD: RichText = richText`${strong('CloudTrail has no record of this denial.')} Revert the change, and tell the people who run rolemedic: somebody may have made the denial up.`

const trouble = (failure: Refusal): RichText =>
  richText`${strong('This needs a person: the change, or a part of it, still stands.')}${reasonOf(failure)}`

function reasonOf(failure: Refusal): RichText {
  return richText` ${capitalize(failure.message)}${failure.owner === null ? [] : richText` (ask ${failure.owner})`}`
}
