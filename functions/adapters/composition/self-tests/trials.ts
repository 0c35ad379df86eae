/** What a function may do outside of itself, tried with its own credentials. Each function has the trials that its role allows. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { BotFunction } from '../../../domain/messages/index.ts'
import { HEARD_ACCOUNTS } from '../../../domain/stored/index.ts'
import type { AccountUnits } from '../../../ports/access-reader.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import type { Keys } from '../../../ports/signer.ts'
import { DEFAULT_TIMEOUTS } from '../../aws/clients/client-timeouts.ts'
import { tableAccess } from '../../aws/dynamodb/table-access.ts'
import { tableTrials } from '../../aws/dynamodb/try-table.ts'
import { secretsManager } from '../../aws/messaging/secrets.ts'
import { sendTrial } from '../../aws/messaging/try-send.ts'
import { environment } from '../environment.ts'

type Env = NodeJS.ProcessEnv

export const ownTable = (name: BotFunction, env: Env): readonly Trial[] =>
  tableTrials(new DynamoDBClient(DEFAULT_TIMEOUTS), environment(env, ['TABLE_NAME']).TABLE_NAME, tableAccess(name))

export const sends = (env: Env, ...queues: readonly `${string}_QUEUE_URL`[]): readonly Trial[] =>
  Object.values(environment(env, queues)).map(url => sendTrial(url))

/** Not from a cache: of a function that runs already. */
export const secretTrial = (env: Env, name: string): Trial => {
  const secret = environment(env, [name])[name] ?? ''
  const secrets = secretsManager({ client: new SecretsManagerClient(DEFAULT_TIMEOUTS), clock: Date.now })
  return [`secretsmanager:GetSecretValue of ${nameOfSecret(secret)}`, () => secrets.current(secret)]
}

const nameOfSecret = (arn: string): string => arn.split(':secret:').at(-1) ?? arn

export const publicKeyTrial = (keys: Keys): Trial => ['kms:GetPublicKey of each signing key', () => keys.ring()]

/** The bot's own account, and each that heartbeats come from. */
export async function accountsToTry(
  store: Pick<ProposalStore, 'getMarker'>,
  ownAccountId: string,
): Promise<readonly string[]> {
  const heard = (await store.getMarker(HEARD_ACCOUNTS))?.value ?? []
  return [...new Set([ownAccountId, ...heard])].filter(one => one !== '')
}

export function asKnown(fact: { readonly known: true } | { readonly known: false; readonly why: string }): void {
  if (!fact.known) throw new RolemedicError('unknown', fact.why)
}

/** They are asked only where the configuration names units. */
export const unitTrials = (
  { organizationalUnits }: { readonly organizationalUnits: object },
  units: AccountUnits,
  accounts: readonly string[],
): readonly Trial[] =>
  Object.keys(organizationalUnits).length === 0
    ? []
    : accounts
        .slice(0, 1)
        .map(account => ['organizations:ListParents', async () => asKnown(await units(account))] as const)
