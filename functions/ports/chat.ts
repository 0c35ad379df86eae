import { type Fact, RolemedicError } from '../../core/base/index.ts'
import type { WorkspaceMembership } from '../domain/authority/index.ts'
import type { ChatMessage, ChatPlace, ChatUserId, PostedCard } from '../domain/messages/index.ts'

/** Why the chat refused or failed. */
export class ChatError extends RolemedicError {
  /** True when no message gets through: the chat is unreachable, busy, or rejects the token. False: it refuses only this one. */
  readonly isOutage: boolean

  constructor(code: string, message: string, options: ErrorOptions & { readonly isOutage: boolean }) {
    super(code, message, options)
    this.isOutage = options.isOutage
  }
}

/** How long to wait when the chat takes no more messages there for now and asks to wait for `askedMs`. */
export type WhenBusy = (askedMs: number) => Promise<number>

export interface Chat {
  /**
   * `key` makes a retry find the message that was already posted. `first`: nobody can have posted under this key
   * before, so that no search is needed.
   */
  post(
    conversation: string,
    message: ChatMessage,
    key: string,
    options?: { readonly first?: boolean },
  ): Promise<PostedCard>
  /** `once`: fails instead of waiting for a retry, because a later update shows the same. False: somebody has deleted it. */
  update(card: PostedCard, message: ChatMessage, options?: { readonly once?: boolean }): Promise<boolean>
  /**
   * Into the card's thread. `key` and `first` as in `post`; without a key, a repeated reply is posted twice. `broadcast`: shown in the
   * conversation as well.
   */
  reply(
    card: PostedCard,
    message: ChatMessage,
    options?: {
      readonly key?: string
      readonly first?: boolean
      readonly broadcast?: boolean
      readonly whenBusy?: WhenBusy
    },
  ): Promise<PostedCard>
  /** Seen only by that person. */
  postEphemeral(place: ChatPlace, userId: ChatUserId, message: ChatMessage): Promise<void>
  openModal(triggerId: string, view: object): Promise<void>
  /** Replaces what the user sees in the app's Home tab. */
  publishHome(userId: ChatUserId, view: object): Promise<void>
  /** The web address of a message. Unknown: it is deleted, or cannot be asked for now, which stops nothing. */
  permalink(card: PostedCard): Promise<Fact<string>>
  /**
   * Throws where the chat is out of reach or does not take the token. Needs no permission, and nobody sees it. What the token was granted;
   * null: the chat does not say.
   */
  checkAccess(): Promise<readonly string[] | null>
  /** Members of a user group; unreadable fails closed. */
  groupMembers(groupId: string): Promise<Fact<readonly ChatUserId[]>>
  /** The user with this e-mail address. */
  userByEmail(email: string): Promise<Fact<ChatUserId | null>>
  /** The address that the chat has verified for the user; null: it has verified none. */
  emailOf(userId: ChatUserId): Promise<Fact<string | null>>
  /** Whether the user is a full and active member of the workspace, as nobody else decides. Unreadable fails closed. */
  membership(userId: ChatUserId): Promise<Fact<WorkspaceMembership>>
}
