/** Who may ask the slash command: the viewers of the configuration, and every approver. */
import type { Config } from '../../domain/config/config.ts'
import type { Chat } from '../../ports/chat.ts'
import { isApprover } from './approver-directory.ts'

type People = Pick<Chat, 'groupMembers' | 'membership'>

/** Why this person may not look, in words for them; null: they may. */
export async function viewRefusal(userId: string, config: Config, chat: People): Promise<string | null> {
  const membership = await chat.membership(userId)
  if (!membership.known) return `Your Slack account could not be read: ${membership.why}. Try again.`
  if (membership.value.kind === 'not-a-member') return `You cannot ask this here: ${membership.value.why}.`
  const perAccount = Object.values(config.accounts).flatMap(({ approvers }) => approvers ?? [])
  const lists = [config.viewers ?? config.approvers, config.approvers, ...perAccount]
  const may = await isApprover(
    { users: lists.flatMap(({ users }) => users), groups: [...new Set(lists.flatMap(({ groups }) => groups))] },
    userId,
    chat,
  )
  if (!may.known) return `It cannot be seen whether you may ask this: ${may.why}. Try again.`
  return may.value ? null : 'Only approvers and the viewers of rolemedic.config.json may ask this.'
}
