/** The public keys that signatures of the audit log are checked with: from a file, of the local run, or from KMS. */

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import { type KeyRing, keyRingSchema } from '../../../functions/domain/authority/index.ts'
import { AUDIT_KEY_ALIAS, DECISIONS_KEY_ALIAS } from '../../../infra/names.ts'
import type { UseCaseWorld } from '../world.ts'

/** `-` names standard input. */
type KeyFiles = Pick<UseCaseWorld, 'readFile'> & { readStdin(): Promise<string> }

export type KmsOptions = {
  readonly profile: string | null
  readonly region: string | null
  /** ARNs, ids or aliases; empty: the keys of the deployment. Earlier keys stay valid for what they signed. */
  readonly decisions: readonly string[]
  readonly audit: readonly string[]
}

/** `file`: null: the keys next to a local log; null where there are none. */
export async function auditKeys(file: string | null, from: string, io: KeyFiles): Promise<KeyRing | null> {
  if (file !== null) return ringOf(file === '-' ? await io.readStdin() : await io.readFile(file), file)
  const local = localKeys(from)
  return local === null ? null : ringOf(await io.readFile(local), local)
}

/** Of the run that writes to this folder; null: it is a bucket, or no such run has signed anything. */
export function localKeys(from: string): string | null {
  if (from.startsWith('s3://')) return null
  const file = join(dirname(resolve(from)), 'keys', 'public-keys.json')
  return existsSync(file) ? file : null
}

function ringOf(text: string, file: string): KeyRing {
  try {
    const ring = keyRingSchema.parse(JSON.parse(text))
    if (ring.length > 0) return ring
  } catch {
    // One error for every form that is wrong.
  }
  throw new UsageError(`${file}: it contains no public keys as "rolemedic audit keys" prints them`)
}

export async function keysFromKms(
  { profile, region, decisions, audit }: KmsOptions,
  { env }: Pick<UseCaseWorld, 'env'>,
): Promise<KeyRing> {
  const [{ KMSClient }, { kmsKeys }, { requireProfile }] = await Promise.all([
    import('@aws-sdk/client-kms'),
    import('../../../functions/adapters/aws/signing/kms-signer.ts'),
    import('../../live/aws-credentials.ts'),
  ])
  requireProfile(profile, env)
  const client = new KMSClient({ ...(profile === null ? {} : { profile }), ...(region === null ? {} : { region }) })
  const keys = {
    decisions: decisions.length > 0 ? decisions : [`alias/${DECISIONS_KEY_ALIAS}`],
    audit: audit.length > 0 ? audit : [`alias/${AUDIT_KEY_ALIAS}`],
  }
  try {
    return await kmsKeys({ client, keys }).ring()
  } catch (cause) {
    throw new UsageError(`KMS: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
