/** Why parts of a run failed: stacks of a StackSet operation, steps of an Amplify job. */

import { type CloudFormationClient, ListStackSetOperationResultsCommand } from '@aws-sdk/client-cloudformation'
import type { AccountRegion, Fact } from '../../../../core/base/index.ts'
import {
  amplifyReasonsIn,
  type FailureReason,
  type PartedRun,
  stackSetReasonsIn,
} from '../../../domain/deploy/index.ts'
import { type Credentials, sendSigned, serviceEndpoint } from '../clients/signed-request.ts'
import { faultIn } from './json-call.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type StackSetRun = Extract<PartedRun, { kind: 'stack-set' }>
type AmplifyRun = Extract<PartedRun, { kind: 'amplify-job' }>

/** The first hundred failures. A delegated administrator of the organization asks as one. */
export function readStackSetResults(
  client: Pick<CloudFormationClient, 'send'>,
  { stackSet, operationId }: StackSetRun,
  atMs: number,
): Promise<Fact<readonly FailureReason[]>> {
  const ask = (CallAs: 'SELF' | 'DELEGATED_ADMIN') =>
    client.send(
      new ListStackSetOperationResultsCommand({
        ...{ StackSetName: stackSet, OperationId: operationId, MaxResults: 100, CallAs },
        Filters: [{ Name: 'OPERATION_RESULT_STATUS', Values: 'FAILED' }],
      }),
    )
  return readOrUnknown(async () => {
    const answer = await ask('SELF').catch(error => {
      if (error instanceof Error && error.name === 'StackSetNotFoundException') return ask('DELEGATED_ADMIN')
      throw error
    })
    return stackSetReasonsIn(answer, atMs)
  }, 'the results of the StackSet operation')
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 4_000_000

/** https://docs.aws.amazon.com/amplify/latest/APIReference/API_GetJob.html */
export function readAmplifyJob(
  { region }: AccountRegion,
  { app, branch, job }: AmplifyRun,
  credentials: Credentials,
  { atMs, fetch }: { readonly atMs: number; readonly fetch?: typeof globalThis.fetch },
): Promise<Fact<readonly FailureReason[]>> {
  return readOrUnknown(async () => {
    const path = `/apps/${app}/branches/${encodeURIComponent(branch)}/jobs/${job}`
    const { status, body } = await sendSigned(
      { service: 'amplify', region, credentials, endpoint: serviceEndpoint('amplify', region) },
      { method: 'GET', path, headers: {} },
      { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, fetch },
    )
    if (status !== 200) throw faultOf(status, body)
    return amplifyReasonsIn(JSON.parse(body), atMs)
  }, 'the job of Amplify')
}

/** Its errors have no name in the body. */
const NAMES: { readonly [status: number]: string } = {
  401: 'AccessDenied',
  403: 'AccessDenied',
  404: 'ResourceNotFoundException',
}

function faultOf(status: number, body: string): Error {
  const { message } = faultIn(body)
  return Object.assign(new Error(message === '' ? `Amplify answered ${status}` : message), {
    name: NAMES[status] ?? '',
  })
}
