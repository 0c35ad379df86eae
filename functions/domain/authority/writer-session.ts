/**
 * The session that a change is written in: CloudTrail shows in each of its calls who approved what.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export type WriterSession = {
  readonly sourceIdentity: string
  readonly tags: { readonly [key in (typeof SESSION_TAGS)[number]]: string }
}

export const SESSION_TAGS = ['rolemedic:proposal', 'rolemedic:digest', 'rolemedic:approvers'] as const
