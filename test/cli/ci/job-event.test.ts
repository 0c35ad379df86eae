/** What a job sends is read by the bot as the job's own log reads. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobEventOf } from '../../../cli/ci/job-event.ts'
import { denialsIn, otherDenialsIn } from '../../../core/denial/index.ts'

type Text = { readonly text: string; readonly ours?: boolean; readonly missed?: string }
const { texts } = JSON.parse(
  readFileSync(new URL('../../cases/deploy-texts/permissions.json', import.meta.url), 'utf8'),
) as { readonly texts: readonly Text[] }
const NAMES_LEFT_OUT = 24
const JOB = { tool: 'terraform', name: 'acme/orders', run: '1' }
const SECRET = 'ghp_0123456789'
/** Without the lines and words of the refusals. `isBare`: without the names in them, so that two of one action may be one. */
function named(log: string, isBare = false): readonly string[] {
  const all = otherDenialsIn(log)
  const withLayer = all.flatMap(({ action, layer }) => (layer === 'unknown' ? [] : [action]))
  return all
    .filter(({ action, layer }) => !isBare || layer !== 'unknown' || action === null || !withLayer.includes(action))
    .map(({ line: _, text: __, principal, resource, policyArn, call: found, ...denial }) => {
      // A service alone says less than the action.
      const call = denial.action !== null && found?.operation == null ? null : found
      return JSON.stringify(isBare ? { ...denial, call } : { ...denial, call, principal, resource, policyArn })
    })
}
const others = texts.filter(({ ours, missed }) => ours !== true && missed === undefined)

function withSecret(line: string, [place, secret]: readonly [string, string]): string {
  switch (place) {
    case 'above':
      return `${secret}\n${line}`
    case 'below':
      return `${line}\n${secret}`
    case 'before':
      return `${secret} ${line}`
    case 'behind':
      // "on resource: role x" names x.
      return /resource:$/.test(line.trim()) && secret.startsWith('role ') ? line : `${line} ${secret}`
    default:
      return line
  }
}

describe('the event of a failed job', () => {
  it('names everything that its log names, of every public text of a failed deploy', () => {
    expect(others.length).toBeGreaterThan(100)
    const lessIn = (isBare: boolean) =>
      others.filter(({ text }) => {
        const sent = named(jobEventOf(text, JOB, null)?.log ?? '', isBare)
        return !named(text, isBare).every(one => sent.includes(one))
      })
    expect(lessIn(true)).toEqual([])
    // Their users or resources have names that are no ARNs, are masked, or go on in the next line.
    expect(lessIn(false).length).toBe(NAMES_LEFT_OUT)
  })

  it('has nothing of the lines between, before and behind the words of a refusal', () => {
    const secret = fc.constantFrom(
      ...[`export GH_TOKEN=${SECRET}`, SECRET, `-${SECRET}`, `/${SECRET}`, `"${SECRET}"`, `role ${SECRET}`],
      ...[`{"password": "${SECRET}"}`, `Authorization: Bearer ${SECRET}`],
    )
    const place = fc.constantFrom('above', 'below', 'before', 'behind', 'nowhere')
    const places = fc.infiniteStream(fc.tuple(place, secret))
    fc.assert(
      fc.property(fc.constantFrom(...others), places, fc.integer({ min: 40, max: 240 }), ({ text }, stream, width) => {
        const lines = text.split('\n').flatMap(line => line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''])
        const log = lines.map(line => withSecret(line, stream.next().value)).join('\n')
        const event = jobEventOf(log, JOB, null)
        expect(JSON.stringify(event)).not.toContain(SECRET)
        expect(named(event?.log ?? '', true)).toEqual(expect.arrayContaining([...named(log, true)]))
      }),
      { numRuns: 10 * Number(process.env['FC_RUNS']) },
    )
  })

  it.each(['Cross-account pass role is not allowed.', 'Roles may not be assumed by root accounts.'])(
    'names the rule of AWS behind "%s"',
    words => {
      const log = `An error occurred (AccessDenied) when calling the CreateFunction operation: ${words} ${SECRET}`
      const reasons = (text: string) => denialsIn(text).map(({ action, reason }) => [action, reason])
      expect(reasons(log)).toHaveLength(1)
      expect(reasons(jobEventOf(log, JOB, null)?.log ?? '')).toEqual(reasons(log))
    },
  )

  it.each([
    [
      'User: arn:aws:sts::111122223333:assumed-role/deploy/s is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders with an explicit deny in a service control policy: arn:aws:organizations::444455556666:policy/o-exampleorg/service_control_policy/p-12345678',
      'iam:PassRole arn:aws:sts::111122223333:assumed-role/deploy/s arn:aws:iam::111122223333:role/orders explicit-deny-scp arn:aws:organizations::444455556666:policy/o-exampleorg/service_control_policy/p-12345678',
    ],
    [
      'The role defined for the function cannot be assumed by Lambda.',
      'sts:AssumeRole lambda.amazonaws.com null none-given null',
    ],
  ])('names what is read of the denial of a role: %s', (words, read) => {
    const log = jobEventOf(`${SECRET}\n${words}\n${SECRET}`, JOB, null)?.log ?? ''
    const denials = denialsIn(log).map(({ action, principal, resource, reason, reasonPolicyArn }) =>
      [action, principal.arn ?? principal.name, resource, reason, reasonPolicyArn].map(String).join(' '),
    )
    expect(denials).toEqual([read])
    expect(log).not.toContain(SECRET)
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
