/** The role of each build. The answer also contains the variables of the builds, so only ids and roles are read from it. */

import * as z from 'zod'
import type { AccountRegion, Fact } from '../../../../core/base/index.ts'
import { type BuildRole, buildRolesIn } from '../../../domain/deploy/index.ts'
import { type Credentials, sendSigned, serviceEndpoint } from '../signed-request.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

export type BuildRolesOptions = { readonly fetch?: typeof globalThis.fetch }

/** The limit of one call. */
const MAX_BUILDS = 100
const TIMEOUT_MS = 10_000
const MAX_BYTES = 4_000_000

const fault = z.object({ __type: z.string().catch(''), message: z.string().catch('') })

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html */
export function readBuildRoles(
  place: AccountRegion,
  ids: readonly string[],
  credentials: Credentials,
  { fetch }: BuildRolesOptions = {},
): Promise<Fact<readonly BuildRole[]>> {
  return readOrUnknown(async () => {
    const { region } = place
    const { status, body } = await sendSigned(
      { service: 'codebuild', region, credentials, endpoint: serviceEndpoint('codebuild', region) },
      {
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'CodeBuild_20161006.BatchGetBuilds' },
        body: JSON.stringify({ ids: ids.slice(0, MAX_BUILDS) }),
      },
      { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, fetch },
    )
    if (status !== 200) throw faultOf(status, body)
    return buildRolesIn(JSON.parse(body), place)
  }, 'the role of the build')
}

/** An error with the name that the SDK's clients give it. */
function faultOf(status: number, body: string): Error {
  const { __type, message } = faultIn(body)
  const name = __type.split('#').at(-1) ?? ''
  return Object.assign(new Error(message === '' ? `CodeBuild answered ${status}` : message), { name })
}

function faultIn(body: string): z.infer<typeof fault> {
  try {
    return fault.parse(JSON.parse(body))
  } catch {
    return { __type: '', message: '' }
  }
}
