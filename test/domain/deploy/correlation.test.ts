import { describe, expect, it } from 'vitest'
import { passesRole } from '../../../functions/domain/denial/passed-service/passed-service.ts'
import { CREATING_CALLS } from '../../../functions/domain/denial/passed-service/resource-type-calls.ts'
import { isExplained } from '../../../functions/domain/deploy/tools/tool.ts'

const reasons = (...texts: string[]) =>
  texts.map(text => ({ text, resource: 'R', resourceType: 'AWS::S3::Bucket', atMs: 0 }))

const DENIED =
  'User: arn:aws:iam::111122223333:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/y'

describe('words that say why', () => {
  it.each([
    [['orders-assets already exists (Service: S3, Status Code: 409)'], true],
    [['Resource creation cancelled'], true],
    [['Resource update cancelled', 'Properties validation failed: #: required key [Role] not found'], true],
    [['User: arn:aws:iam::111122223333:user/x is not authorized to perform: s3:CreateBucket'], true],
    [['Resource handler returned message: "null" (HandlerErrorCode: InternalFailure)'], false],
    [['The role defined for the function cannot be assumed by Lambda.'], false],
    [['Access Denied'], false],
    [['ECS Deployment Circuit Breaker was triggered'], false],
    [['orders-assets already exists', 'Resource did not stabilize'], false],
    [[''], false],
    [[DENIED, 'Resource creation cancelled'], true],
    [[DENIED, 'orders-assets already exists'], true],
    [[DENIED, 'Resource did not stabilize'], false],
    [[DENIED.slice(0, DENIED.indexOf(' on resource'))], false],
  ])('%j: %s', (texts, otherwise) => {
    expect(isExplained(reasons(...texts))).toBe(otherwise)
  })
})

describe('the calls that create resources', () => {
  it('are all known to take a role', () => {
    const unknown = Object.values(CREATING_CALLS).filter(
      ([source, eventName]) => !passesRole({ eventSource: `${source}.amazonaws.com`, eventName }),
    )
    expect(unknown).toEqual([])
  })
})
