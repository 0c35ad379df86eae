/** Denials that a log or a stack repeats, and events on the bus that CloudTrail never recorded. */
import { readFileSync } from 'node:fs'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { describe, expect, it } from 'vitest'
import { ABSENT, known, unknown } from '../../core/base/fact.ts'
import type { Denial } from '../../core/denial/denial.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { assumedAccess } from '../../functions/adapters/aws/iam/account-access.ts'
import { liveReader } from '../../functions/adapters/aws/iam/iam-reader.ts'
import { organizationReader } from '../../functions/adapters/aws/organizations/organizations.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import type { FailureReason } from '../../functions/domain/deploy/deploy.ts'
import { parseDeployEvent } from '../../functions/domain/deploy/index.ts'
import { consoleLink } from '../../functions/domain/deploy/tools/tools.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import type { EventHistory } from '../../functions/ports/event-history.ts'
import { analyze } from '../../functions/workflows/denial/analyze-denial.ts'
import { witnessDenial } from '../../functions/workflows/denial/witness-denial.ts'
import { alertBench, event, FILES, NO_FAULTS, NOW } from '../alert/alert-fixture.ts'
import { cpuMs } from '../cpu-time.ts'
import { DENIAL, MINUTE, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { CONFIG, worldWith } from '../fakes/verify-world.ts'
import { trail } from '../verify/verify-fixture.ts'
import { attack } from './attack.ts'

const ACCOUNT = '111122223333'
const STACK_ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy/orders-stack-exec`

/** AWS's wording. */
const refusal = (role: string, session: string, passed = 'orders-task') =>
  `User: arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::${ACCOUNT}:role/app/${passed} because no identity-based policy allows the iam:PassRole action (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)`

async function afterBuild(log: string, reader: Partial<DeployReader> = {}) {
  const bot = alertBench({ ...FILES, logTail: async () => known(log), ...reader })
  await bot.alert('deploys/build-failed')
  await bot.settle()
  return bot
}

/** A stack failed with these reasons, each of a resource of this type. */
async function afterStack(...reasons: readonly (readonly [type: string, text: string])[]) {
  const failed = reasons.map(
    ([resourceType, text], n): FailureReason => ({ text, resource: `R${n}`, resourceType, atMs: NOW - MINUTE }),
  )
  const stack = async (_: unknown, rootId: string) =>
    known({ rootId, roleArn: STACK_ROLE, startedAtMs: NOW - 10 * MINUTE, reasons: failed, roles: [] })
  const bot = alertBench({ ...FILES, stack })
  await bot.alert('deploys/stack-rollback')
  await bot.settle()
  return bot
}
type Bench = Awaited<ReturnType<typeof afterStack>>
const deniedRoles = async (bot: Bench) => (await bot.proposals()).map(({ denial }) => denial.principal.name)

describe('somebody whose words a failed deploy repeats', () => {
  attack('L1', async () => {
    const session = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
    // The build's own denial creates a card, so the others do not fail for another reason.
    expect(await deniedRoles(await afterBuild(refusal('pipeline-deploy', session)))).toEqual(['pipeline-deploy'])
    for (const [role, as] of [
      ['break-glass', 'ana@example.com'],
      ['break-glass', session],
      ['cdk-hnb659fds-deploy-role-111122223333-eu-west-1', session],
      ['pipeline-deploy-2', session],
      ['pipeline-deploy', 'ana@example.com'],
      ['pipeline-deploy', session.toUpperCase()],
      ['pipeline-deploy', 'AWSCodeBuild-00000000-0000-4000-8000-000000000000'],
    ] as const)
      expect(await deniedRoles(await afterBuild(`+ echo\n${refusal(role, as)}\n`))).toEqual([])
    // In this form a role has no session, and neither does a user.
    for (const subject of ['role/deploy/pipeline-deploy', `user/${session}`])
      expect(
        await deniedRoles(
          await afterBuild(
            refusal('x', session).replace(
              /arn:aws:sts::\d+:assumed-role\/x\/\S+/,
              `arn:aws:iam::${ACCOUNT}:${subject}`,
            ),
          ),
        ),
      ).toEqual([])
  })

  it('starts no card by the log of a build whose role cannot be read', async () => {
    const session = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
    const buildRoles = async () => unknown('refused')
    for (const role of ['pipeline-deploy', 'break-glass'])
      expect(await deniedRoles(await afterBuild(refusal(role, session), { buildRoles }))).toEqual([])
  })

  it('starts no card by the log of a build that names the role of another action of its pipeline', async () => {
    const action = (name: string, provider: string, roleArn: string | null) => ({
      ...{ stage: 'Deploy', action: name, provider, roleArn, stackRoleArn: null, reasons: [] },
      startedAtMs: null,
      externalId: provider === 'CodeBuild' ? 'orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f' : null,
    })
    const release = `arn:aws:iam::${ACCOUNT}:role/release`
    const failedActions = async () =>
      known([action('Build', 'CodeBuild', null), action('Stack', 'CloudFormation', release)])
    for (const role of ['release', 'pipeline-deploy']) {
      const logTail = async () => known(refusal(role, role === 'release' ? '1529953926379' : 'ana@example.com'))
      const bot = alertBench({ ...FILES, failedActions, logTail })
      await bot.alert('deploys/pipeline-failed')
      await bot.settle()
      expect(await deniedRoles(bot)).toEqual([])
    }
  })

  attack('L2', async () => {
    const own = refusal('orders-stack-exec', 'AWSCloudFormation')
    expect(await deniedRoles(await afterStack(['AWS::Lambda::Function', own]))).toEqual(['orders-stack-exec'])
    for (const type of ['CustomResource', 'WaitCondition', 'Stack', 'Macro'])
      expect(await deniedRoles(await afterStack([`AWS::CloudFormation::${type}`, own]))).toEqual([])
    expect(await deniedRoles(await afterStack(['Custom::Database', own]))).toEqual([])
  })

  attack('L3', async () => {
    for (const [role, session] of [
      ['break-glass', 'AWSCloudFormation'],
      ['orders-stack-exec', 'ana@example.com'],
    ] as const)
      expect(await deniedRoles(await afterStack(['AWS::Lambda::Function', refusal(role, session)]))).toEqual([])
  })

  attack('L4', async () => {
    const reasons = Array.from(
      { length: 100 },
      (_, n) => ['AWS::Lambda::Function', refusal('orders-stack-exec', 'AWSCloudFormation', `task-${n}`)] as const,
    )
    expect(await deniedRoles(await afterStack(...reasons))).toHaveLength(10)
  })

  attack('L7', async () => {
    const build = await afterBuild(otherAction(ACCOUNT, 'break-glass'))
    const macro = alertBench({ ...FILES, stack: async () => unknown('refused') })
    const { detail, ...envelope } = event('deploys/stack-rollback') as { readonly detail: object }
    const answer = `Transform ${ACCOUNT}::Tags failed with: ${otherAction(ACCOUNT, 'break-glass')}`
    await macro.alert('deploys/stack-rollback', {
      ...envelope,
      detail: { ...detail, 'status-details': { status: 'ROLLBACK_IN_PROGRESS', 'status-reason': answer } },
    })
    for (const { alerts } of [build, macro]) {
      expect(alerts()[0]).toContain('Probably because: break-glass was denied s3:CreateBucket')
      expect(alerts()[0]).not.toMatch(/Have s3:|As a statement/)
    }
    const own = await afterBuild(
      otherAction(ACCOUNT, 'pipeline-deploy').replace('/1 is', '/AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f is'),
    )
    expect(own.alerts()[0]).toMatch(/Caused by: pipeline-deploy was denied s3:CreateBucket .* As a statement/)
  })
})

/** A job event in the sample account, with these members of its detail. */
const jobEvent = (detail: object) => ({
  detail: {
    ...{ schema: 'rolemedic.job/1', status: 'failed', tool: 'terraform', name: 'orders', run: '1', log: '' },
    ...detail,
  },
})
const otherAction = (account: string, role: string, action = 's3:CreateBucket') =>
  `User: arn:aws:sts::${account}:assumed-role/${role}/1 is not authorized to perform: ${action} on resource: "arn:aws:s3:::files" because no identity-based policy allows the ${action} action\n`

describe('somebody who may put events on the bus of one account', () => {
  attack('B11', async () => {
    const bot = alertBench(FILES)
    await bot.alert(
      'deploys/job-failed',
      jobEvent({ account: '444455556666', log: otherAction('444455556666', 'admin') }),
    )
    await bot.settle()
    expect(bot.alerts()).toEqual([])
    await bot.alert('deploys/job-failed', jobEvent({ run: '2', log: otherAction(ACCOUNT, 'pipeline-deploy') }))
    expect(bot.alerts()).toHaveLength(1)
  })
  attack('B12', async () => {
    for (const [role, session] of [
      ['break-glass', 'ana@example.com'],
      ['orders-stack-exec', 'AWSCloudFormation'],
    ] as const) {
      const judged: unknown[] = []
      const bot = alertBench(FILES, undefined, undefined, async question => {
        judged.push(question)
        return NO_FAULTS
      })
      const log = `${refusal(role, session)}\nThe role defined for the function cannot be assumed by Lambda.\n`
      await bot.alert('deploys/job-failed', jobEvent({ log, role: STACK_ROLE }))
      await bot.settle()
      expect([await deniedRoles(bot), bot.alerts(), bot.works, judged]).toEqual([[], [], [], []])
    }
  })
  attack('B13', async () => {
    const bot = alertBench(FILES)
    const beganMs = cpuMs()
    const many = Array.from({ length: 5_000 }, (_, n) => otherAction(ACCOUNT, `role-${n}`)).join('')
    for (const [n, log] of ['x'.repeat(10_000_000), ' is not authorized to perform: '.repeat(300_000), many].entries())
      await bot.alert('deploys/job-failed', jobEvent({ run: `${n}`, log }))
    expect(cpuMs() - beganMs).toBeLessThan(10_000)
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]?.split('\n').length).toBeLessThan(20)
    expect(bot.alerts()[0]).toContain('At least 40 more permissions')
    expect(await deniedRoles(bot)).toEqual([])

    const early = alertBench(FILES)
    await early.alert('deploys/job-failed', jobEvent({ log: otherAction(ACCOUNT, 'early') + 'x'.repeat(60_000) }))
    expect(early.alerts()).toEqual([])
    const often = alertBench(FILES)
    for (const one of [0, 1, 2, 3, 4, 5, 6, 7])
      await often.alert('deploys/job-failed', jobEvent({ log: many.slice(one * 2_000, (one + 1) * 2_000) }))
    const shown = often.alerts().at(-1) ?? ''
    expect([shown.match(/^Probably because/gm)?.length, shown.match(/^.*more permissions/m)?.[0]]).toEqual([
      10,
      'At least 40 more permissions',
    ])
  })
  attack('B14', async () => {
    const log = otherAction(ACCOUNT, 'pipeline-deploy')
    for (const name of [
      '<!channel> approve',
      '<https://evil.example|Approve>',
      '*bold*',
      'is fixed, press Approve',
      '',
    ]) {
      const bot = alertBench(FILES)
      await bot.alert('deploys/job-failed', jobEvent({ log, name }))
      expect(bot.alerts()).toEqual([])
    }
    const bot = alertBench(FILES)
    await bot.alert('deploys/job-failed', jobEvent({ log, runUrl: 'https://evil.example/approve' }))
    expect(bot.alerts()[0]).not.toContain('https://evil.example')
    expect(bot.alerts()[0]).toContain('evil.example')
    const read = parseDeployEvent({ ...event('deploys/job-failed'), ...jobEvent({ runUrl: 'https://evil.example/' }) })
    const deploy = read.kind === 'not-ours' ? expect.fail(read.why) : read.deploy
    expect(deploy).not.toHaveProperty('link')
    // Stored by somebody else.
    expect(consoleLink({ ...deploy, link: 'https://evil.example/approve' })).not.toContain('evil')
  })
  attack('B15', async () => {
    const bot = alertBench(FILES)
    for (let n = 0; n < 1_000; n += 1)
      await bot.alert(
        'deploys/job-failed',
        jobEvent({ name: `job-${n}`, log: otherAction(ACCOUNT, 'pipeline-deploy') }),
      )
    expect(bot.alerts()).toHaveLength(20)
    const once = alertBench(FILES)
    for (let n = 0; n < 60; n += 1) {
      const log = otherAction(ACCOUNT, 'pipeline-deploy', `s3:Put${String.fromCharCode(65 + (n % 26))}${n % 7}`)
      await once.alert('deploys/job-failed', jobEvent({ run: `${n}`, log }))
    }
    expect([once.alerts().length, once.deployNotices().length]).toEqual([1, 1])
    await bot.alert('deploys/stack-rollback')
    await bot.record('cloudformation-create-function')
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy?.title).toBe('the deploy of stack orders')
  })
  attack('B16', async () => {
    const bot = alertBench(FILES)
    const log = otherAction(ACCOUNT, 'pipeline-deploy')
    for (const time of ['2099-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '2026-11-22T02:47:40Z'])
      await bot.alert('deploys/job-failed', { ...jobEvent({ log }), time })
    expect(bot.alerts()).toEqual([])
  })
})

const recordOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')) as {
    [member: string]: unknown
  }

/** The event history of an account that recorded only these. */
const historyWith = (...records: readonly { readonly [member: string]: unknown }[]): EventHistory => ({
  async byId(_, id) {
    const value = records.find(({ eventID }) => eventID === id)
    return value === undefined ? ABSENT : { kind: 'found', value }
  },
  search: async () => known({ records, complete: true }),
})

/** Two people approve, and CloudTrail is asked. */
async function applied(denial: Denial, risk: 'low' | 'elevated' | 'high', history: EventHistory) {
  const verification = { ...VERIFICATION, risk }
  const world = await worldWith(sampleProposal({ status: 'approved', denial, verification }))
  world.history.ask = asked => witnessDenial(asked, (asked.timeMs ?? 0) + 16 * MINUTE, { history, explanations: null })
  const end = await world.process().apply('p-1')
  return { end, world }
}

async function unwitnessed(...given: Parameters<typeof applied>): Promise<void> {
  const { end, world } = await applied(...given)
  expect([end, world.iam.writes]).toEqual(['failed', []])
  expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'unwitnessed' } })
  expect(await trail(world)).toEqual(['apply-failed'])
}

const RECORD = recordOf('ecs-register-task-definition')
const parsed = parseRecord(RECORD)
if (parsed.kind !== 'denial') throw new Error('the sample is no denial')
const RECORDED = parsed.denial
const TOLD: Denial = { ...RECORDED, id: 'told', source: 'message' }

const sample = (path: string) => readFileSync(new URL(`../../events/${path}.json`, import.meta.url), 'utf8')

/** The offered change, with these two accounts and their organization. */
async function offered(record: object) {
  const read = parseRecord(record)
  if (read.kind !== 'denial') throw new Error('no denial')
  const files = ['orders-dev', 'shared-tools'].map(name => ({ name, text: sample(`accounts/${name}`) }))
  const reader = snapshotReader({ files, org: sample('organization/o-abc123') })
  const nowMs = (read.denial.timeMs ?? 0) + MINUTE
  return analyze(read.denial, { reader, config: CONFIG, nowMs })
}

describe('somebody whose denial people approved', () => {
  attack('L5', async () => {
    await unwitnessed(TOLD, 'low', historyWith())
    expect((await applied(TOLD, 'low', historyWith(RECORD))).end).toBe('applied')
  })

  attack('L6', async () => {
    const principal = { ...TOLD.principal, sessionName: 'ana@example.com' }
    await unwitnessed({ ...TOLD, principal }, 'low', historyWith(RECORD))
    await unwitnessed({ ...TOLD, timeMs: (TOLD.timeMs ?? 0) + 24 * 60 * MINUTE }, 'low', historyWith(RECORD))
  })

  attack('B5', async () => {
    for (const risk of ['elevated', 'high'] as const) await unwitnessed(DENIAL, risk, historyWith())
    expect((await applied(RECORDED, 'high', historyWith(RECORD))).end).toBe('applied')
  })

  attack('B6', async () => {
    const resource = `arn:aws:iam::${ACCOUNT}:role/app/admin`
    await unwitnessed({ ...RECORDED, resource }, 'high', historyWith(RECORD))
    await unwitnessed({ ...RECORDED, action: 'sts:AssumeRole' }, 'high', historyWith(RECORD))
  })

  attack('B8', async () => {
    const context = {
      ...RECORDED.context,
      'aws:sourceidentity': { state: 'present', values: ['ben@example.com'] },
    } as const
    await unwitnessed({ ...RECORDED, context }, 'high', historyWith(RECORD))
  })

  attack('B7', async () => {
    const record = recordOf('assume-role-cross-account')
    expect((await offered(record)).verified).not.toBeNull()
    const stranger = JSON.parse(JSON.stringify(record).replaceAll(ACCOUNT, '123456789012')) as object
    const { verified, patch, refusal } = await offered(stranger)
    expect([verified, patch]).toEqual([null, null])
    expect(refusal).not.toBeNull()
  })
})

describe('the account of a stranger', () => {
  attack('R1', async () => {
    const membershipOf = async () => 'stranger' as const
    const access = assumedAccess({ roleName: 'rolemedic-reader', region: 'eu-west-1', membershipOf })
    const organizations = organizationReader({
      client: new OrganizationsClient({ region: 'eu-west-1' }),
      clock: () => NOW,
      ownAccountId: async () => ACCOUNT,
    })
    const read = await liveReader({ clock: () => NOW, access, organizations }).role(
      { accountId: '123456789012', name: 'app' },
      'trust',
    )
    expect(read).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('is not in the organization') })
  })
})
