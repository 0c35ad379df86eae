/** The messages of the fake Slack by the bot's address of them. */

import type { PostedCard } from '../../functions/domain/messages/index.ts'
import type { StoredMessage } from './channel-store.ts'

export const messageAt = ({ message }: PostedCard, messages: readonly StoredMessage[]): StoredMessage | undefined =>
  messages.find(({ ts }) => ts === message)

export const repliesTo = ({ message }: PostedCard, messages: readonly StoredMessage[]): readonly StoredMessage[] =>
  messages.filter(({ threadTs }) => threadTs === message)
