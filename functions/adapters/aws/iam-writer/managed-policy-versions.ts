/** Changes a customer managed policy by a new default version. IAM keeps five versions. */

import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListPolicyVersionsCommand,
  type PolicyVersion,
} from '@aws-sdk/client-iam'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { Written } from './written.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_VERSIONS = 5

export async function readDefaultVersion(client: IAMClient, PolicyArn: string): Promise<string | undefined> {
  const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }))
  const VersionId = Policy?.DefaultVersionId
  if (VersionId === undefined) throw new RolemedicError('aws-read', `${PolicyArn} has no default version`)
  const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))
  return PolicyVersion?.Document
}

/** Creates the new version. Any refusal other than the version quota leaves all versions unchanged. */
export async function newVersion(client: IAMClient, PolicyArn: string, PolicyDocument: string): Promise<Written> {
  const create = () => client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  try {
    return { requestIds: idsOf(await create()), notes: [] }
  } catch (error) {
    if (!isFull(error)) throw error
    const { Versions = [] } = await client.send(new ListPolicyVersionsCommand({ PolicyArn }))
    const VersionId = Versions.filter(version => version.IsDefaultVersion !== true).sort(byAge)[0]?.VersionId
    if (Versions.length < MAX_VERSIONS || VersionId === undefined) throw error
    const removed = await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }))
    const note = `version ${VersionId} of ${PolicyArn} was removed, as IAM keeps ${MAX_VERSIONS} versions`
    const created = await create().catch(cause => {
      throw new RolemedicError(VERSION_REMOVED, note, { cause })
    })
    return { requestIds: [...idsOf(removed), ...idsOf(created)], notes: [note] }
  }
}

/** Error code: one version was deleted and its replacement was not created. The cause says why. */
export const VERSION_REMOVED = 'version-removed'

/** Matches `A managed policy can have up to 5 versions`. The quota of a document's size has the same error name. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('LimitExceeded') && /version/i.test(error.message)

/** Version ids always increase, also within the same second. */
const byAge = (a: PolicyVersion, b: PolicyVersion) => number(a) - number(b)
const number = ({ VersionId }: PolicyVersion) => Number((VersionId ?? '').replace(/^v/, ''))

const idsOf = ({ $metadata: { requestId } }: { readonly $metadata: { readonly requestId?: string | undefined } }) =>
  requestId === undefined ? [] : [requestId]
