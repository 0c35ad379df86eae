/** The reasons of the failed parts of one run: an operation of a StackSet, from `list-stack-set-operation-results`, or a job of Amplify, from `get-job`. */

import * as z from 'zod'
import { orElse, orNull } from '../../../../core/base/index.ts'
import type { FailureReason } from '../deploy.ts'

export type PartedRun =
  | { readonly kind: 'stack-set'; readonly stackSet: string; readonly operationId: string }
  | { readonly kind: 'amplify-job'; readonly app: string; readonly branch: string; readonly job: string }

const MAX_PARTS = 50
const text = orNull(z.string())

const results = z.object({
  Summaries: orElse(z.array(z.object({ Account: text, Region: text, Status: text, StatusReason: text })), []),
})
const job = z.object({
  job: z.object({ steps: orElse(z.array(z.object({ stepName: text, status: text, statusReason: text })), []) }),
})

/** Each with its account and Region. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationResultSummary.html */
export function stackSetReasonsIn(value: unknown, atMs: number): readonly FailureReason[] {
  const read = results.safeParse(value)
  if (!read.success) return []
  return read.data.Summaries.filter(({ Status }) => Status === 'FAILED')
    .slice(0, MAX_PARTS)
    .flatMap(({ Account, Region, StatusReason }) => {
      const resource = [Account, Region].filter(part => part !== null).join(', ')
      return StatusReason === null ? [] : [{ text: StatusReason, resource, resourceType: null, atMs }]
    })
}

/** Each with its step. https://docs.aws.amazon.com/amplify/latest/APIReference/API_Step.html */
export function amplifyReasonsIn(value: unknown, atMs: number): readonly FailureReason[] {
  const read = job.safeParse(value)
  if (!read.success) return []
  return read.data.job.steps
    .filter(({ status }) => status === 'FAILED')
    .slice(0, MAX_PARTS)
    .flatMap(({ stepName, statusReason }) =>
      statusReason === null ? [] : [{ text: statusReason, resource: stepName, resourceType: null, atMs }],
    )
}
