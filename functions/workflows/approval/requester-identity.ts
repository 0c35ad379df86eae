import { never } from '../../../core/base/index.ts'
import { namedBy, type RequesterClaim } from '../../domain/authority/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import { type Requester, whoseRequest } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'

type People = Pick<Chat, 'userByEmail'>

/** The chat user who made the denied request. A person whom the chat does not know is `unknown`. */
export async function requesterOf(claim: RequesterClaim, chat: People): Promise<Requester> {
  switch (claim.kind) {
    case 'machine':
    case 'person':
      return claim
    case 'email': {
      const user = await chat.userByEmail(claim.email)
      if (!user.known) return { kind: 'unknown', why: user.why, claimed: null }
      if (user.value === null)
        return { kind: 'unknown', why: 'nobody in the chat has the e-mail address of the session', claimed: null }
      return { kind: 'person', userId: user.value }
    }
    case 'unknown': {
      const names = [...(claim.claimed === null ? [] : [claim.claimed]), ...(claim.alsoClaimed ?? [])]
      const users = await Promise.all(names.map(name => userOf(name, chat)))
      const [claimed = null, ...alsoClaimed] = new Set(users.filter(user => user !== null))
      return { kind: 'unknown', why: claim.why, claimed, ...(alsoClaimed.length === 0 ? {} : { alsoClaimed }) }
    }
    default:
      return never(claim)
  }
}

/** Also where the chat does not say whose an address of the session is: whose own it is, as the chat has verified, the session claims to be. */
export function claimingToo(
  requester: Requester,
  claim: RequesterClaim,
  people: readonly { readonly userId: ChatUserId; readonly email: string | null }[],
): Requester {
  const names = namedBy(claim).map(name => name.toLowerCase())
  const ids = people.flatMap(({ userId, email }) =>
    email !== null && names.includes(email.toLowerCase()) ? [userId] : [],
  )
  if (requester.kind !== 'unknown' || ids.length === 0) return requester
  const [claimed = null, ...alsoClaimed] = new Set([...whoseRequest(requester), ...ids])
  return { ...requester, claimed, alsoClaimed }
}

/** `name` is an e-mail address, or already a user id. */
async function userOf(name: string, chat: People): Promise<ChatUserId | null> {
  if (!name.includes('@')) return name
  const user = await chat.userByEmail(name)
  return user.known ? user.value : null
}
