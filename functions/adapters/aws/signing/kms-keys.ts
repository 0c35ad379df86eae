/** The public halves of asymmetric KMS keys, which verify signatures. */
import { createPublicKey } from 'node:crypto'
import { DisabledException, GetPublicKeyCommand, type KMSClient, KMSInvalidStateException } from '@aws-sdk/client-kms'
import { RolemedicError } from '../../../../core/base/fault.ts'
import { KEY_USES, type KeyUse, type PublicKey, publicKeyOf } from '../../../domain/authority/statement.ts'
import type { Keys } from '../../../ports/signer.ts'

export const arnsIn = (text: string): readonly string[] => text.match(/[^,\s]+/g) ?? []

/**
 * Public keys do not change, so they are read once per process. `keys`: ARNs by use, separated by commas. The first of a use signs now; the
 * others end in `@` and the time when they were retired; without one, long ago.
 */
export function kmsKeys(client: KMSClient, keys: { readonly [use in KeyUse]: string }): Keys {
  const read = (use: KeyUse) => arnsIn(keys[use]).map(entry => readEntry(client, use, entry).catch(notNeeded(use)))
  return { ring: readOnce(async () => (await Promise.all(KEY_USES.flatMap(read))).flat()) }
}

/** What needs no passkey goes on without the key of passkeys. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
const notNeeded = (use: KeyUse) => (error: unknown) => {
  const isDisabled = error instanceof DisabledException || error instanceof KMSInvalidStateException
  return use === 'enrollments' && isDisabled ? [] : Promise.reject(error)
}

/** After a failed read, the next caller tries again. */
export function readOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null
  return () => {
    reading ??= read().catch(error => {
      reading = null
      throw error
    })
    return reading
  }
}

/** `<ARN>`, or `<ARN>@<time>` of a key that another one took the place of then. */
async function readEntry(client: KMSClient, use: KeyUse, entry: string): Promise<PublicKey> {
  const [keyArn = '', retiredAt] = entry.split('@')
  const key = await readPublicKey(client, use, keyArn)
  if (retiredAt === undefined) return key
  const retiredAtMs = Date.parse(retiredAt)
  if (!Number.isSafeInteger(retiredAtMs)) throw new RolemedicError('kms-key', `${entry} names no time`)
  return { ...key, retiredAtMs }
}

export async function readPublicKey(client: KMSClient, use: KeyUse, KeyId: string): Promise<PublicKey> {
  const key = Buffer.from((await client.send(new GetPublicKeyCommand({ KeyId }))).PublicKey ?? '')
  if (createPublicKey({ key, format: 'der', type: 'spki' }).asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new RolemedicError('kms-key', `${KeyId} is not a signing key of the kind ECC_NIST_P256`)
  return publicKeyOf(use, key.toString('base64'))
}
