/** The people among these who are full and active members of the workspace. */
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { Chat } from '../../ports/chat.ts'

/** Omits people whose account cannot be read. */
export async function membersAmong(
  userIds: readonly ChatUserId[],
  chat: Pick<Chat, 'membership'>,
): Promise<readonly ChatUserId[]> {
  const read = await Promise.all(userIds.map(id => chat.membership(id)))
  return userIds.filter((_, index) => {
    const membership = read[index]
    return membership?.known === true && membership.value.kind === 'member'
  })
}
