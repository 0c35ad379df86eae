/** The session that a change is written in: CloudTrail shows in each of its calls who approved what. */
import type { Grant, RevertAuthority } from './grant.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html */
export type WriterSession = {
  readonly sourceIdentity: string
  readonly tags: { readonly [key in (typeof SESSION_TAGS)[number]]: string }
}

export const SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest', 'rolemedic:approvers'] as const
/** Without these, the writer role is not assumed. */
export const REQUIRED_SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest'] as const

/** Whose change it is: the last approver, who completed it; of a revert, the person who asked for it. */
export function answersFor({ approvals }: Pick<Grant, 'approvals'>, revert: RevertAuthority | null = null): string {
  if (revert?.kind === 'person') return revert.userId
  return approvals.at(-1)?.by.id ?? ''
}

/** `email`: as the chat has verified it; null: it has not, or could not be read. */
export function writerSession(
  { proposalId, patch, approvals }: Pick<Grant, 'proposalId' | 'patch' | 'approvals'>,
  person: { readonly userId: string; readonly email: string | null },
): WriterSession {
  const { userId, email } = person
  const approvers = [...new Set(approvals.map(({ by }) => by.id))]
  return {
    sourceIdentity: email !== null && SOURCE_IDENTITY.test(email) ? email : userId,
    tags: {
      'rolemedic:proposal': proposalId,
      'rolemedic:digest': patch.digest,
      'rolemedic:approvers': approvers.join(' ').slice(0, MAX_TAG_VALUE),
    },
  }
}

/** What STS takes. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/
const MAX_TAG_VALUE = 256
