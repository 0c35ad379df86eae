/** What a KMS key is described with; empty without a description. */
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms'

export const keyDescription = async (client: KMSClient, KeyId: string): Promise<string> =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description ?? ''
