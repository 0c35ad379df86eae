import type { Principal } from '../denial/index.ts'
import type { Identity } from '../iam/index.ts'

const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{16,}$/

type Denied = Pick<Principal, 'kind' | 'arn' | 'roleArn' | 'pathKnown' | 'uniqueId'>

/**
 * True when the denied principal is another one than the entity read. Compares unique ids, which AWS never reuses: the same
 * name with another id is another principal. If an id is missing, compares ARNs, as the path of a role cannot change.
 * `denied.uniqueId` may include a session name.
 */
export function isDifferentEntity(denied: Denied, { arn, uniqueId }: Pick<Identity, 'arn' | 'uniqueId'>): boolean {
  const [asked, now] = [denied.uniqueId?.split(':')[0] ?? '', uniqueId ?? '']
  if (UNIQUE_ID.test(asked) && UNIQUE_ID.test(now)) return asked !== now
  const named = denied.kind === 'user' ? denied.arn : denied.pathKnown ? denied.roleArn : null
  return named !== null && named !== arn
}
