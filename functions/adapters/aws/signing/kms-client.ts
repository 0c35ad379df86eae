import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

/** Imported lazily as a file of ours, so that a bundle has only what is used of the SDK's. */
export const kmsClient = (given: Pick<KMSClientConfig, 'profile' | 'region'> = {}): KMSClient =>
  new KMSClient({ ...DEFAULT_TIMEOUTS, ...given })
