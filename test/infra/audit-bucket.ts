/** What doctor says of the bucket that is deployed, and of one that lacks something. */
import { describe, expect, it } from 'vitest'
import { bucketCheck } from '../../cli/use-cases/doctor/audit-bucket.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

const HUB = ORGANIZATION.hubAccountId
const BY = { partition: 'aws', hubAccountId: HUB, rolePath: '/' }
const state = inAccount(deploy({ organization: ORGANIZATION }).templates['rolemedic-state'], HUB)
type Statement = { readonly Sid: string; readonly Condition?: object }
const deployed = JSON.parse(
  JSON.stringify(state.all('AWS::S3::BucketPolicy')[0]?.['PolicyDocument']).replaceAll(
    /<AuditBucket\w+\.Arn>/g,
    'arn:aws:s3:::audit',
  ),
) as { readonly Statement: readonly Statement[] }
const check = (statements: readonly object[], lifecycleRules = 0) =>
  bucketCheck(
    { name: 'audit', policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }), lifecycleRules },
    BY,
  )
const without = (sid: string) => deployed.Statement.filter(({ Sid }) => Sid !== sid)

describe('doctor, of the audit bucket', () => {
  it('finds nothing wrong with the one that is deployed, and says who can still block a proposal', () => {
    expect(check(deployed.Statement)).toEqual({
      name: 'audit bucket',
      status: 'ok',
      detail:
        'audit: spent/, written/, ended/, outcomes/, rejected/, members/, enrolled/, revoked/ have one function each; who administers the hub can change that, and block a proposal',
    })
  })

  it.each([
    ['Spent', 'intake, propose, decide, verify, sweep, alert, publish, enroll, an administrator may put below spent/'],
    [
      'Rejected',
      'intake, propose, verify, write, sweep, alert, publish, enroll, an administrator may put below rejected/',
    ],
    [
      'Revoked',
      'intake, propose, decide, verify, write, sweep, alert, publish, an administrator may put below revoked/',
    ],
  ])('misses the statement %s', (sid, line) => {
    expect(check(without(sid))).toMatchObject({ status: 'failed', detail: expect.stringContaining(line) })
  })

  it('takes no deny of some for a deny of all, and sees that a function is kept out', () => {
    const narrowed = deployed.Statement.map(each =>
      each.Sid === 'Ended' ? { ...each, Principal: { AWS: `arn:aws:iam::${HUB}:root` } } : each,
    )
    expect(check(narrowed).detail).toContain('may put below ended/')
    const closed = deployed.Statement.map(({ Condition, ...each }) =>
      each.Sid === 'Outcomes' || Condition === undefined ? each : { ...each, Condition },
    )
    expect(check(closed).detail).toContain('write may not put below outcomes/')
  })

  it('refuses lifecycle rules, a bucket without a policy, and one that cannot be parsed', () => {
    expect(check(deployed.Statement, 2)).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('it has 2 lifecycle rules'),
    })
    expect(bucketCheck({ name: 'audit', policy: null, lifecycleRules: 0 }, BY).status).toBe('failed')
    expect(bucketCheck({ name: 'audit', policy: '{', lifecycleRules: 0 }, BY).detail).toContain('cannot be parsed')
  })
})
