/** The role of each build. The answer also contains the variables of the builds, so only ids and roles are read from it. */

import type { AccountRegion, Fact } from '../../../../core/base/index.ts'
import { type BuildRole, buildRolesIn } from '../../../domain/deploy/index.ts'
import type { Credentials } from '../clients/signed-request.ts'
import { askJson } from './json-call.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

export type BuildRolesOptions = { readonly fetch?: typeof globalThis.fetch }

/** The limit of one call. */
const MAX_BUILDS = 100

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html */
export function readBuildRoles(
  place: AccountRegion,
  ids: readonly string[],
  credentials: Credentials,
  { fetch }: BuildRolesOptions = {},
): Promise<Fact<readonly BuildRole[]>> {
  return readOrUnknown(async () => {
    const call = {
      service: 'codebuild',
      target: 'CodeBuild_20161006.BatchGetBuilds',
      body: { ids: ids.slice(0, MAX_BUILDS) },
    }
    return buildRolesIn(await askJson(place, call, credentials, { fetch }), place)
  }, 'the role of the build')
}
