import { never } from '../../domain/base/result.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import { matchesGlob } from '../../domain/iam/policy/glob.ts'
import type { Requester } from '../../domain/proposal/approval-policy.ts'
import type { Chat } from '../../ports/chat.ts'

type People = Pick<Chat, 'userByEmail'>

/**
 * Who is behind the denied request. Identity Center and people's sessions carry an e-mail address as the session name; an
 * IAM user may. A role session with another name is a machine's, and so is a user that the configuration calls one. A
 * person who cannot be matched is `unknown`.
 */
export async function requesterOf(
  denial: Denial,
  chat: People,
  machineUsers: readonly string[] = [],
): Promise<Requester> {
  const { arn, kind, name, sessionName } = denial.principal
  if (kind === 'user' && arn !== null && machineUsers.some(glob => matchesGlob(glob, arn))) return { kind: 'machine' }
  const handle = sessionName ?? name
  switch (kind) {
    case 'web-identity':
    case 'service':
    case 'service-linked-role':
      return { kind: 'machine' }
    case 'role':
      return handle?.includes('@') && sessionName !== null ? personBehind(handle, chat) : { kind: 'machine' }
    case 'sso-role':
    case 'user':
    case 'saml':
    case 'federated-user':
    case 'root':
    case 'unknown':
      return handle?.includes('@')
        ? personBehind(handle, chat)
        : { kind: 'unknown', why: 'the event carries no e-mail address' }
    default:
      return never(kind)
  }
}

async function personBehind(email: string, chat: People): Promise<Requester> {
  const user = await chat.userByEmail(email)
  if (!user.known) return { kind: 'unknown', why: user.why }
  if (user.value === null) return { kind: 'unknown', why: 'nobody in the chat has that e-mail address' }
  return { kind: 'person', userId: user.value }
}
