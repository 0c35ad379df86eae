import { type ChatUserId, isSameMessage, type Person, type PostedCard, type PressedAt } from '../messages/index.ts'

/** What a button or a form asks for: the names of the chat's actions. */
export const DECIDING_ACTIONS = [
  'approve',
  'approve-limited',
  'approve-alone',
  'approve-restore',
  'approve-with-pull',
  'pull-only',
  'break-glass',
  'reject',
  'revert',
  'keep',
  'ratify',
  'ratify-and-ask',
  'not-ratify',
] as const
export type DecidingAction = (typeof DECIDING_ACTIONS)[number]

/**
 * Those that cause a write to IAM, but for break-glass, which has a form of its own. Where the configuration asks for a reason or a
 * ticket, a form opens with each of them first.
 */
export const GRANTING_ACTIONS = [
  'approve',
  'approve-limited',
  'approve-alone',
  'approve-restore',
  'approve-with-pull',
] as const
export type GrantingAction = (typeof GRANTING_ACTIONS)[number]
export const isGranting = (action: DecidingAction): action is GrantingAction =>
  GRANTING_ACTIONS.some(one => one === action)

/** Buttons that open a form before anything is decided. All but the first ask for a reason. */
export const FORMS = ['details', 'reject', 'break-glass', 'not-ratify'] as const
export type Form = (typeof FORMS)[number] | GrantingAction

/** One press of a button, or one sent form. Carries no policy: only which proposal and which content was on the screen. */
export type Click = {
  readonly action: DecidingAction
  readonly by: Person
  readonly proposalId: string
  /** Digest of the patch that the person saw. */
  readonly digest: string
  /** The time that the person saw it would stand; null: without end. Absent: what was pressed names none. */
  readonly hours?: number | null
  /** From a form that asks for it; null with a button alone. */
  readonly reason: string | null
  /** From a form that asks for one. Absent: it did not. */
  readonly ticket?: string
}

/** Where a request came from, as the chat signed it. Null: the payload does not say. */
export type Origin = {
  readonly teamId: string | null
  /** Of an Enterprise Grid. */
  readonly enterpriseId: string | null
  /** The person's own workspace: another one in a shared channel. */
  readonly userTeamId: string | null
  readonly appId: string | null
}

/** A card shows the grant before it, with a button that reverts that: `cardOf` is the proposal whose card was pressed. */
export type ButtonTarget = {
  readonly proposalId: string
  readonly digest: string
  readonly cardOf: string
  readonly hours?: number | null
}

/** A verified and parsed request of a person in the chat. */
export type ChatRequest =
  | (PressedAt & {
      readonly kind: 'click'
      readonly origin: Origin
      readonly click: Click
      readonly cardOf: string
      /** Of a button: opens a view once, within 3 s. */
      readonly triggerId?: string
    })
  | (PressedAt & {
      readonly kind: 'form'
      readonly origin: Origin
      readonly form: Form
      readonly by: Person
      readonly proposalId: string
      readonly digest: string
      readonly cardOf: string
      /** Opens a view once, within 3 s. */
      readonly triggerId: string
    })
  | {
      readonly kind: 'command'
      readonly origin: Origin
      readonly by: Person
      readonly text: string
      /** Where it was typed. Null: the payload does not say. */
      readonly conversation: string | null
    }
  /** The person opened the app's Home tab. */
  | { readonly kind: 'home'; readonly origin: Origin; readonly userId: ChatUserId }
  /** Somebody was added to a user group. `eventId` is that of every delivery of the same event. */
  | {
      readonly kind: 'members'
      readonly origin: Origin
      readonly group: string
      readonly added: readonly ChatUserId[]
      readonly eventId: string
    }
  /** Signed, and nothing to do: a link button, a closed form, an event that nothing follows from. */
  | { readonly kind: 'nothing'; readonly origin: Origin; readonly event?: string }

const ID = /^[A-Za-z0-9_-]{1,64}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/**
 * The value of a button: which proposal, and which content; whose card it is on, if that is another proposal's; and for how long it grants,
 * if that follows from the configuration. Null: without end.
 */
export function buttonValue(
  proposalId: string,
  digest: string,
  { cardOf = proposalId, hours }: { readonly cardOf?: string; readonly hours?: number | null } = {},
): string {
  const value = [proposalId, digest, ...(cardOf === proposalId ? [] : [cardOf])].join(':')
  return hours === undefined ? value : `${value}@${hours ?? ENDLESS}`
}

/** No grant ends as it begins. */
const ENDLESS = 0
const HOURS = /^\d{1,5}$/

export function parseButtonValue(text: string): ButtonTarget | null {
  const [value = '', time, ...more] = text.split('@', 3)
  if (more.length > 0 || (time !== undefined && !HOURS.test(time))) return null
  const hours = time === undefined ? {} : { hours: Number(time) === ENDLESS ? null : Number(time) }
  const [proposalId = '', algorithm, hex, cardOf = proposalId, ...rest] = value.split(':', MAX_PARTS)
  const digest = `${algorithm}:${hex}`
  const isWhole = rest.length === 0 && ID.test(proposalId) && ID.test(cardOf) && DIGEST.test(digest)
  return isWhole ? { proposalId, digest, cardOf, ...hours } : null
}

const MAX_PARTS = 5

/** A press counts only from the card: any other message with the same button is a copy. */
export const isPressedOn = (card: PostedCard | null, at: PressedAt): boolean => card !== null && isSameMessage(card, at)
