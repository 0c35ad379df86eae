/** The people among these who are full and active members of the workspace. */
import type { Chat } from '../../ports/chat.ts'

/** Omits people whose account cannot be read. */
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
