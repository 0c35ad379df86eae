/** Nothing of another action than ours reaches propose, verify or write, whatever the texts, events and records of failed deploys. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { denialsInText } from '../../core/denial/index.ts'
import type { FailureReason } from '../../functions/domain/deploy/deploy.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { alertBench, event, type Json, NOW, UNREADABLE } from '../alert/alert-fixture.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-stack-exec'
const BUILD = '5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'

const action = fc.constantFrom(
  ...['s3:CreateBucket', 'iam:CreateRole', 'iam:PassRolePolicy', 'sts:GetCallerIdentity'],
  ...['lambda:CreateFunction', 'kms:Decrypt', 'iam:AttachRolePolicy', 'IAM:passrolepolicy', 'ec2:RunInstances'],
)
const principal = fc.constantFrom(
  'arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation',
  `arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCodeBuild-${BUILD}`,
  'arn:aws:iam::999988887777:user/eve',
  'AdminRole',
)
const junk = fc.string({ maxLength: 40, unit: 'grapheme' })
const resource = fc.oneof(
  junk.map(text => text.replaceAll('"', '')),
  fc.constantFrom('arn:aws:iam::111122223333:role/app/orders-worker', 'arn:aws:s3:::orders-files', '*', 'role admin'),
)
const why = fc.constantFrom(
  '',
  ' because no identity-based policy allows it',
  ' because no session policy allows it',
  ' with an explicit deny in a service control policy: arn:aws:organizations::444455556666:policy/o-1/service_control_policy/p-2',
)
const sentence = fc.tuple(principal, action, resource, why)
const text = fc.oneof(
  fc
    .tuple(junk, sentence, junk)
    .map(
      ([before, [who, denied, on, reason], after]) =>
        `${before}\nUser: ${who} is not authorized to perform: ${denied} on resource: "${on}"${reason}. ${after}`,
    ),
  fc
    .tuple(junk, action)
    .map(
      ([before, denied]) =>
        `${before}\nAn error occurred (AccessDenied) when calling the ${denied.split(':')[1] ?? ''} operation: Access Denied`,
    ),
  action.map(denied => `You do not have permission to perform: ${denied}`),
)

/** CloudTrail's record of a refused call. */
const record = sentence.map(([who, denied, on, reason]) => ({
  ...{ eventVersion: '1.11', eventID: `${denied} ${on}`, eventTime: '2026-11-24T02:47:00Z', awsRegion: 'eu-west-1' },
  ...{ eventSource: `${denied.split(':')[0]}.amazonaws.com`, eventName: denied.split(':')[1] ?? '' },
  ...{ errorCode: 'AccessDenied', recipientAccountId: '111122223333', requestParameters: {} },
  errorMessage: `User: ${who} is not authorized to perform: ${denied} on resource: ${on}${reason}`,
  userIdentity: { type: 'AssumedRole', arn: who, accountId: '111122223333' },
}))

/** Every kind of event of a failed deploy, and where its text is. */
const KINDS = [
  ...['deploys/resource-other-action', 'deploys/stack-rollback', 'deploys/build-failed', 'deploys/pipeline-failed'],
  ...['deploys/deployment-failed', 'deploys/service-deployment-failed', 'deploys/amplify-deployment-failed'],
  ...['deploys/stack-set-operation-failed', 'deploys/job-failed'],
] as const

/** Events that hold the text themselves. */
function holding(name: string, words: string): Json {
  const detail = event(name)['detail'] as Json
  const details = detail['status-details'] as Json | undefined
  return {
    detail: {
      ...detail,
      ...(details === undefined ? {} : { 'status-details': { ...details, 'status-reason': words } }),
      ...(name === 'deploys/job-failed' ? { log: words } : {}),
      ...(name === 'deploys/service-deployment-failed' ? { reason: words } : {}),
    },
  }
}

/** Tools that answer with the text. */
function answering(words: string, resourceType: string): DeployReader {
  const reason: FailureReason = { text: words, resource: 'Worker', resourceType, atMs: NOW - 60_000 }
  return {
    ...UNREADABLE,
    stack: async (_, rootId) =>
      known({ rootId, roleArn: ROLE, startedAtMs: NOW - 600_000, reasons: [reason], roles: [] }),
    failedActions: async () =>
      known([
        {
          ...{ stage: 'Deploy', action: 'Worker', provider: 'CodeBuild', roleArn: ROLE, stackRoleArn: ROLE },
          ...{ externalId: `orders-deploy:${BUILD}`, startedAtMs: null, reasons: [reason] },
        },
      ]),
    buildRoles: async () => known([{ id: `orders-deploy:${BUILD}`, roleArn: ROLE }]),
    failedParts: async () => known([reason]),
    logTail: async () => known(words),
  }
}

const given = fc.record({
  name: fc.constantFrom(...KINDS),
  texts: fc.array(text, { minLength: 1, maxLength: 3 }),
  isRead: fc.boolean(),
  type: fc.constantFrom('AWS::IAM::Policy', 'AWS::Lambda::Function', 'Custom::Thing'),
  recorded: fc.array(record, { maxLength: 3 }),
})

describe('the law of other actions', () => {
  it('lets nothing of another action become an occurrence, a proposal or work for an analysis', async () => {
    let named = 0
    await fc.assert(
      fc.asyncProperty(given, async ({ name, texts, isRead, type, recorded }) => {
        const words = texts.join('\n')
        const bot = alertBench(isRead ? answering(words, type) : UNREADABLE)
        bot.recorded.push(...recorded)
        const time = new Date(NOW - 30_000).toISOString()
        await bot.alert(name, { ...holding(name, words), time })
        for (const one of recorded) await bot.record('cloudformation-create-function', { detail: one, ...one })
        expect(bot.works.filter(({ kind }) => kind !== 'announce')).toEqual([])
        await bot.settle()
        expect(bot.works).toEqual([])
        expect(await bot.proposals()).toEqual([])
        expect(bot.cards()).toEqual([])
        expect(bot.alerts().length).toBeLessThanOrEqual(1)
        named += bot.alerts().filter(alert => alert?.includes('was denied')).length
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 60) },
    )
    expect(named).toBeGreaterThan(0)
  })

  it('reads none in a pasted text or record', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.array(record, { maxLength: 3 }),
        (texts, records) => {
          for (const pasted of [
            texts.join('\n'),
            JSON.stringify({ Records: records }),
            ...records.map(one => JSON.stringify(one)),
          ])
            expect(denialsInText(pasted).found.filter(({ kind }) => kind === 'denial')).toEqual([])
        },
      ),
      { numRuns: Number(process.env['FC_RUNS'] ?? 60) },
    )
  })
})
