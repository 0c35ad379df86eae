import { IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { LONG_TIMEOUTS } from '../../functions/adapters/aws/clients/index.ts'
import type { AccountAccess, Ask } from '../../functions/adapters/aws/iam/index.ts'

/** The credentials that the AWS CLI would use. They belong to one account. */
export function localAccess(options: {
  readonly profile?: string
  readonly region: string
}): AccountAccess & { readonly credentials: ReturnType<typeof fromNodeProviderChain> } {
  const { profile, region } = options
  const credentials = fromNodeProviderChain(profile === undefined ? {} : { profile })
  const shared = { region, credentials, ...LONG_TIMEOUTS }
  const sts = new STSClient(shared)
  const seenAccounts = new Set<Promise<string | null>>()
  let asked: Promise<string | null> | null = null
  const whoAmI = async (ask: Ask) => {
    const answer = await ask(1, 'sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})))
    return answer.kind === 'found' ? (answer.value.Account ?? null) : null
  }
  return {
    iam: new IAMClient(shared),
    credentials,
    saw: answer => void seenAccounts.add(answer),
    depth: 0,
    async accountId(ask) {
      const seen = await Promise.allSettled(seenAccounts)
      const known = seen.find(answer => answer.status === 'fulfilled' && answer.value !== null)
      if (known?.status === 'fulfilled') return known.value
      asked ??= whoAmI(ask)
      return asked
    },
  }
}
