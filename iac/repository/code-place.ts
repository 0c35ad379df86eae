import { digestOf } from '../../core/base/index.ts'
import type { AccessSnapshot, Identity } from '../../core/iam/index.ts'
import type { Patch, PolicyChange } from '../../core/patch/index.ts'
import { type Repositories, type Repository, repositoryOf, type Tags } from './repository-of.ts'

/** The one repository with the code of everything that a patch changes. */
export type CodePlace = {
  readonly repository: Repository
  /** The tags of the changed entities, by ARN. They help to find the code. */
  readonly entities: readonly { readonly arn: string; readonly tags: Tags }[]
}

/** Null: nothing is configured for some entity, or the entities are in different repositories. */
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

/** Empty if the tags were not read: then only matchers without tags can match. */
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
