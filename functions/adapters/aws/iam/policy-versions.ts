/**
 * The port `PolicyVersions` over IAM. A policy has at most five versions, and a version is immutable.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */

import { GetPolicyVersionCommand, ListPolicyVersionsCommand, type PolicyVersion } from '@aws-sdk/client-iam'
import { digestOf, found, type Read, unreadable } from '../../../../core/base/index.ts'
import { type ArchivedPolicy, type PolicyDocument, parseArn, parsePolicy } from '../../../../core/iam/index.ts'
import type { PolicyVersions } from '../../../ports/access-reader.ts'
import type { AccountAccess } from './account-access.ts'
import type { Ask } from './read-calls.ts'

export type PolicyVersionsDeps = {
  readonly access: (accountId: string) => Pick<AccountAccess, 'iam'>
  readonly ask: Ask
}

const MAX_STORED = 500

export function policyVersions({ access, ask }: PolicyVersionsDeps): PolicyVersions {
  /** By policy, version and the time that it was made, oldest evicted first: a policy that is made again begins with `v1`. */
  const documents = new Map<string, PolicyDocument>()

  async function documentOf(arn: string, VersionId: string, madeAt: Date | undefined): Promise<Read<PolicyDocument>> {
    const key = `${arn} ${VersionId} ${madeAt?.getTime()}`
    const present = documents.get(key)
    if (present !== undefined) return found(present)
    const { iam } = access(parseArn(arn)?.accountId ?? '')
    const read = await ask(2, 'iam:GetPolicyVersion', () =>
      iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId })),
    )
    if (read.kind !== 'found') return read
    const parsed = parsePolicy(read.value.PolicyVersion?.Document)
    if (!parsed.ok) return unreadable(parsed.error)
    if (madeAt !== undefined) documents.set(key, parsed.value)
    for (const oldest of documents.keys()) {
      if (documents.size <= MAX_STORED) break
      documents.delete(oldest)
    }
    return found(parsed.value)
  }

  async function listed(arn: string): Promise<Read<readonly PolicyVersion[]>> {
    const { iam } = access(parseArn(arn)?.accountId ?? '')
    const read = await ask(1, 'iam:ListPolicyVersions', () =>
      iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn })),
    )
    if (read.kind !== 'found') return read
    const { Versions = [], IsTruncated } = read.value
    return IsTruncated === true ? unreadable('iam:ListPolicyVersions gave only some of them') : found(Versions)
  }

  async function policyOf(arn: string): Promise<Read<Listed & { readonly policy: ArchivedPolicy }>> {
    const list = await listed(arn)
    if (list.kind !== 'found') return list
    const versions = new Map<string, PolicyDocument>()
    for (const { VersionId = '', CreateDate } of list.value) {
      const document = await documentOf(arn, VersionId, CreateDate)
      if (document.kind !== 'found')
        return unreadable(`${VersionId}: ${document.kind === 'absent' ? 'it was deleted meanwhile' : document.why}`)
      versions.set(VersionId, document.value)
    }
    const inForce = list.value.find(({ IsDefaultVersion }) => IsDefaultVersion === true)
    const policy = { defaultVersionId: inForce?.VersionId ?? null, versions }
    return found({ policy, digest: digestOfList(list.value) })
  }

  return {
    async digestsOf(policyArns) {
      const lists = await Promise.all(policyArns.map(async arn => [arn, await listed(arn)] as const))
      return new Map(lists.flatMap(([arn, one]) => (one.kind === 'found' ? [[arn, digestOfList(one.value)]] : [])))
    },
    async versionsOf(policyArns) {
      const read = await Promise.all(policyArns.map(async arn => [arn, await policyOf(arn)] as const))
      const policies = new Map(read.flatMap(([arn, one]) => (one.kind === 'found' ? [[arn, one.value]] : [])))
      const unread = read.flatMap(([arn, one]) =>
        one.kind === 'unreadable' ? [`the versions of ${arn} could not be read: ${one.why}`] : [],
      )
      return {
        archive: { policy: arn => policies.get(arn)?.policy ?? null, group: () => null },
        digestByArn: new Map([...policies].map(([arn, { digest }]) => [arn, digest])),
        unread: unread[0] ?? null,
      }
    },
  }
}

type Listed = { readonly digest: string }

/** A version is immutable, and one that is made again under its id has another date. */
const digestOfList = (versions: readonly PolicyVersion[]): string =>
  digestOf(
    versions
      .map(({ VersionId = '', CreateDate, IsDefaultVersion }) => [VersionId, CreateDate?.getTime(), IsDefaultVersion])
      .map(one => JSON.stringify(one))
      .sort(),
  )
