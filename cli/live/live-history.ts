/** CloudTrail's event history, and earlier versions of policies, with the AWS credentials of the machine. */

import { setTimeout as sleep } from 'node:timers/promises'
import { GetPolicyVersionCommand, type IAMClient, ListPolicyVersionsCommand } from '@aws-sdk/client-iam'
import { known, unknown } from '../../core/base/index.ts'
import { type PolicyDocument, parsePolicy } from '../../core/iam/index.ts'
import { eventHistory, historyClients } from '../../functions/adapters/aws/event-history/index.ts'
import type { AccountAccess, Ask } from '../../functions/adapters/aws/iam/index.ts'
import type { EventHistory } from '../../functions/ports/index.ts'
import type { HistorySource } from '../use-cases/trail/asked-history.ts'

type LocalAccess = Pick<AccountAccess, 'iam' | 'accountId'> & {
  readonly credentials: Parameters<typeof historyClients>[0] extends (id: string) => infer C ? C : never
}

export function liveHistory(access: LocalAccess, ask: Ask): HistorySource {
  const { search } = eventHistory({
    client: historyClients(() => access.credentials),
    sleep: ms => sleep(ms),
    clock: Date.now,
  })
  return {
    history: { search: ofOneAccount(search, access, ask) },
    versionsOf: arns => versionsIn(access.iam, arns, ask),
  }
}

/** The credentials answer for their own account, whatever account is asked for. */
export function ofOneAccount(
  search: EventHistory['search'],
  { accountId }: Pick<LocalAccess, 'accountId'>,
  ask: Ask,
): EventHistory['search'] {
  return async (place, ...rest) => {
    const own = await accountId(ask)
    if (own !== place.accountId)
      return unknown(`these credentials belong to ${own === null ? 'an account that is not known' : `account ${own}`}`)
    const answer = await ask(1, 'cloudtrail:LookupEvents', () => search(place, ...rest))
    if (answer.kind !== 'found') return unknown(answer.kind === 'absent' ? 'it gave no answer' : answer.why)
    return answer.value.known ? known(answer.value.value) : answer.value
  }
}

/** A policy has at most five versions. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
async function versionsIn(iam: IAMClient, arns: readonly string[], ask: Ask) {
  const read = new Map(
    await Promise.all(
      arns.map(async arn => {
        const listed = await ask(1, 'iam:ListPolicyVersions', () =>
          iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn })),
        )
        const versions = listed.kind === 'found' ? (listed.value.Versions ?? []) : []
        const documents = await Promise.all(
          versions.map(async ({ VersionId = '' }): Promise<readonly [string, PolicyDocument][]> => {
            const version = await ask(2, 'iam:GetPolicyVersion', () =>
              iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId })),
            )
            const parsed = parsePolicy(version.kind === 'found' ? version.value.PolicyVersion?.Document : undefined)
            return parsed.ok ? [[VersionId, parsed.value]] : []
          }),
        )
        const defaultVersionId = versions.find(({ IsDefaultVersion }) => IsDefaultVersion === true)?.VersionId ?? null
        return [
          arn,
          listed.kind === 'found' ? { defaultVersionId, versions: new Map(documents.flat()) } : null,
        ] as const
      }),
    ),
  )
  return { policy: (arn: string) => read.get(arn) ?? null, group: () => null }
}
