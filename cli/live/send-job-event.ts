/** Sends the event of a job, with the credentials that the AWS CLI would use. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { putEvent } from '../../functions/adapters/aws/deploy-tools/index.ts'
import type { JobEventDetail } from '../../functions/domain/deploy/index.ts'
import { JOB_SOURCE, JOB_TYPE } from '../../functions/domain/deploy/index.ts'
import type { Io } from '../io.ts'

/** Throws with AWS's code. */
export async function sendJobEvent(detail: JobEventDetail, region: string, { env }: Pick<Io, 'env'>): Promise<void> {
  await putEvent({ source: JOB_SOURCE, type: JOB_TYPE, detail }, { region, credentials: fromNodeProviderChain() }, env)
}
