/** The roles of builds, from CodeBuild's call `batch-get-builds`. */

import * as z from 'zod'
import { type AccountRegion, orElse, orNull } from '../../../../core/base/index.ts'
import { parseRoleArn, partitionOfRegion, roleArn } from '../../../../core/iam/index.ts'
import type { BuildRole } from '../deploy.ts'

const answer = z.object({
  builds: orElse(z.array(z.object({ id: orNull(z.string()), serviceRole: orNull(z.string()) })), []),
})

/** AWS documents that the field has the role's name, but returns its ARN. Builds without a role are omitted. */
export function buildRolesIn(value: unknown, { accountId, region }: AccountRegion): readonly BuildRole[] {
  const read = answer.safeParse(value)
  if (!read.success) return []
  return read.data.builds.flatMap(({ id, serviceRole }) => {
    if (id === null || serviceRole === null) return []
    const arn = serviceRole.startsWith('arn:')
      ? serviceRole
      : roleArn(partitionOfRegion(region), accountId, serviceRole)
    return parseRoleArn(arn) === null ? [] : [{ id, roleArn: arn }]
  })
}
