import { type Fact, RolemedicError } from '../../core/base/index.ts'
import type { WorkspaceMembership } from '../domain/authority/index.ts'
import type { ChatMessage } from '../domain/messages/index.ts'
import type { PostedCard } from '../domain/proposal/index.ts'

/** Why the chat did not do it. */
export class ChatError extends RolemedicError {
  /** Nobody's message gets through now: it cannot be reached, is busy, or does not take the token. False: it refuses this one. */
  readonly isOutage: boolean

  constructor(code: string, message: string, options: ErrorOptions & { readonly isOutage: boolean }) {
    super(code, message, options)
    this.isOutage = options.isOutage
  }
}

export interface Chat {
  /**
   * `key` makes a retry find the message that was already posted. `first`: nobody can have posted under this key
   * before, so that no search is needed. `threadTs`: into that thread, not into the channel; with `broadcast`, shown in
   * the channel as well.
   */
  post(
    channel: string,
    message: ChatMessage,
    key: string,
    options?: { readonly first?: boolean; readonly threadTs?: string; readonly broadcast?: boolean },
  ): Promise<PostedCard>
  /** `once`: fails at once where it would wait and try again, because something later shows the same. */
  update(card: PostedCard, message: ChatMessage, options?: { readonly once?: boolean }): Promise<void>
  /** Into the card's thread. */
  reply(card: PostedCard, message: ChatMessage): Promise<void>
  /** Seen only by that person, in the thread where they pressed when `threadTs` is given. */
  postEphemeral(channel: string, userId: string, message: ChatMessage, threadTs?: string): Promise<void>
  openModal(triggerId: string, view: object): Promise<void>
  /** Replaces what the user sees in the app's Home tab. */
  publishHome(userId: string, view: object): Promise<void>
  /** The web address of a message. Unknown: it is deleted, or cannot be asked for now, which stops nothing. */
  permalink(card: PostedCard): Promise<Fact<string>>
  /** Members of a user group; unreadable fails closed. */
  groupMembers(groupId: string): Promise<Fact<readonly string[]>>
  /** The Slack user behind an e-mail address. */
  userByEmail(email: string): Promise<Fact<string | null>>
  /** The address that the chat has verified for the user; null: it has verified none. */
  emailOf(userId: string): Promise<Fact<string | null>>
  /** Whether the user is a full and active member of the workspace, as nobody else decides. Unreadable fails closed. */
  membership(userId: string): Promise<Fact<WorkspaceMembership>>
}
