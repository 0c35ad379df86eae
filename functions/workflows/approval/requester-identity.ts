import type { RequesterClaim } from '../../domain/authority/requester.ts'
import { never } from '../../domain/base/result.ts'
import type { Requester } from '../../domain/proposal/approval-policy.ts'
import type { Chat } from '../../ports/chat.ts'

type People = Pick<Chat, 'userByEmail'>

/** Who is behind the denied request, as a user of the chat. A person whom the chat does not know is `unknown`. */
export async function requesterOf(claim: RequesterClaim, chat: People): Promise<Requester> {
  switch (claim.kind) {
    case 'machine':
    case 'person':
      return claim
    case 'email': {
      const user = await chat.userByEmail(claim.email)
      if (!user.known) return { kind: 'unknown', why: user.why, claimed: null }
      if (user.value === null)
        return { kind: 'unknown', why: 'nobody in Slack has the e-mail address of the session', claimed: null }
      return { kind: 'person', userId: user.value }
    }
    case 'unknown': {
      const claimed = claim.claimed === null ? null : await chat.userByEmail(claim.claimed)
      return { kind: 'unknown', why: claim.why, claimed: claimed?.known ? claimed.value : null }
    }
    default:
      return never(claim)
  }
}
