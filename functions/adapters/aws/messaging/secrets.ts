/** Secrets Manager, remembered for a few minutes, so that a rotated secret is taken up without a deployment. */
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { RolemedicError } from '../../../domain/base/errors.ts'
import type { Clock } from '../../../ports/clock.ts'

export type Secrets = {
  current(name: string): Promise<string>
  /** Both that are valid while a secret is being rotated, the new one first. `atMostMs`: read again if it was kept longer. */
  valid(name: string, options?: { readonly atMostMs?: number }): Promise<readonly string[]>
}

export type SecretsOptions = {
  readonly client: Pick<SecretsManagerClient, 'send'>
  readonly clock: Clock
  readonly keptMs?: number
}

const KEPT_MS = 5 * 60_000
type Stage = 'AWSCURRENT' | 'AWSPREVIOUS'

export function secretsManager({ client, clock, keptMs = KEPT_MS }: SecretsOptions): Secrets {
  const kept = new Map<string, { readonly value: string | null; readonly readMs: number }>()

  async function read(name: string, stage: Stage, atMostMs = keptMs): Promise<string | null> {
    const key = `${stage} ${name}`
    const before = kept.get(key)
    if (before !== undefined && clock() < before.readMs + atMostMs) return before.value
    try {
      const value = await fetched(client, name, stage)
      // A value that is stored at last is taken up by the next request.
      if (value !== null || stage === 'AWSPREVIOUS') kept.set(key, { value, readMs: clock() })
      return value
    } catch (error) {
      // An outage of Secrets Manager is no reason to stop: what was valid minutes ago most likely still is.
      if (before !== undefined) return before.value
      throw new RolemedicError('secret', `the secret ${name} could not be read`, { cause: error })
    }
  }

  async function current(name: string, atMostMs = keptMs): Promise<string> {
    const value = await read(name, 'AWSCURRENT', atMostMs)
    if (value === null) throw new RolemedicError('secret', withoutValue(name))
    return value
  }

  return {
    current: name => current(name),
    async valid(name, { atMostMs } = {}) {
      const [now, before] = await Promise.all([current(name, atMostMs), read(name, 'AWSPREVIOUS', atMostMs)])
      return before === null || before === now ? [now] : [now, before]
    },
  }
}

/** A deployment makes the secrets empty; the values come from Slack. */
function withoutValue(name: string): string {
  const store = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string …`
  return `the secret ${name} has no value yet: copy it from the Slack app and store it with: ${store}`
}

/** Null: there is no such version. A new secret has none, and one that was never rotated has no previous one. */
async function fetched(client: SecretsOptions['client'], name: string, stage: Stage): Promise<string | null> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: stage }))
    return SecretString === undefined || SecretString.trim() === '' ? null : SecretString.trim()
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null
    throw error
  }
}
