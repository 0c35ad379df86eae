import { never } from '../../domain/base/result.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import { matchesGlob } from '../../domain/iam/policy/glob.ts'
import type { DeniedHuman } from '../../domain/proposal/approval-policy.ts'
import type { Chat } from '../../ports/chat.ts'

type People = Pick<Chat, 'userByEmail'>

/**
 * The person behind the denied request. Identity Center and people's sessions carry an e-mail address as the session
 * name; an IAM user may. A role session with another name is a machine's, and so is a user that the configuration
 * calls one. Whoever should be a person and cannot be matched is `unknown`.
 */
export async function deniedHumanOf(
  denial: Denial,
  chat: People,
  machineUsers: readonly string[] = [],
): Promise<DeniedHuman> {
  const { arn, kind, name, sessionName } = denial.principal
  if (kind === 'user' && arn !== null && machineUsers.some(glob => matchesGlob(glob, arn))) return { kind: 'nobody' }
  const handle = sessionName ?? name
  switch (kind) {
    case 'web-identity':
    case 'service':
    case 'service-linked-role':
      return { kind: 'nobody' }
    case 'role':
      return handle?.includes('@') && sessionName !== null ? personBehind(handle, chat) : { kind: 'nobody' }
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

async function personBehind(email: string, chat: People): Promise<DeniedHuman> {
  const user = await chat.userByEmail(email)
  if (!user.known) return { kind: 'unknown', why: user.why }
  if (user.value === null) return { kind: 'unknown', why: 'nobody in the chat has that e-mail address' }
  return { kind: 'person', userId: user.value }
}
