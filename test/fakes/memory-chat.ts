import { type Fact, known } from '../../core/base/fact.ts'
import type { WorkspaceMembership } from '../../functions/domain/authority/people/workspace.ts'
import type { ChatMessage } from '../../functions/domain/messages/chat-message.ts'
import type { ChatPlace, PostedCard } from '../../functions/domain/messages/posted-card.ts'
import { type Chat, ChatError } from '../../functions/ports/chat.ts'

export type MemoryChat = Chat & {
  /** The current text by `<channel>/<ts>`. */
  readonly cards: Map<string, string>
  readonly posts: { channel: string; text: string; key: string }[]
  readonly replies: string[]
  readonly ephemerals: { channel: string; to: string; text: string }[]
  readonly modals: { trigger: string; view: object }[]
  /** The current Home tab of each user. */
  readonly homes: Map<string, object>
  /** Links by `<channel>/<ts>`, where they differ from `https://fake.slack.com/archives/<channel>/p<ts without its dot>`. */
  readonly links: Map<string, Fact<string>>
  readonly groups: Map<string, Fact<readonly string[]>>
  readonly emails: Map<string, Fact<string | null>>
  /** Users who are not full members. Everybody else is one. */
  readonly memberships: Map<string, Fact<WorkspaceMembership>>
  /** By user. */
  readonly verifiedEmails: Map<string, Fact<string | null>>
  /** If set, every call to the chat fails with it. */
  down: Error | null
}

/** The chat refuses this message permanently. */
export const CHAT_REFUSAL = new ChatError('is-archived', 'the channel is archived', { isOutage: false })
/** No message gets through. */
export const CHAT_OUTAGE = new ChatError('chat-down', 'the chat is down', { isOutage: true })

export function memoryChat(): MemoryChat {
  let posted = 0
  const keys = new Map<string, PostedCard>()
  const place = ({ conversation, message }: PostedCard): string => `${conversation}/${message}`

  async function post(at: ChatPlace, message: ChatMessage, key: string): Promise<PostedCard> {
    if (chat.down !== null) throw chat.down
    const before = keys.get(key)
    if (before !== undefined) return before
    posted += 1
    const card = { ...at, message: `1795521600.${String(posted).padStart(6, '0')}` }
    keys.set(key, card)
    chat.posts.push({ channel: at.conversation, text: message.text, key })
    chat.cards.set(place(card), message.text)
    return card
  }

  const chat: MemoryChat = {
    cards: new Map(),
    posts: [],
    replies: [],
    ephemerals: [],
    modals: [],
    homes: new Map(),
    links: new Map(),
    groups: new Map(),
    emails: new Map(),
    memberships: new Map(),
    verifiedEmails: new Map(),
    down: null,
    post: (conversation, message, key) => post({ conversation }, message, key),
    async update(card, message) {
      if (chat.down !== null) throw chat.down
      chat.cards.set(place(card), message.text)
      return true
    },
    async reply(card, message, { key } = {}) {
      if (key !== undefined)
        return post({ conversation: card.conversation, thread: card.thread ?? card.message }, message, key)
      if (chat.down !== null) throw chat.down
      chat.replies.push(message.text)
      return card
    },
    async postEphemeral({ conversation: channel }, to, message) {
      if (chat.down !== null) throw chat.down
      chat.ephemerals.push({ channel, to, text: message.text })
    },
    async openModal(trigger, view) {
      if (chat.down !== null) throw chat.down
      chat.modals.push({ trigger, view })
    },
    async publishHome(userId, view) {
      if (chat.down !== null) throw chat.down
      chat.homes.set(userId, view)
    },
    async permalink(card) {
      const { conversation, message } = card
      const link = `https://fake.slack.com/archives/${conversation}/p${message.replace('.', '')}`
      return chat.links.get(place(card)) ?? known(link)
    },
    async checkAccess() {
      if (chat.down !== null) throw chat.down
      return null
    },
    async groupMembers(groupId) {
      return chat.groups.get(groupId) ?? { known: false, why: `group ${groupId} cannot be read` }
    },
    async userByEmail(email) {
      return chat.emails.get(email) ?? known(null)
    },
    async emailOf(userId) {
      return chat.verifiedEmails.get(userId) ?? known(null)
    },
    async membership(userId) {
      return chat.memberships.get(userId) ?? known({ kind: 'member' })
    },
  }
  return chat
}
