/** Reads secrets from Secrets Manager and caches them for minutes, so that a rotated secret takes effect without a deployment. */

import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { DAY_MS, RolemedicError } from '../../../../core/base/index.ts'
import type { Clock } from '../../../ports/clock.ts'

export type Secrets = {
  current(name: string): Promise<string>
  /**
   * The valid values, the current one first. The previous value remains valid for a day after a rotation, so that a leaked
   * value ends. `atMostMs`: the maximum age of a cached value.
   */
  valid(name: string, options?: { readonly atMostMs?: number }): Promise<readonly string[]>
}

export type SecretsOptions = {
  readonly client: Pick<SecretsManagerClient, 'send'>
  readonly clock: Clock
  readonly maxAgeMs?: number
}

const MAX_AGE_MS = 5 * 60_000
/** How long both values are valid. */
const ROTATION_MS = DAY_MS
type Stage = 'AWSCURRENT' | 'AWSPREVIOUS'
/** `createdMs`: null if AWS does not say. */
type Version = { readonly text: string; readonly createdMs: number | null }

export function secretsManager({ client, clock, maxAgeMs = MAX_AGE_MS }: SecretsOptions): Secrets {
  const cache = new Map<string, { readonly value: Version | null; readonly readMs: number }>()
  /** Everybody who asks meanwhile gets the same answer. */
  const reading = new Map<string, Promise<Version | null>>()

  async function read(name: string, stage: Stage, atMostMs = maxAgeMs): Promise<Version | null> {
    const key = `${stage} ${name}`
    const before = cache.get(key)
    if (before !== undefined && clock() < before.readMs + atMostMs) return before.value
    const answer = reading.get(key) ?? readNow(name, stage, key)
    reading.set(key, answer)
    return answer.finally(() => reading.delete(key))
  }

  async function readNow(name: string, stage: Stage, key: string): Promise<Version | null> {
    const before = cache.get(key)
    try {
      const value = await fetched(client, name, stage)
      // A missing value is not cached, so that a new secret is found as soon as it is stored.
      if (value !== null || stage === 'AWSPREVIOUS') cache.set(key, { value, readMs: clock() })
      return value
    } catch (error) {
      // During an outage of Secrets Manager, the last value is most likely still valid.
      if (before !== undefined) return before.value
      throw new RolemedicError('secret', `the secret ${name} could not be read`, { cause: error })
    }
  }

  async function current(name: string, atMostMs = maxAgeMs): Promise<Version> {
    const value = await read(name, 'AWSCURRENT', atMostMs)
    if (value === null) throw new RolemedicError('secret', withoutValue(name))
    return value
  }

  return {
    current: async name => (await current(name)).text,
    async valid(name, { atMostMs } = {}) {
      const [now, before] = await Promise.all([current(name, atMostMs), read(name, 'AWSPREVIOUS', atMostMs)])
      const isRotating = now.createdMs !== null && clock() < now.createdMs + ROTATION_MS
      return before === null || before.text === now.text || !isRotating ? [now.text] : [now.text, before.text]
    },
  }
}

/** The deployment creates empty secrets; people store the values of the chat and of Git hosts in them. */
function withoutValue(name: string): string {
  const store = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string …`
  return `the secret ${name} has no value yet: store it with: ${store}`
}

/** Null: there is no such version. A new secret has none, and a secret that was never rotated has no previous version. */
async function fetched(client: SecretsOptions['client'], name: string, stage: Stage): Promise<Version | null> {
  try {
    const input = { SecretId: name, VersionStage: stage }
    const { SecretString = '', CreatedDate } = await client.send(new GetSecretValueCommand(input))
    const text = SecretString.trim()
    return text === '' ? null : { text, createdMs: CreatedDate?.getTime() ?? null }
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null
    throw error
  }
}
