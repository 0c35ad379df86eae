/** Existing roles with a name similar to one that does not exist: a typo, another case, path or suffix. */

import { perObject } from '../base/index.ts'
import { type ListedRole, parseArn, parseRoleArn } from '../iam/index.ts'
import { type Named, type NameTree, nameTree } from './name-tree.ts'

const MAX_ROLES = 10

type Listed = Pick<ListedRole, 'arn'>
type Index = { readonly names: NameTree; readonly partitions: ReadonlySet<string | null> }

/** ARNs of at most ten roles, closest first. */
export function similarRoles(
  wantedArn: string,
  existing: readonly Listed[],
  onCompare?: () => void,
): readonly string[] {
  const wanted = parseRoleArn(wantedArn)
  if (wanted === null) return []
  return indexOf(existing)
    .names.nearest(wanted.name, MAX_ROLES, onCompare)
    .map(({ arn }) => arn)
}

/** Null for what is no ARN. */
export const partitionsOf = (existing: readonly Listed[]): Index['partitions'] => indexOf(existing).partitions

/** A list is kept for minutes, and so is what was made of it. */
const indexOf = perObject((existing: readonly Listed[]): Index => {
  const roles: Named[] = []
  const partitions = new Set<string | null>()
  // Most ARNs begin like the one before, and a regular expression for each takes longer than all else.
  let start = ''
  for (const { arn } of existing) {
    const name = arn.slice(arn.lastIndexOf('/') + 1)
    if (start !== '' && arn.startsWith(start) && arn[start.length] !== '/' && name !== '') {
      roles.push({ name, arn })
      continue
    }
    partitions.add(parseArn(arn)?.partition ?? null)
    const role = parseRoleArn(arn)
    if (role === null) continue
    roles.push({ name: role.name, arn })
    start = arn.slice(0, arn.indexOf(':role/') + ':role/'.length)
  }
  return { names: nameTree(roles), partitions }
})
