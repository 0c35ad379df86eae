/** Existing roles with a name similar to one that does not exist: a typo, another case, path or suffix. */

import { nameDistance } from '../base/edit-distance.ts'
import { parseRoleArn } from '../iam/arn.ts'

const MAX_ROLES = 10

/** ARNs of at most ten roles, closest first. */
export function similarRoles(wantedArn: string, existing: readonly string[]): readonly string[] {
  const wanted = parseRoleArn(wantedArn)
  if (wanted === null) return []
  return existing
    .flatMap(arn => {
      const role = parseRoleArn(arn)
      const distance = role === null ? null : nameDistance(wanted.name, role.name)
      return distance === null ? [] : [{ arn, distance }]
    })
    .sort((a, b) => a.distance - b.distance || (a.arn < b.arn ? -1 : 1))
    .slice(0, MAX_ROLES)
    .map(({ arn }) => arn)
}
