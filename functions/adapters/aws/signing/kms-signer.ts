/** Signing with asymmetric KMS keys, which never leave KMS. */

import { type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { RolemedicError } from '../../../../core/base/errors.ts'
import type { KeyUse } from '../../../domain/authority/signature.ts'
import type { Signer } from '../../../ports/signer.ts'
import { readPublicKey } from './kms-keys.ts'

export { kmsClient, kmsKeys } from './kms-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export function kmsSigner(client: KMSClient, use: KeyUse, keyArn: string): Signer {
  let keyId: Promise<string> | null = null
  return {
    async sign(bytes) {
      keyId ??= readPublicKey(client, use, keyArn).then(
        key => key.keyId,
        error => {
          keyId = null
          throw error
        },
      )
      const [id, { Signature }] = await Promise.all([
        keyId,
        client.send(
          new SignCommand({
            KeyId: keyArn,
            Message: bytes,
            MessageType: 'RAW',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        ),
      ])
      if (Signature === undefined) throw new RolemedicError('kms-sign', `KMS gave no signature by ${keyArn}`)
      return { keyId: id, value: Buffer.from(Signature).toString('base64') }
    },
  }
}
