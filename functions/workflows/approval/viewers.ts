/** Who may use the slash command and see data in the Home tab: the viewers of the configuration, and every approver. */
import type { Config } from '../../domain/config/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { Chat } from '../../ports/chat.ts'
import { everyApproverList, isApprover, joinApprovers } from './approver-directory.ts'

type People = Pick<Chat, 'groupMembers' | 'membership'>

/** Why this person may not see data, in words for them. Null: they may. */
export async function viewRefusal(userId: ChatUserId, config: Config, chat: People): Promise<string | null> {
  const membership = await chat.membership(userId)
  if (!membership.known) return `Your account in the chat could not be read: ${membership.why}. Try again.`
  if (membership.value.kind === 'not-a-member') return `You cannot ask this here: ${membership.value.why}.`
  const lists = [config.viewers ?? config.approvers, ...everyApproverList(config)]
  const may = await isApprover(joinApprovers(lists), userId, chat)
  if (!may.known) return `It cannot be seen whether you may ask this: ${may.why}. Try again.`
  return may.value ? null : 'Only approvers and the viewers of rolemedic.config.json may ask this.'
}
