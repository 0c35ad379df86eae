/** Nothing of another action than ours reaches propose, verify or write, whatever the texts and events of failed deploys. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertBench, event, type Json, UNREADABLE } from '../alert/alert-fixture.ts'

const RESOURCE = 'deploys/resource-other-action'

const failing = (reason: string): Json => {
  const detail = event(RESOURCE)['detail'] as Json
  return { detail: { ...detail, 'status-details': { ...(detail['status-details'] as Json), 'status-reason': reason } } }
}

const action = fc.constantFrom(
  's3:CreateBucket',
  'iam:CreateRole',
  'iam:PassRolePolicy',
  'sts:GetCallerIdentity',
  'lambda:CreateFunction',
  'kms:Decrypt',
  'iam:AttachRolePolicy',
)
const junk = fc.string({ maxLength: 40, unit: 'grapheme' })
const text = fc
  .tuple(
    junk,
    action,
    junk,
    fc.constantFrom(
      '',
      ' because no identity-based policy allows it',
      ' with an explicit deny in a service control policy',
    ),
    junk,
  )
  .map(
    ([before, denied, resource, why, after]) =>
      `${before}\nUser: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: ${denied} on resource: "${resource.replaceAll('"', '')}"${why}. ${after}`,
  )

describe('the law of other actions', () => {
  it('lets nothing of another action become an occurrence, a proposal or work for an analysis', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 3 }), async texts => {
        const bot = alertBench(UNREADABLE)
        await bot.alert(RESOURCE, failing(texts.join('\n')))
        expect(bot.works.every(({ kind }) => kind === 'announce')).toBe(true)
        await bot.settle()
        expect(await bot.proposals()).toEqual([])
        expect(bot.alerts().length).toBeLessThanOrEqual(1)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 60) },
    )
  })
})
