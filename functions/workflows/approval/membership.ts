/** Which of these people are full and active members of the workspace. */
import type { Chat } from '../../ports/chat.ts'

/** Whose account cannot be read is not among them: nobody is counted unseen. */
export async function membersAmong(
  userIds: readonly string[],
  chat: Pick<Chat, 'membership'>,
): Promise<readonly string[]> {
  const read = await Promise.all(userIds.map(id => chat.membership(id)))
  return userIds.filter((_, index) => {
    const membership = read[index]
    return membership?.known === true && membership.value.kind === 'member'
  })
}
