import { digestOf } from '../../core/base/index.ts'
import type { AccessSnapshot, Identity } from '../../core/iam/index.ts'
import type { Patch, PolicyChange } from '../../core/patch/index.ts'
import { type Repositories, type Repository, repositoryOf, type Tags } from './repository-of.ts'

/** Where the code of everything that a patch changes is kept: one repository. */
export type CodePlace = {
  readonly repository: Repository
  /** The tags of what it changes, by ARN: they help to find it in the code. */
  readonly entities: readonly { readonly arn: string; readonly tags: Tags }[]
}

/** Null: nothing is configured for a part of it, or the parts are kept in different places. */
export function codePlaceOf(
  { changes }: Pick<Patch, 'changes'>,
  snapshot: Pick<AccessSnapshot, 'caller' | 'targets'>,
  config: Repositories,
): CodePlace | null {
  const targets = changes.filter(({ required }) => required).map(({ target }) => target)
  const found = targets.map(target => repositoryOf(config, target, tagsOf(target, snapshot)))
  const [repository] = found
  if (repository === undefined || repository === null) return null
  if (found.some(other => other === null || digestOf(other) !== digestOf(repository))) return null
  const entities = new Map(targets.map(target => [target.arn, tagsOf(target, snapshot)]))
  return { repository, entities: [...entities].map(([arn, tags]) => ({ arn, tags })) }
}

/** None where they were not read: then only matchers without tags can fit. */
function tagsOf(
  { arn }: PolicyChange['target'],
  { caller, targets }: Pick<AccessSnapshot, 'caller' | 'targets'>,
): Tags {
  const read: readonly Identity[] = [
    ...(caller.kind === 'found' ? [caller.value] : []),
    ...targets.flatMap(({ role }) => (role.kind === 'found' ? [role.value] : [])),
  ]
  return read.find(one => one.arn === arn && one.tagsUnread !== true)?.tags ?? {}
}
