/** Has every other function try what its work needs: an event on the bus of the account, which says nothing but that. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { SELF_TEST_EVENT } from '../../../domain/messages/index.ts'
import { putEvent } from '../../aws/deploy-tools/put-event.ts'
import { environment } from '../environment.ts'

export async function wakeFunctions(env: NodeJS.ProcessEnv): Promise<void> {
  const { AWS_REGION: region } = environment(env, ['AWS_REGION'])
  await putEvent({ ...SELF_TEST_EVENT, detail: {} }, { region, credentials: fromNodeProviderChain() }, env)
}
