import { KMSClient } from '@aws-sdk/client-kms'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

export const kmsClient = (): KMSClient => new KMSClient(DEFAULT_TIMEOUTS)
