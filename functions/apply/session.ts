/** The writer of one change, in the name of the person who answers for it. */
import type { ChatUserId } from '../domain/messages/index.ts'
import { type Grant, writerSession } from '../domain/proposal/index.ts'
import type { PolicyWriter } from '../ports/writing/policy-writer.ts'
import type { ApplyDeps } from './deps.ts'

type Deps = Pick<ApplyDeps, 'chat' | 'observer' | 'writerFor'>

/** Without an e-mail address that the chat has verified, CloudTrail shows the id of the chat. */
export async function writerOf(
  grant: Grant,
  userId: ChatUserId,
  { chat, observer, writerFor }: Deps,
): Promise<PolicyWriter> {
  const email = await chat.emailOf(userId)
  if (!email.known) observer.log('warn', 'approver_email_unread', { userId, why: email.why })
  return writerFor(writerSession(grant, { userId, email: email.known ? email.value : null }))
}
