/** Signing with asymmetric KMS keys, which never leave KMS. */

import { type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { RolemedicError } from '../../../../core/base/result.ts'
import type { KeyUse } from '../../../domain/authority/signature.ts'
import type { Signer } from '../../../ports/signer.ts'
import { readOnce, readPublicKey, signingArn } from './kms-keys.ts'

export { kmsClient } from './kms-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const HOW = { MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' } as const

/** `keyArns`: of one use, as in `KmsKeysOptions`. */
export function kmsSigner(client: KMSClient, use: KeyUse, keyArns: string): Signer {
  const keyArn = signingArn(keyArns)
  const publicKey = readOnce(() => readPublicKey(client, use, keyArn))
  return {
    async sign(Message) {
      const signing = client.send(new SignCommand({ KeyId: keyArn, Message, ...HOW }))
      const [{ keyId }, { Signature }] = await Promise.all([publicKey(), signing])
      if (Signature === undefined) throw new RolemedicError('kms-sign', `KMS gave no signature by ${keyArn}`)
      return { keyId, value: Buffer.from(Signature).toString('base64') }
    },
  }
}
