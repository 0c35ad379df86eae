/** Events of deploys that lacked another permission than a role. */
import { event, type Json } from './alert-fixture.ts'

export const RESOURCE = 'deploys/resource-other-action'
export const STACK = 'deploys/stack-rollback'
export const TWIN = 'cloudformation-create-function'

/** The event of a failed resource, with this text as its reason. */
export const failing = (reason: string): Json => {
  const detail = event(RESOURCE)['detail'] as Json
  const details = detail['status-details'] as Json
  return { detail: { ...detail, 'status-details': { ...details, 'status-reason': reason } } }
}

export const DENIED =
  'User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::orders-files"'
