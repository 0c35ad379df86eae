import { describe, expect, it } from 'vitest'
import { readPlan } from '../../cli/use-cases/preflight/plan-stream.ts'
import { streamedReader } from '../../functions/adapters/files/index.ts'
import { botConfigSchema } from '../../functions/domain/config/index.ts'
import { serviceReports } from '../../functions/domain/deploy/index.ts'
import { type JudgedFaults, judgeTrustFaults } from '../../functions/workflows/deploy/judge-trust-faults.ts'
import { type DeployNeeds, planReader, stackDeploy } from '../../iac/needs/index.ts'
import { ACCOUNT_ID, FAILED_AT, FAULT_CASES, type FaultCase, REGION, SENTENCES } from './fault-cases.ts'

const NOW_MS = Date.parse(FAILED_AT) + 60_000
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/orders/1`
const config = botConfigSchema.parse({ channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1'] } })

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function sourceOf({ deploy }: FaultCase): Promise<DeployNeeds> {
  if (deploy.kind === 'template') {
    const read = stackDeploy(STACK_ID, { body: deploy.text, parameters: {}, roleArn: null })
    if (!read.ok) throw new Error(read.error)
    return read.value
  }
  const environment = { partition: 'aws', accountId: ACCOUNT_ID, region: REGION, stackName: null }
  const reader = planReader('plan.json', environment)
  await readPlan('plan.json', reader, () => {}, [Buffer.from(deploy.text)])
  return reader.finish()
}

async function judged(one: FaultCase, source: DeployNeeds | null): Promise<JudgedFaults> {
  const files = [{ name: 'account.json', chunks: bytesOf(one.account) }]
  const reader = await streamedReader(one.org === null ? { files } : { files, org: one.org, orgName: 'org.json' })
  const reports = serviceReports([{ ...one.reason, atMs: Date.parse(FAILED_AT) }])
  const stack = one.deploy.kind === 'template' ? 'orders' : null
  const place = { stack, accountId: ACCOUNT_ID, region: REGION, partition: 'aws', principal: null }
  return judgeTrustFaults({ reports, source, ...place }, { reader, config, nowMs: NOW_MS })
}

describe('a failed deploy whose service cannot use its role', () => {
  it('has at least sixty cases of five kinds, and an address for each sentence', () => {
    expect(FAULT_CASES.length).toBeGreaterThanOrEqual(60)
    const kinds = new Set(FAULT_CASES.map(({ expected }) => expected))
    expect([...kinds].toSorted()).toEqual(['code', 'missing', 'owner', 'patch', 'retry', 'silent'])
    expect(SENTENCES.every(({ source }) => /^https:\/\/[^ ]+$/.test(source))).toBe(true)
    expect(new Set(FAULT_CASES.map(({ name }) => name)).size).toBe(FAULT_CASES.length)
  })

  it.each(FAULT_CASES)('is distinguished: $name', async one => {
    const { faults, change } = await judged(one, await sourceOf(one))
    const answers = [...new Set(faults.map(({ fault }) => fault.answer))]
    expect(answers).toEqual(one.expected === 'silent' ? [] : [one.expected])
    for (const { fault, denial } of faults) {
      expect(fault.service).toBe(one.service)
      expect(denial === null).toBe(one.expected !== 'patch')
    }
    const changed = (change.verified?.patch.changes ?? []).map(({ target }) => [target.kind, target.name])
    expect(changed).toEqual(one.expected === 'patch' ? [['role-trust-policy', 'orders-run']] : [])
  })

  it.each(FAULT_CASES)('is never patched by its text alone: $name', async one => {
    const { faults, change } = await judged(one, null)
    expect(faults.map(({ fault }) => fault.answer)).not.toContain('patch')
    expect(faults.every(({ denial }) => denial === null)).toBe(true)
    expect(change.verified).toBe(null)
  })
})
