/** The public keys that verify signatures of the audit log: from a file, from the local run, or from KMS. */

import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import { KEY_USES, type KeyRing, type KeyUse, keyRingSchema } from '../../../functions/domain/authority/index.ts'
import { keyAlias } from '../../../infra/names.ts'
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
  const [{ kmsClient }, { readPublicKey }, { requireProfile }, { requiredRegion }] = await Promise.all([
    import('../../../functions/adapters/aws/signing/kms-client.ts'),
    import('../../../functions/adapters/aws/signing/kms-keys.ts'),
    import('../../live/aws-credentials.ts'),
    import('../../live/cli-access.ts'),
  ])
  requireProfile(profile, env)
  const named = profile === null ? {} : { profile }
  const client = kmsClient({ ...named, region: region ?? (await requiredRegion(named)) })
  const read = (use: KeyUse) => (keyId: string) => readPublicKey(client, use, keyId)
  const given: { readonly [use in KeyUse]?: readonly string[] } = { decisions, audit }
  const ofUse = (use: KeyUse): Promise<KeyRing> => {
    const ids = given[use] ?? []
    return ids.length > 0 ? Promise.all(ids.map(read(use))) : everyGeneration(use, read(use))
  }
  try {
    return (await Promise.all(KEY_USES.map(ofUse))).flat()
  } catch (cause) {
    throw new UsageError(`KMS: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The key that was made with the deployment, and those that took its place since. */
async function everyGeneration(use: KeyUse, read: (keyId: string) => Promise<KeyRing[number]>): Promise<KeyRing> {
  const found: KeyRing[number][] = []
  for (let generation = 1; ; generation++) {
    try {
      found.push(await read(`alias/${keyAlias(use, generation)}`))
    } catch (error) {
      if (generation > 1 && error instanceof Error && error.name === 'NotFoundException') return found
      throw error
    }
  }
}
