import type { Person } from '../base/person.ts'

/** What a button or a form asks for. The ids are those of the Slack actions. */
export const DECIDING_ACTIONS = [
  'approve',
  'approve-limited',
  'approve-alone',
  'break-glass',
  'reject',
  'revert',
] as const
export type DecidingAction = (typeof DECIDING_ACTIONS)[number]

/** Forms that open before anything is decided. `reject` and `break-glass` ask for a reason. */
export const FORMS = ['details', 'reject', 'break-glass'] as const
export type Form = (typeof FORMS)[number]

/** One press of a button, or one sent form. Carries no policy: only which proposal and which content was on the screen. */
export type Click = {
  readonly action: DecidingAction
  readonly by: Person
  readonly proposalId: string
  /** Digest of the patch that the person saw. */
  readonly digest: string
  /** From the form of `reject` and `break-glass`; null with the others. */
  readonly reason: string | null
}

/** Where a request came from, as Slack signed it. Null: the payload does not say. */
export type Origin = {
  readonly teamId: string | null
  /** The person's own workspace: another one in a shared channel. */
  readonly userTeamId: string | null
  readonly appId: string | null
}

/** The message that was pressed, as far as it says where a person is looking. Null: a form, which stands nowhere. */
type PressedAt = { readonly channel: string | null; readonly threadTs?: string }

/** A verified and parsed request of a person in the chat. */
export type ChatRequest =
  | (PressedAt & { readonly kind: 'click'; readonly origin: Origin; readonly click: Click })
  | (PressedAt & {
      readonly kind: 'form'
      readonly origin: Origin
      readonly form: Form
      readonly by: Person
      readonly proposalId: string
      readonly digest: string
      /** Opens a view once, within 3 s. */
      readonly triggerId: string
    })
  | { readonly kind: 'command'; readonly origin: Origin; readonly by: Person; readonly text: string }
  /** Signed, and nothing to do: a link button, a closed form. */
  | { readonly kind: 'nothing'; readonly origin: Origin }

const ID = /^[A-Za-z0-9_-]{1,64}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** The value of a button: which proposal, and which content. */
export function buttonValue(proposalId: string, digest: string): string {
  return `${proposalId}:${digest}`
}

export function parseButtonValue(value: string): { readonly proposalId: string; readonly digest: string } | null {
  const colon = value.indexOf(':')
  const proposalId = value.slice(0, Math.max(colon, 0))
  const digest = value.slice(colon + 1)
  return ID.test(proposalId) && DIGEST.test(digest) ? { proposalId, digest } : null
}
