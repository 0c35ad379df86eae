import type { DeniedCall } from './action.ts'

/** Condition keys that an STS call sends for the session that it requests. */
export function sessionKeys({ eventSource, parameter }: DeniedCall): { readonly [key: string]: string | null } {
  if (eventSource !== 'sts.amazonaws.com') return {}
  return {
    'sts:RoleSessionName': parameter('roleSessionName'),
    'sts:ExternalId': parameter('externalId'),
    'sts:SourceIdentity': parameter('sourceIdentity'),
  }
}
