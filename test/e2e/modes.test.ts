/** The bundles over moto, with member stacks deployed from their template once, in each mode. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayOf, NOTHING_OBSERVED } from '../../functions/domain/card/observed-day.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { observedDay } from '../../functions/domain/stored/markers.ts'
import type { FunctionName } from '../../infra/functions.ts'
import { buttonsOf } from '../../simulator/slack-requests.ts'
import { deploy } from '../infra/deployment.ts'
import { bundledFile } from './bundled.ts'
import { type CloudBot, cloudBot, configFiles } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { type Lambda, startLambda } from './lambda.ts'
import { type Moto, startMoto } from './moto.ts'

const OTHER = '444455556666'
const NAMES = ['intake', 'propose', 'decide', 'verify', 'write', 'sweep'] as const
type Running = { readonly [name in (typeof NAMES)[number]]: Lambda }

let folder: string
let moto: Moto
let bot: CloudBot
let env: NodeJS.ProcessEnv
let files: ReadonlyMap<FunctionName, string>
let running: Running | null = null

function current(): Running {
  if (running === null) throw new Error('no function runs')
  return running
}

/** Deploys the hub again with this configuration. Members are unchanged. */
async function deployHub(config: object): Promise<void> {
  const given = JSON.parse(readFileSync(env['CONFIG_FILE'] ?? '', 'utf8')) as object
  const configured = configFiles(folder, { ...given, ...config })
  for (const lambda of Object.values(running ?? {})) lambda.stop()
  const started = await Promise.all(
    NAMES.map(async name => [name, await startLambda(files.get(name) ?? '', { ...env, ...configured })]),
  )
  running = Object.fromEntries(started) as Running
}

async function deployMember(accountId: string, writerRole: 'yes' | 'no'): Promise<void> {
  const client = new CloudFormationClient(await moto.clientOf(accountId))
  await client.send(
    new CreateStackCommand({
      StackName: 'rolemedic-roles',
      TemplateBody: JSON.stringify(deploy().templates['rolemedic-roles']),
      Parameters: [{ ParameterKey: 'WriterRole', ParameterValue: writerRole }],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  )
}

async function memberOf(accountId: string) {
  const client = new CloudFormationClient(await moto.clientOf(accountId))
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'rolemedic-roles' }))
  return Stacks?.map(({ StackId, StackStatus, LastUpdatedTime }) => ({ StackId, StackStatus, LastUpdatedTime }))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-modes-'))
  moto = await startMoto()
  files = new Map(await Promise.all(NAMES.map(async name => [name, await bundledFile(name)] as const)))
  bot = await cloudBot(moto, async given => {
    env = given
    await deployHub({ mode: 'observe' })
    return {
      intake: event => current().intake.invoke(event),
      propose: event => current().propose.invoke(event),
      verify: event => current().verify.invoke(event),
      write: event => current().write.invoke(event),
      decide: async event => (await current().decide.invoke(event)) as { readonly statusCode: number },
    }
  })
  await deployMember(MAIN, 'yes')
  await deployMember(OTHER, 'no')
  const iam = new IAMClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  for (const name of ['ci-1', 'ci-2', 'ci-3']) await role(iam, name, { Service: 'codebuild.amazonaws.com' })
})
afterAll(async () => {
  for (const lambda of Object.values(running ?? {})) lambda.stop()
  await bot?.close()
  await moto?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function denied(name: string): Promise<Proposal | null> {
  // CloudTrail's times are whole seconds. Within the same second it would be the same denial.
  await sleep(1_100)
  // In observe, no proposal is open.
  return bot.denied(denialOf(name)).catch(() => null)
}
const channel = () =>
  bot.slack.messages().filter(({ ephemeralFor, threadTs }) => ephemeralFor === null && threadTs === null)
const approvable = () => bot.slack.messages().filter(message => buttonsOf(message, 'approve').length > 0)
const kindsOf = async (id: string) => {
  const kinds: string[] = []
  for await (const { entry } of bot.log.records()) if (entry.proposalId === id) kinds.push(entry.kind)
  return kinds
}

describe('members from one template', () => {
  it('have the writer role, or none in the reader-only form', async () => {
    const names = async (accountId: string) => {
      const iam = new IAMClient(await moto.clientOf(accountId))
      const exists = (RoleName: string) =>
        iam.send(new GetRoleCommand({ RoleName })).then(
          () => [RoleName],
          () => [],
        )
      return (await Promise.all(['rolemedic-reader', 'rolemedic-writer'].map(exists))).flat()
    }
    expect(await names(MAIN)).toEqual(['rolemedic-reader', 'rolemedic-writer'])
    expect(await names(OTHER)).toEqual(['rolemedic-reader'])
  })
})

describe('the deployed functions, while the mode goes up and down', () => {
  it('observe: diagnose, record and count, with a digest of the day and no card', async () => {
    const before = await memberOf(MAIN)
    await denied('ci-1')
    expect(channel().map(({ text }) => text)).toEqual([expect.stringContaining('the mode is observe')])
    const records: string[] = []
    for await (const { entry } of bot.log.records()) records.push(`${entry.kind}: ${entry.why}`)
    expect(records).toEqual([
      expect.stringMatching(/^denial-seen: /),
      expect.stringMatching(/^refused: Observed, no card: the mode is observe \(mode\)\. A card would have offered/),
    ])
    // The digest of yesterday is posted some minutes after midnight, so the test uses the day before.
    const day = dayOf(Date.now()) - 2
    await bot.store.putMarker(observedDay('C0DEPLOYS', day), 0, { ...NOTHING_OBSERVED, denials: 7, distinct: 2 })
    await current().sweep.invoke({})
    await current().sweep.invoke({})
    expect(channel().map(({ text }) => text)).toEqual([
      expect.stringContaining('the mode is observe'),
      expect.stringMatching(/rolemedic observed on .*7 denials, 2 cards would have been posted/),
    ])

    await deployHub({ accounts: { [MAIN]: { mode: 'recommend' } } })
    expect(await denied('ci-1')).toMatchObject({ status: 'open' })
    expect(approvable()).toEqual([])
    expect(channel().at(-1)?.text).toMatch(/Recommendation: the mode is recommend .*nobody can approve it here/)
    expect(await memberOf(MAIN)).toEqual(before)
  })

  it('approve: write what was approved; after the mode went down a press does nothing, and Revert works', async () => {
    const before = await memberOf(MAIN)
    await deployHub({ mode: 'approve' })
    const applied = await denied('ci-2')
    const open = await denied('ci-3')
    if (applied === null || open === null) throw new Error('no card')
    await bot.press(applied.id, 'U0ONCALL1', 'approve')
    await bot.work()
    expect((await bot.store.get(applied.id))?.status).toBe('applied')

    await deployHub({ mode: 'recommend' })
    await bot.press(open.id, 'U0ONCALL1', 'approve')
    expect((await bot.store.get(open.id))?.status).toBe('open')
    expect(
      bot.slack
        .messages()
        .filter(({ ephemeralFor }) => ephemeralFor === 'U0ONCALL1')
        .at(-1)?.text,
    ).toBe('The mode of this account is recommend (mode in rolemedic.config.json), so nothing is approved here.')
    await bot.press(applied.id, 'U0ONCALL1', 'revert')
    await bot.work()
    expect((await bot.store.get(applied.id))?.status).toBe('reverted')
    expect(await memberOf(MAIN)).toEqual(before)
  })

  it('approve, then lower, then write: nothing is written, and the next card only recommends', async () => {
    await deployHub({ mode: 'approve' })
    const proposals = await bot.store.open(10)
    const open = proposals.find(({ denial, status }) => status === 'open' && denial.principal.name === 'ci-3')
    if (open === undefined) throw new Error('no open card')
    await bot.press(open.id, 'U0ONCALL1', 'approve')
    expect((await bot.store.get(open.id))?.status).toBe('approved')
    await deployHub({ mode: 'observe' })
    await bot.work()
    expect(await bot.store.get(open.id)).toMatchObject({ status: 'stale', failure: { code: 'mode-too-low' } })
    expect(await kindsOf(open.id)).not.toContain('applied')
    expect(await bot.chain()).toMatchObject({ findings: [] })
  })

  it('by its unit: an account that is moved there can be approved for', async () => {
    const organizations = new OrganizationsClient(moto.client)
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const { Roots } = await organizations.send(new ListRootsCommand({}))
    const root = Roots?.[0]?.Id ?? ''
    const { OrganizationalUnit } = await organizations.send(
      new CreateOrganizationalUnitCommand({ ParentId: root, Name: 'workloads' }),
    )
    const unit = OrganizationalUnit?.Id ?? ''
    const byUnit = { mode: 'observe', organizationalUnits: { [unit]: { mode: 'approve' } } }
    await role(new IAMClient(moto.client), 'ci-4', { Service: 'codebuild.amazonaws.com' })

    await deployHub(byUnit)
    const cards = approvable().length
    await denied('ci-4')
    expect(approvable()).toHaveLength(cards)

    await organizations.send(
      new MoveAccountCommand({ AccountId: MAIN, SourceParentId: root, DestinationParentId: unit }),
    )
    // A running function caches the units of an account for five minutes.
    await deployHub(byUnit)
    const proposal = await denied('ci-4')
    expect(approvable()).toHaveLength(cards + 1)
    await bot.press(proposal?.id ?? '', 'U0ONCALL1', 'approve')
    await bot.work()
    expect((await bot.store.get(proposal?.id ?? ''))?.status).toBe('applied')
  })
})
