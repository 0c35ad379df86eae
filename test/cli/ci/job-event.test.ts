/** What a job sends is read by the bot as the job's own log reads. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jobEventOf } from '../../../cli/ci/job-event.ts'
import { type OtherDenial, otherDenialsIn } from '../../../core/denial/index.ts'

type Text = { readonly text: string; readonly ours?: boolean; readonly missed?: string }
const { texts } = JSON.parse(
  readFileSync(new URL('../../cases/deploy-texts/permissions.json', import.meta.url), 'utf8'),
) as { readonly texts: readonly Text[] }
const JOB = { tool: 'terraform', name: 'acme/orders', run: '1' }
const named = (log: string) =>
  otherDenialsIn(log)
    .map(({ line: _, text: __, ...denial }: Omit<OtherDenial, 'x'>) => JSON.stringify(denial))
    .toSorted()

describe('the event of a failed job', () => {
  it('names everything that its log names, of every public text of a failed deploy', () => {
    const others = texts.filter(({ ours, missed }) => ours !== true && missed === undefined)
    expect(others.length).toBeGreaterThan(100)
    const less = others.filter(({ text }) => {
      const event = jobEventOf(text, JOB, null)
      return event === null || !named(text).every(one => named(event.log).includes(one))
    })
    expect(less.map(({ text }) => text.slice(0, 200))).toEqual([])
  })

  it('names the call whose error names no action', () => {
    const error =
      'Error: putting S3 Bucket (orders-files) Policy: operation error S3: PutBucketPolicy, https response error StatusCode: 403, RequestID: 2, HostID: 3, api error AccessDenied: Access Denied'
    const log = [
      'Plan: 1 to add',
      'password = hunter2',
      '',
      `│ ${error}`,
      '│',
      '│   with aws_s3_bucket_policy.files,',
      '',
    ].join('\n')
    const event = jobEventOf(log, JOB, null)
    expect(otherDenialsIn(event?.log ?? '').map(({ call }) => call)).toEqual([
      { service: 's3', operation: 'PutBucketPolicy' },
    ])
    expect(event?.log).not.toContain('hunter2')
  })

  it('is none where the log names no refusal', () => {
    expect(jobEventOf('Error: orders-files already exists', JOB, null)).toBe(null)
  })

  it('is cut between two refusals, never in one', () => {
    const many = Array.from(
      { length: 400 },
      (_, n) =>
        `User: arn:aws:sts::111122223333:assumed-role/deploy/s is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files-${n}" because no identity-based policy allows the s3:CreateBucket action`,
    )
    const log = jobEventOf(many.join('\n'), JOB, null)?.log ?? ''
    expect(log.length).toBeLessThanOrEqual(60_000)
    expect(log.split('\n\n').every(words => words.endsWith('allows the s3:CreateBucket action'))).toBe(true)
  })
})
