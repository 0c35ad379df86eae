/** Finds existing roles whose names resemble the name of a role that does not exist: a typo, another case, path or suffix. */

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

/** The partitions of the ARNs. Contains null if one of them is not an ARN. */
export const partitionsOf = (existing: readonly Listed[]): Index['partitions'] => indexOf(existing).partitions

/** Cached with the list, which lives for minutes. */
const indexOf = perObject((existing: readonly Listed[]): Index => {
  const roles: Named[] = []
  const partitions = new Set<string | null>()
  // Compares with the previous prefix, because a regular expression for each ARN would dominate the time.
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
