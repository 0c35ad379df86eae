/** Who lacked a permission and which policy decided, in words of AWS that are not about the caller's own policies. */
import { describe, expect, it } from 'vitest'
import { otherDenialsIn } from '../../../core/denial/index.ts'
import {
  missingPermissions,
  permissionSteps,
  permissionTitle,
} from '../../../functions/domain/deploy/missing-permission.ts'

const USER = 'arn:aws:iam::111122223333:user/deploy'
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1a2b'

function read(text: string) {
  const [one, ...others] = missingPermissions([{ text, resource: null, atMs: 1 }])
  if (one === undefined || others.length > 0)
    throw new Error(`${others.length + (one === undefined ? 0 : 1)} are named`)
  return { title: permissionTitle(one), steps: permissionSteps(one).map(step => step.do), certainty: one.certainty }
}

describe('who was denied', () => {
  it.each([
    'The provided execution role does not have permissions to call CreateNetworkInterface on EC2 (Service: Lambda, Status Code: 400, Request ID: 1)',
    'Your access has been denied by EC2, please make sure your function execution role have permission to CreateNetworkInterface. EC2 Error Code: UnauthorizedOperation.',
  ])('is the execution role, which does not deploy: %s', text => {
    expect(read(text).title).toBe('the execution role was denied ec2:CreateNetworkInterface')
  })

  it('is who pulls an image of ECR, and nobody of another registry', () => {
    const refused = (registry: string) =>
      `CannotPullContainerError: failed to resolve ref ${registry}/app:1: unexpected status from HEAD request to https://${registry}/v2/app/manifests/1: 403 Forbidden`
    expect(read(refused('111122223333.dkr.ecr.eu-west-1.amazonaws.com'))).toMatchObject({
      ...{ title: 'who pulls the image was denied a call of ecr', certainty: 'probable' },
    })
    expect(otherDenialsIn(refused('registry-1.docker.io'))).toEqual([])
  })

  it.each(['bucket', 'LogDestination'])('is the service that writes logs, by the policy of its %s', name => {
    const text = `Access Denied for ${name}: logs. Please check ${name === 'bucket' ? 'S3bucket' : name} permission (Service: Ec2, Status Code: 400, Request ID: 1)`
    expect(read(text)).toMatchObject({
      title: expect.stringMatching(
        /^the service that writes the logs was denied a call of \w+ on logs \(no policy of the resource allows it\)$/,
      ),
      steps: ['Ask the owner of the resource: the policy of the resource does not allow it.'],
    })
  })
})

describe('which policy decided', () => {
  it.each([
    'public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access',
    'public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access',
  ])('is none where %s: no statement helps', why => {
    const text = `api error AccessDenied: User: ${USER} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::files" because ${why}.`
    const { title, steps } = read(text)
    expect(title).toBe(
      'deploy was denied s3:PutBucketPolicy on arn:aws:s3:::files (a setting of S3 Block Public Access prevents it)',
    )
    expect(steps).toEqual([expect.stringMatching(/^Ask the owner of the S3 Block Public Access settings /)])
  })

  it('is the key policy of a key', () => {
    const text = `User: ${USER} is not authorized to perform: kms:Decrypt on resource: ${KEY} because no resource-based policy allows the kms:Decrypt action`
    expect(read(text)).toMatchObject({
      title: `deploy was denied kms:Decrypt on ${KEY} (no key policy allows it)`,
      steps: ['Ask the owner of the key: the key policy does not allow it.'],
    })
  })
})

it('a refusal that names its call is another one than the sentence in the line before', () => {
  const sentence = `API: iam:PutRolePolicy User: ${USER} is not authorized to perform: iam:PutRolePolicy on resource: role task because no identity-based policy allows the iam:PutRolePolicy action`
  const text = `${sentence}\nAPI: ec2:authorizeSecurityGroupIngress You are not authorized to perform this operation.\nAPI: s3:CreateBucket Access Denied`
  expect(otherDenialsIn(text).map(({ action, line }) => [action, line])).toEqual([
    ['iam:PutRolePolicy', 1],
    ['ec2:AuthorizeSecurityGroupIngress', 2],
    ['s3:CreateBucket', 3],
  ])
})
