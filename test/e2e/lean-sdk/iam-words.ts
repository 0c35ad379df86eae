import { IAMClient } from '@aws-sdk/client-iam'
import { queryAnswer, type Sample, type Wire } from './sample.ts'

export const IAM_WIRE: Wire = { kind: 'query', xmlns: 'https://iam.amazonaws.com/doc/2010-05-08/' }

/** IAM sends documents encoded as in a URL, and reads them as they are. */
export const POLICY =
  '{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}'
export const DOCUMENT = encodeURIComponent(POLICY)
export const CREATED = '2026-11-20T09:30:00Z'

export const member = (content: string): string => `<member>${content}</member>`
export const TAGS = `<Tags>${member('<Key>team</Key><Value>orders &amp; payments</Value>')}</Tags>`
export const boundary =
  '<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>' +
  '<PermissionsBoundaryArn>arn:aws:iam::111122223333:policy/edge</PermissionsBoundaryArn></PermissionsBoundary>'

export function toIam(
  operation: string,
  send: (iam: IAMClient) => Promise<object>,
  result: string,
  reads: readonly string[],
): Sample {
  return {
    call: `client-iam/${operation}`,
    send: settings => send(new IAMClient({ ...settings, retryMode: 'adaptive', maxAttempts: 6 })),
    answer: queryAnswer('https://iam.amazonaws.com/doc/2010-05-08/', operation, result),
    reads,
  }
}
