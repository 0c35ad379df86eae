/** The session that a change is written in: CloudTrail shows in each of its calls who approved what. */
import type { AnyDecision } from './any-decision.ts'
import type { Granted } from './checks/granted.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html */
export type WriterSession = {
  readonly sourceIdentity: string
  readonly tags: { readonly [key in (typeof SESSION_TAGS)[number]]: string }
}

export const SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest', 'rolemedic:approvers'] as const
/** Without these, the writer role is not assumed. */
export const REQUIRED_SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest'] as const

/** In the name of the last approver, who completed it, or of the person who asked for it to be taken away. */
export function sessionFor(
  { proposalId, patchDigest, decisions }: Pick<Granted<AnyDecision>, 'proposalId' | 'patchDigest' | 'decisions'>,
  asker: AnyDecision = decisions.reduce((last, one) => (one.atMs >= last.atMs ? one : last)),
): WriterSession {
  const { userId, email = null } = asker.by
  return {
    sourceIdentity: email !== null && SOURCE_IDENTITY.test(email) ? email : userId,
    tags: {
      'rolemedic:proposal': proposalId,
      'rolemedic:digest': patchDigest,
      'rolemedic:approvers': [...new Set(decisions.map(({ by }) => by.userId))].join(' ').slice(0, MAX_TAG_VALUE),
    },
  }
}

/** What STS takes. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/
const MAX_TAG_VALUE = 256
