/** The session that a change is written in: CloudTrail shows in each of its calls who approved what. */

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html */
export type WriterSession = {
  readonly sourceIdentity: string
  readonly tags: { readonly [key in (typeof SESSION_TAGS)[number]]: string }
}

export const SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest', 'rolemedic:approvers'] as const
/** Without these, the writer role is not assumed. */
export const REQUIRED_SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest'] as const

/** `email`: as the chat has verified it; null: it has not, or could not be read. */
export function sessionFor(
  change: { readonly proposalId: string; readonly digest: string; readonly approvers: readonly string[] },
  { userId, email }: { readonly userId: string; readonly email: string | null },
): WriterSession {
  return {
    sourceIdentity: email !== null && SOURCE_IDENTITY.test(email) ? email : userId,
    tags: {
      'rolemedic:proposal': change.proposalId,
      'rolemedic:digest': change.digest,
      'rolemedic:approvers': [...new Set(change.approvers)].join(' ').slice(0, MAX_TAG_VALUE),
    },
  }
}

/** What STS takes. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/
const MAX_TAG_VALUE = 256
