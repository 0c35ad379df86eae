/** A customer managed policy is changed by a new default version; IAM keeps five. */
import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListPolicyVersionsCommand,
  type PolicyVersion,
} from '@aws-sdk/client-iam'
import { RolemedicError } from '../core/errors.ts'
import type { Written } from './iam-writer.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_VERSIONS = 5

export async function readDefaultVersion(client: IAMClient, PolicyArn: string): Promise<string | undefined> {
  const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }))
  const VersionId = Policy?.DefaultVersionId
  if (VersionId === undefined) throw new RolemedicError('aws-read', `${PolicyArn} has no default version`)
  const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))
  return PolicyVersion?.Document
}

export async function newVersion(client: IAMClient, PolicyArn: string, PolicyDocument: string): Promise<Written> {
  const requestIds: string[] = []
  const notes: string[] = []
  const { Versions = [] } = await client.send(new ListPolicyVersionsCommand({ PolicyArn }))
  const oldest = Versions.filter(version => version.IsDefaultVersion !== true).sort(byAge)[0]
  if (Versions.length >= MOST_VERSIONS && oldest?.VersionId !== undefined) {
    const removed = await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: oldest.VersionId }))
    if (removed.$metadata.requestId !== undefined) requestIds.push(removed.$metadata.requestId)
    notes.push(`version ${oldest.VersionId} of ${PolicyArn} was removed, as IAM keeps ${MOST_VERSIONS} versions`)
  }
  const created = await client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  if (created.$metadata.requestId !== undefined) requestIds.push(created.$metadata.requestId)
  return { requestIds, notes }
}

/** Version ids only ever count up, also where two were made in the same second. */
const byAge = (a: PolicyVersion, b: PolicyVersion) => number(a) - number(b)
const number = ({ VersionId }: PolicyVersion) => Number((VersionId ?? '').replace(/^v/, ''))
