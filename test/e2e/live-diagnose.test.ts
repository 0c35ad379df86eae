import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IAMClient } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { fillAccount } from './live-account.ts'
import { type Moto, startMoto } from './moto.ts'

const ACCOUNT = '111122223333'
let moto: Moto
let folder: string

beforeAll(async () => {
  moto = await startMoto({ accountId: ACCOUNT })
  for (const [name, value] of Object.entries(moto.env)) process.env[name] = value
  await fillAccount(new IAMClient(moto.client))
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-live-'))
})
afterAll(async () => {
  await moto?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const deployer = {
  type: 'AssumedRole',
  principalId: 'AROADEPLOYER:pipeline',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/pipeline`,
  accountId: ACCOUNT,
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      arn: `arn:aws:iam::${ACCOUNT}:role/ci/deployer`,
      accountId: ACCOUNT,
      userName: 'deployer',
    },
  },
}

/** A denied RegisterTaskDefinition that passes one role, by the role `deployer`. */
function event(roleArn: string): string {
  const path = join(folder, 'event.json')
  const record = {
    eventID: '11111111-2222-4333-8444-555555555555',
    eventTime: '2026-11-24T22:00:00Z',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    awsRegion: 'eu-west-1',
    recipientAccountId: ACCOUNT,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${deployer.arn} is not authorized to perform: iam:PassRole on resource: ${roleArn} because no identity-based policy allows the iam:PassRole action`,
    userIdentity: deployer,
    requestParameters: { taskRoleArn: roleArn },
  }
  writeFileSync(path, JSON.stringify(record))
  return path
}

async function live(roleArn: string) {
  const io = memoryIo()
  const code = await dispatch(['diagnose', event(roleArn), '--live', '--json'], io)
  return { code, output: io.captured.out === '' ? null : JSON.parse(io.captured.out), ...io.captured }
}

describe('rolemedic diagnose --live', () => {
  it('diagnoses with ordinary credentials, drafts the patch and counts its requests', async () => {
    const { code, output, err } = await live(`arn:aws:iam::${ACCOUNT}:role/orders-task`)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(output.diagnosis).toMatchObject({ verdict: 'proved', cause: 'identity-gap' })
    expect(output.patches[0].target).toMatchObject({ kind: 'role-inline-policy', name: 'deployer' })
    expect(output.verification).toMatchObject({ before: 'denied', after: 'allowed' })
    // 11 of IAM and 2 of Organizations to find the cause, three deep; then 4 for what the passed role itself may do,
    // 11 of IAM and 2 of Organizations to find the cause, three deep; then 4 for what the passed role itself may do, and one
    // list of the account's roles for those that trust it. One more asks the event history, which moto refuses: no version of
    // a managed policy is read for it.
    expect(output.stats).toEqual({ calls: 19, depth: 7, ms: expect.any(Number) })
  })

  it('knows that an account without an organization has no SCPs', async () => {
    const { output } = await live(`arn:aws:iam::${ACCOUNT}:role/orders-task`)
    const unknowns = output.diagnosis.unknowns.map(({ fact }: { fact: string }) => fact)
    expect(unknowns).not.toContain('service control policies')
  })

  it('says on a terminal what it is doing, and takes the line away', async () => {
    const { progress } = await live(`arn:aws:iam::${ACCOUNT}:role/orders-task`)
    expect(progress[0]).toBe('reading AWS: request 1, round trip 1')
    expect(progress.at(-1)).toBeNull()
  })

  it('does not take a role of its own account for one of another account', async () => {
    const { output } = await live('arn:aws:iam::444455556666:role/orders-task')
    expect(output.diagnosis.cause).toBe('cross-account-pass-role')
    const message = `User: ${deployer.arn} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/orders-task`
    const io = memoryIo()
    await dispatch(['diagnose', '--message', message, '--live', '--json'], io)
    const { diagnosis } = JSON.parse(io.captured.out)
    expect(JSON.stringify(diagnosis.unknowns)).toContain(`these credentials read account ${ACCOUNT}, not 444455556666`)
    expect(diagnosis.verdict).not.toBe('proved')
  })

  it('ends in one line when there are no credentials that work', async () => {
    const endpoint = process.env['AWS_ENDPOINT_URL']
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9'
    try {
      const { code, err, out } = await live(`arn:aws:iam::${ACCOUNT}:role/orders-task`)
      expect({ code, out, lines: err.length }).toEqual({ code: 2, out: '', lines: 1 })
      expect(err[0]).toMatch(/^rolemedic: (iam|organizations):\w+ failed/)
    } finally {
      process.env['AWS_ENDPOINT_URL'] = endpoint
    }
  })
})
