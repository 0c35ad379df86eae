/** The statement that each missing permission needs, as text beside it. */
import type { CallPlace, NamedDenial, StatementAnswer } from '../../core/published-actions/index.ts'
import { type MissingPermission, mayHaveAdvice, statementAdvice } from '../domain/deploy/index.ts'
import type { Observer } from '../ports/observer.ts'

export type AdvisedPermissionsDeps = {
  readonly suggest: (denial: NamedDenial, place: CallPlace) => Promise<StatementAnswer>
  readonly observer: Observer
}

/** Without the packed actions, the permissions as they are: the alert still names them. */
export async function advisedPermissions(
  permissions: readonly MissingPermission[],
  place: CallPlace,
  { suggest, observer }: AdvisedPermissionsDeps,
): Promise<readonly MissingPermission[]> {
  const advised: MissingPermission[] = []
  try {
    for (const one of permissions)
      advised.push(mayHaveAdvice(one) ? { ...one, advice: statementAdvice(await suggest(one, place)) } : one)
    return advised
  } catch (error) {
    observer.log('warn', 'deploy_statements_unread', { error: String(error) })
    return permissions
  }
}
