import type { Principal } from '../denial/index.ts'
import type { Identity } from '../iam/index.ts'

const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{16,}$/

type Denied = Pick<Principal, 'kind' | 'arn' | 'roleArn' | 'pathKnown' | 'uniqueId'>

/**
 * Compares unique ids, which AWS never reuses: another id under the same name is another principal. Without both ids,
 * compares ARNs: a role's path cannot change. `denied.uniqueId` may carry a session name.
 */
export function isDifferentEntity(denied: Denied, { arn, uniqueId }: Pick<Identity, 'arn' | 'uniqueId'>): boolean {
  const [asked, now] = [denied.uniqueId?.split(':')[0] ?? '', uniqueId ?? '']
  if (UNIQUE_ID.test(asked) && UNIQUE_ID.test(now)) return asked !== now
  const named = denied.kind === 'user' ? denied.arn : denied.pathKnown ? denied.roleArn : null
  return named !== null && named !== arn
}
