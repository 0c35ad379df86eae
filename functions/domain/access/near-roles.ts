/** Existing roles whose name is close to one that does not exist: a typo, another case, another path, another suffix. */

import { editDistance } from '../base/edit-distance.ts'
import { parseRoleArn } from '../iam/arn.ts'

const MOST = 10

/** ARNs of at most ten roles, closest first. */
export function nearRoles(wantedArn: string, existing: readonly string[]): readonly string[] {
  const wanted = parseRoleArn(wantedArn)
  if (wanted === null) return []
  return existing
    .flatMap(arn => {
      const role = parseRoleArn(arn)
      const distance = role === null ? null : nameDistance(wanted.name, role.name)
      return distance === null ? [] : [{ arn, distance }]
    })
    .sort((a, b) => a.distance - b.distance || (a.arn < b.arn ? -1 : 1))
    .slice(0, MOST)
    .map(({ arn }) => arn)
}

/** Edit distance ignoring case (0: same but for case); null when the names are not near. */
export function nameDistance(a: string, b: string): number | null {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  if (left === right) return a === b ? 0 : 0.5
  const longest = Math.max(left.length, right.length)
  const limit = longest < 6 ? 1 : Math.max(2, Math.floor(longest / 4))
  if (left.startsWith(right) || right.startsWith(left)) {
    const rest = Math.abs(left.length - right.length)
    return rest <= longest / 2 ? rest : null
  }
  if (Math.abs(left.length - right.length) > limit) return null
  const distance = editDistance(left, right, limit)
  return distance <= limit ? distance : null
}
