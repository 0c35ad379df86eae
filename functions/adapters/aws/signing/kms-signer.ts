/** Signatures by private keys that never leave KMS. Apart from the public keys: most functions verify and cannot sign. */
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { RolemedicError } from '../../../../core/base/fault.ts'
import type { KeyUse } from '../../../domain/authority/statement.ts'
import type { Signer } from '../../../ports/signer.ts'
import { arnsIn, readOnce, readPublicKey } from './kms-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const HOW = { MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' } as const

/** `keyArns`: of one use, as `kmsKeys` takes them. */
export function kmsSigner(client: KMSClient, use: KeyUse, keyArns: string): Signer {
  const [KeyId = ''] = arnsIn(keyArns)
  const publicKey = readOnce(() => readPublicKey(client, use, KeyId))
  return {
    async sign(Message) {
      const signing = client.send(new SignCommand({ KeyId, Message, ...HOW }))
      const [{ keyId }, { Signature }] = await Promise.all([publicKey(), signing])
      if (Signature === undefined) throw new RolemedicError('kms-sign', `KMS gave no signature by ${KeyId}`)
      return { keyId, value: Buffer.from(Signature).toString('base64') }
    },
  }
}
