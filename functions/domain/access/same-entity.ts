import type { Principal } from '../denial/denial.ts'
import type { Identity } from '../iam/evaluation/access-snapshot.ts'

const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{16,}$/

type Denied = Pick<Principal, 'kind' | 'arn' | 'roleArn' | 'pathKnown' | 'uniqueId'>

/**
 * Ids are never given twice: another one under the same name is another principal. Without both ids the ARN tells, whose
 * path nobody can change for a role. `denied.uniqueId` may carry a session's name.
 */
export function isDifferentEntity(denied: Denied, { arn, uniqueId }: Pick<Identity, 'arn' | 'uniqueId'>): boolean {
  const [asked, now] = [denied.uniqueId?.split(':')[0] ?? '', uniqueId ?? '']
  if (UNIQUE_ID.test(asked) && UNIQUE_ID.test(now)) return asked !== now
  const named = denied.kind === 'user' ? denied.arn : denied.pathKnown ? denied.roleArn : null
  return named !== null && named !== arn
}
