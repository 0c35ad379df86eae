import { describe, expect, it } from 'vitest'
import { principalNamed } from '../../../core/denial/index.ts'
import { streamedReader } from '../../../functions/adapters/files/index.ts'
import { botConfigSchema } from '../../../functions/domain/config/index.ts'
import { needsAsked } from '../../../functions/domain/deploy/open-needs.ts'
import { analyzeBundle } from '../../../functions/workflows/deploy/analyze-bundle.ts'
import { denialOfNeed } from '../../../iac/needs/index.ts'
import { stackNeeds } from '../../../iac/needs/stack-needs.ts'

const NOW_MS = Date.parse('2026-11-29T09:00:00Z')
const IAM = 'arn:aws:iam::111122223333'
const EXEC = `${IAM}:role/stack-exec`
const MOVER = `${IAM}:role/mover`

const trust = (Principal: object) => ({ Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] })
const detail = (name: string, principal: object) => ({
  ...{
    Path: '/',
    RoleName: name,
    RoleId: `AROA${name.toUpperCase().replace('-', '')}XXXX`,
    Arn: `${IAM}:role/${name}`,
  },
  ...{ CreateDate: '2026-01-01T00:00:00Z', AssumeRolePolicyDocument: trust(principal), InstanceProfileList: [] },
  ...{ RolePolicyList: [], AttachedManagedPolicies: [], Tags: [], RoleLastUsed: {} },
})
const ACCOUNT = JSON.stringify({
  ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
  RoleDetailList: [
    detail('stack-exec', { Service: 'cloudformation.amazonaws.com' }),
    detail('mover', { Service: 'events.amazonaws.com' }),
  ],
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

describe('a failed deploy whose role lacks the pass and the trust', () => {
  it('gets one change that lifts both, each on its own policy', async () => {
    const stackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
    const body = JSON.stringify({ Resources: { Pipe: { Type: 'AWS::Pipes::Pipe', Properties: { RoleArn: MOVER } } } })
    const read = stackNeeds(stackId, { body, parameters: {}, roleArn: EXEC })
    if (!read.ok) throw new Error(read.error)
    const call = { action: 'iam:PassRole', operation: 'pipes:CreatePipe', service: null, via: null } as const
    const place = { region: 'eu-west-1', nowMs: NOW_MS }
    const denial = { ...denialOfNeed(call, MOVER, principalNamed(EXEC), place), source: 'cloudtrail' as const }
    const asked = needsAsked({ kind: 'read', ...read.value, reported: [] }, denial, NOW_MS)
    expect(asked.map(({ question }) => [question.denial.action, question.denial.principal.name])).toEqual([
      ['iam:PassRole', 'stack-exec'],
      ['sts:AssumeRole', 'pipes.amazonaws.com'],
    ])
    const config = botConfigSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1'] } })
    const reader = await streamedReader({ files: [{ name: 'account.json', chunks: bytesOf(ACCOUNT) }] })
    const needs = asked.map(({ question }) => question)
    const { bundle, verification, patch } = await analyzeBundle(denial, { needs }, { reader, config, nowMs: NOW_MS })
    expect(bundle?.lifted).toEqual([needs[1]?.denial.id])
    expect(patch?.changes.map(({ target }) => [target.kind, target.name])).toEqual([
      ['role-inline-policy', 'stack-exec'],
      ['role-trust-policy', 'mover'],
    ])
    expect(patch?.changes[1]?.after.Statement[1]).toMatchObject({
      Principal: { Service: 'pipes.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    })
    expect(verification).toMatchObject({ before: 'denied', after: 'allowed' })
  })
})
