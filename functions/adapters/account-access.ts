/** With which credentials an account is read, and whose account they are. */
import { IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { roleArn } from '../core/arn.ts'
import { RolemedicError } from '../core/errors.ts'
import type { Ask } from './read-calls.ts'

export type AccountAccess = {
  readonly iam: IAMClient
  /** The account that answers; null when the credentials do not say. */
  accountId(ask: Ask): Promise<string | null>
  /** Tells the account from an ARN in an answer, which saves asking. */
  saw(answer: Promise<string | null>): void
  /** How many requests went into getting credentials that every read waits for. */
  readonly depth: number
}

/** Adaptive: IAM throttles whole accounts, so that waiting is better than adding to it. */
const PATIENT = { retryMode: 'adaptive', maxAttempts: 6 } as const

/** The reader role of each account, assumed once and kept while the credentials last. */
export function assumedAccess(options: {
  readonly roleName: string
  readonly region: string
}): (accountId: string) => AccountAccess {
  const { roleName, region } = options
  const byAccount = new Map<string, AccountAccess>()
  return accountId => {
    const present = byAccount.get(accountId)
    if (present !== undefined) return present
    const reader = roleArn(partitionOf(region), accountId, roleName)
    const provider = fromTemporaryCredentials({
      params: { RoleArn: reader, RoleSessionName: 'rolemedic-reader' },
      clientConfig: { region, ...PATIENT },
    })
    const credentials = async () => {
      try {
        return await provider()
      } catch (cause) {
        throw refusedToAssume(reader, cause)
      }
    }
    const access: AccountAccess = {
      iam: new IAMClient({ region, credentials, ...PATIENT }),
      accountId: async () => accountId,
      saw: () => {},
      depth: 1,
    }
    byAccount.set(accountId, access)
    return access
  }
}

/** A reader role that may not be assumed is a refused read; anything else is a fault. */
function refusedToAssume(reader: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error = new RolemedicError('reader-role', `the reader role ${reader} cannot be assumed: ${why}`, { cause })
  if (cause instanceof Error && /^AccessDenied/.test(cause.name)) error.name = 'AccessDenied'
  return error
}

/** The credentials that the AWS command line would use. They reach one account, whichever that is. */
export function ordinaryAccess(options: {
  readonly profile?: string
  readonly region: string
}): AccountAccess & { readonly credentials: ReturnType<typeof fromNodeProviderChain> } {
  const { profile, region } = options
  const credentials = fromNodeProviderChain(profile === undefined ? {} : { profile })
  const shared = { region, credentials, ...PATIENT }
  const sts = new STSClient(shared)
  const sightings = new Set<Promise<string | null>>()
  let asked: Promise<string | null> | null = null
  const whoAmI = async (ask: Ask) => {
    const answer = await ask(1, 'sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})))
    return answer.kind === 'found' ? (answer.value.Account ?? null) : null
  }
  return {
    iam: new IAMClient(shared),
    credentials,
    saw: answer => void sightings.add(answer),
    depth: 0,
    async accountId(ask) {
      const seen = await Promise.allSettled(sightings)
      const known = seen.find(answer => answer.status === 'fulfilled' && answer.value !== null)
      if (known?.status === 'fulfilled') return known.value
      asked ??= whoAmI(ask)
      return asked
    },
  }
}

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('eusc-')) return 'aws-eusc'
  return 'aws'
}
