/** The public keys that verify signatures of the audit log: from a file, from the local run, or from KMS. */

import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import { KEY_USES, type KeyRing, type KeyUse, keyRingSchema } from '../../../functions/domain/authority/index.ts'
import { keyAlias, RETIRED_AT } from '../../../infra/names.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'

type KeyWorld = Pick<UseCaseWorld, 'readFile' | 'env'>

export type KeysQuestion = {
  /** A folder or s3://bucket/prefix: the log that the keys belong to. */
  readonly from: string
  /** Reads the keys of a deployment from KMS. For a bucket, they always come from KMS. */
  readonly live: boolean
  readonly profile: string | null
  readonly region: string | null
  /** ARNs, ids or aliases. Empty: the keys of the deployment. Earlier keys remain valid for their signatures. */
  readonly decisions: readonly string[]
  readonly audit: readonly string[]
}

/** The keys next to a local log, or those of a deployment. Throws UsageError if there are none. */
export async function publicKeys(question: KeysQuestion, world: KeyWorld): Promise<KeyRing> {
  const { from, live } = question
  if (live || from.startsWith('s3://')) return keysFromKms(question, world)
  const ring = await keysNextTo(from, world)
  if (ring === null) throw new UsageError(`${from}: no keys next to it (--live reads those of a deployment from KMS)`)
  return ring
}

/** Null: the log is in a bucket, or the local run has not signed anything yet. */
export async function keysNextTo(from: string, { readFile }: Pick<UseCaseWorld, 'readFile'>): Promise<KeyRing | null> {
  if (from.startsWith('s3://')) return null
  const file = join(dirname(resolve(from)), 'keys', 'public-keys.json')
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true
  return isThere ? keysIn({ name: file, text: await readFile(file) }) : null
}

/** Throws UsageError for a text that "rolemedic audit keys" did not print. */
export function keysIn(given: NamedText): KeyRing {
  try {
    const ring = keyRingSchema.parse(JSON.parse(given.text))
    if (ring.length > 0) return ring
  } catch {
    // Every wrong form gives the same error.
  }
  throw new UsageError(`${inputName(given)}: it contains no public keys as "rolemedic audit keys" prints them`)
}

async function keysFromKms({ profile, region, decisions, audit }: KeysQuestion, { env }: KeyWorld): Promise<KeyRing> {
  const [{ keyDescription }, { kmsClient }, { readPublicKey }, { requireProfile }, { requiredRegion }] =
    await Promise.all([
      import('../../../functions/adapters/aws/signing/key-description.ts'),
      import('../../../functions/adapters/aws/signing/kms-client.ts'),
      import('../../../functions/adapters/aws/signing/kms-keys.ts'),
      import('../../live/aws-credentials.ts'),
      import('../../live/cli-access.ts'),
    ])
  requireProfile(profile, env)
  const named = profile === null ? {} : { profile }
  const client = kmsClient({ ...named, region: region ?? (await requiredRegion(named)) })
  const read: ReadKey = {
    key: (use, keyId) => readPublicKey(client, use, keyId),
    description: keyId => keyDescription(client, keyId),
  }
  const given: { readonly [use in KeyUse]?: readonly string[] } = { decisions, audit }
  const ofUse = async (use: KeyUse): Promise<KeyRing> => {
    const ids = given[use] ?? []
    if (ids.length === 0) return everyGeneration(use, read)
    return withTimes(await Promise.all(ids.map(async id => ({ id, key: await read.key(use, id) }))), read)
  }
  try {
    return (await Promise.all(KEY_USES.map(ofUse))).flat()
  } catch (cause) {
    throw new UsageError(`KMS: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

type FoundKey = { readonly id: string; readonly key: KeyRing[number] }
type ReadKey = {
  readonly key: (use: KeyUse, keyId: string) => Promise<KeyRing[number]>
  readonly description: (keyId: string) => Promise<string>
}

/** The key that was made with the deployment, and those that took its place since. */
async function everyGeneration(use: KeyUse, read: ReadKey): Promise<KeyRing> {
  const found: FoundKey[] = []
  for (;;) {
    const id = `alias/${keyAlias(use, found.length + 1)}`
    try {
      found.push({ id, key: await read.key(use, id) })
    } catch (error) {
      if (found.length > 0 && error instanceof Error && error.name === 'NotFoundException')
        return withTimes(found, read)
      throw error
    }
  }
}

/** One key alone signs now. The state stack describes those before it with the time at which they were retired. */
const withTimes = (found: readonly FoundKey[], { description }: ReadKey): Promise<KeyRing> =>
  Promise.all(
    found.map(async ({ id, key }) => {
      const retiredAtMs =
        found.length === 1 ? Number.NaN : Date.parse((await description(id)).split(RETIRED_AT)[1] ?? '')
      return Number.isSafeInteger(retiredAtMs) ? { ...key, retiredAtMs } : key
    }),
  )
