/** The Home tab of one person as data: what waits for them, what they approved, which grants exist. */
import { own, type RichText, richText, strong } from '../../../core/base/index.ts'

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
  /** What this person may decide. */
  readonly waiting: Listed
  /** What has a card and is looked at again before anybody can decide. */
  readonly settling: Listed
  /** What only others decide: their own requests, and cards that are not theirs. */
  readonly others: Listed
  /** True when the person is an approver of any account. */
  readonly mayApprove: boolean
  readonly approved: Listed
  /** Changes in IAM with an end, the next one first. */
  readonly limited: Listed
  /** Changes in IAM without an end. */
  readonly standing: Listed
  /** The channel of cards. Null: no channel is set. */
  readonly channel: string | null
  readonly atMs: number
}

const WAITING = 'Waiting for you'
const SETTLING = 'Settling'
const OTHERS = 'Waiting for others'

export function homeOf(parts: HomeParts): Home {
  const { waiting, settling, others, approved, limited, standing } = parts
  const isEmpty = [waiting, settling, others, approved, limited, standing].every(({ items }) => items.length === 0)
  return {
    notices: isEmpty ? firstSteps(parts) : [],
    sections: [
      section(WAITING, waiting, waitingNotes(parts), REPORT),
      ...ifAny(SETTLING, settling, '/rolemedic open'),
      ...ifAny(OTHERS, others, '/rolemedic open'),
      ...ifAny('Ends next', limited, GRANTS),
      section('What you approved', approved, approvedNotes(parts), '/rolemedic audit'),
      section(
        'What still stands',
        standing,
        standing.items.length + limited.items.length > 0 ? [] : [NOTHING_STANDS],
        GRANTS,
      ),
    ],
    atMs: parts.atMs,
  }
}

/** Lists more than Slack holds. */
const REPORT = 'rolemedic audit report --out report.html'
const GRANTS = 'rolemedic audit grants'
const NOTHING_STANDS = richText`No change of rolemedic is in IAM now.`

const ifAny = (title: string, listed: Listed, command: string): readonly HomeSection[] =>
  listed.total === 0 ? [] : [section(title, listed, [], command)]

type OpenParts = Pick<HomeParts, 'waiting' | 'settling' | 'others' | 'atMs'> & { readonly inProgress: Listed }

/** The answer to `/rolemedic open`: its first section is that of the Home tab. */
export function openList({ waiting, settling, others, inProgress, atMs }: OpenParts): Home {
  const listed: readonly [string, Listed][] = [
    [WAITING, waiting],
    [SETTLING, settling],
    [OTHERS, others],
    ['In progress', inProgress],
  ]
  const sections = listed
    .filter(([, { total }]) => total > 0)
    .map(([title, { items, total }]) => ({
      title,
      items,
      notes: items.length < total ? [richText`${total - items.length} more, each with its card.`] : [],
    }))
  const rest = waiting.whole
    ? []
    : [richText`There are too many to read: what expires first is listed, and the newest.`]
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

const waitingNotes = ({ waiting, mayApprove }: HomeParts): readonly RichText[] =>
  waiting.items.length > 0 ? [] : [mayApprove ? NOTHING_WAITS : MAY_LOOK]

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
