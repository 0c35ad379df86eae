/** The Home tab of one person as data: what waits for them, what they approved, which grants exist. */
import { own, plural, type RichText, richText, strong } from '../../../core/base/index.ts'

export type HomeItem = {
  readonly title: RichText
  readonly detail: RichText
  /** The link to the card. Null: it is not available now. */
  readonly link: string | null
}

export type HomeSection = {
  readonly title: string
  readonly items: readonly HomeItem[]
  /** Lines after the items, or instead of them. */
  readonly notes: readonly RichText[]
}

export type Home = {
  /** Shown before everything else. */
  readonly notices: readonly RichText[]
  readonly sections: readonly HomeSection[]
  readonly atMs: number
}

/** `total` can exceed the listed items. `whole`: the total counts everything, not only what was read. */
export type Listed = { readonly items: readonly HomeItem[]; readonly total: number; readonly whole: boolean }

export type HomeParts = {
  /** What this person may decide, followed by their own requests. */
  readonly waiting: Listed
  /** What has a card and is looked at again before anybody can decide. */
  readonly settling: Listed
  /** The number of open proposals that this person cannot decide. */
  readonly others: number
  /** True when the person is an approver of any account. */
  readonly mayApprove: boolean
  readonly approved: Listed
  readonly standing: Listed
  /** The channel of cards. Null: no channel is set. */
  readonly channel: string | null
  readonly atMs: number
}

const WAITING = 'Waiting for you'
const SETTLING = 'Settling'

export function homeOf(parts: HomeParts): Home {
  const { waiting, settling, approved, standing } = parts
  const isEmpty = [waiting, settling, approved, standing].every(({ items }) => items.length === 0) && parts.others === 0
  return {
    notices: isEmpty ? firstSteps(parts) : [],
    sections: [
      section(WAITING, waiting, waitingNotes(parts), '/rolemedic open'),
      ...(settling.total === 0 ? [] : [section(SETTLING, settling, [], '/rolemedic open')]),
      section('What you approved', approved, approvedNotes(parts), '/rolemedic audit'),
      section(
        'What still stands',
        standing,
        standing.items.length === 0 ? [richText`No change of rolemedic is in IAM now.`] : [],
        'rolemedic audit grants',
      ),
    ],
    atMs: parts.atMs,
  }
}

type OpenParts = Pick<HomeParts, 'waiting' | 'settling' | 'atMs'> & {
  readonly others: Listed
  readonly inProgress: Listed
}

/** The answer to `/rolemedic open`: its first section is that of the Home tab. */
export function openList({ waiting, settling, others, inProgress, atMs }: OpenParts): Home {
  const listed: readonly [string, Listed][] = [
    [WAITING, waiting],
    [SETTLING, settling],
    ['Waiting for others', others],
    ['In progress', inProgress],
  ]
  const sections = listed
    .filter(([, { total }]) => total > 0)
    .map(([title, { items, total }]) => ({
      title,
      items,
      notes: items.length < total ? [richText`${total - items.length} more, each with its card.`] : [],
    }))
  const rest = waiting.whole ? [] : [richText`Only the newest are listed.`]
  return { notices: sections.length === 0 ? [richText`Nothing is open.`] : rest, sections, atMs }
}

/** For a person who may not see data: only the reason. */
export const closedHome = (why: string, atMs: number): Home => ({ notices: [richText`${why}`], sections: [], atMs })

function section(title: string, listed: Listed, notes: readonly RichText[], command: string): HomeSection {
  const { items } = listed
  return { title, items, notes: [...notes, ...moreThan(listed, command)] }
}

function moreThan({ items, total, whole }: Listed, command: string): readonly RichText[] {
  const left = total - items.length
  if (left <= 0 && whole) return []
  const count = whole ? `${left} more` : left > 0 ? `More than ${left} more` : 'More'
  return [richText`${own(`${count}: `)}${strong(command)}`]
}

function waitingNotes({ waiting, others, mayApprove }: HomeParts): readonly RichText[] {
  return [
    ...(waiting.items.length > 0 ? [] : [mayApprove ? NOTHING_WAITS : MAY_LOOK]),
    ...(others === 0
      ? []
      : [richText`${own(plural(others, 'open card'))} that you do not decide: ${strong('/rolemedic open')}`]),
  ]
}

const NOTHING_WAITS = richText`Nothing waits for you.`
const MAY_LOOK = richText`You may look, and approve nothing: ${strong('approvers')} in rolemedic.config.json names who may.`

const approvedNotes = ({ approved, mayApprove }: HomeParts): readonly RichText[] =>
  approved.items.length > 0 || !mayApprove
    ? []
    : [richText`Nothing yet. What happens to a change after you approve it is listed here.`]

/** Shown if nothing has happened yet, as far as the read data shows. */
function firstSteps({ channel }: HomeParts): readonly RichText[] {
  return [
    richText`${strong('Welcome.')} rolemedic has no card yet. When a call is denied a role, a card comes to ${channel === null ? [own('the channel of your configuration')] : richText`the channel ${channel}`}: it says why, and offers the smallest change for you to approve.`,
    richText`To do first: invite the app to that channel (${strong('/invite @rolemedic')}), then run ${strong('rolemedic doctor --live')}: it says whether denials arrive here. ${strong('/rolemedic help')} lists what you can ask.`,
  ]
}
