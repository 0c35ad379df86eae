/** Asks KMS whether this function could sign, without a signature. */
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { arnsIn } from './kms-keys.ts'

/** Rejects with what KMS answers. https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
export async function maySign(client: KMSClient, keyArns: string): Promise<void> {
  const [KeyId = ''] = arnsIn(keyArns)
  const trial = { KeyId, Message: Buffer.from('rolemedic doctor'), MessageType: 'RAW', DryRun: true } as const
  try {
    await client.send(new SignCommand({ ...trial, SigningAlgorithm: 'ECDSA_SHA_256' }))
  } catch (error) {
    // The request would have succeeded.
    if (error instanceof Error && error.name === 'DryRunOperationException') return
    throw error
  }
}
