/** Passkeys in Chromium over the bundles of the functions on moto: the pages behind the routes of the template, the command, IAM. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import { changeDigest } from '../../core/patch/target.ts'
import { approvalsOf, type Proposal } from '../../functions/domain/proposal/proposal.ts'
import { stepUp } from '../../functions/domain/stored/markers.ts'
import { COMPILED } from '../compiled.ts'
import { deploy } from '../infra/deployment.ts'
import { openBrowser } from './browser.ts'
import { bundledFile } from './bundled.ts'
import { BUCKET, type CloudBot, cloudBot } from './cloud-bot.ts'
import { denialOf, role } from './ecs-denial.ts'
import { startHttpApi } from './http-api.ts'
import { type Lambda, startLambda } from './lambda.ts'
import { type Moto, startMoto } from './moto.ts'
import {
  answerOn,
  confirmOn,
  type Device,
  linkFor,
  makeKey,
  ON_RECORD,
  openDevice,
  signHere,
  signOn,
} from './passkey-pages.ts'

const [ADA, JANE, OMAR, ZOE] = ['U0ADA', 'U0JANE', 'U0OMAR', 'U0ZOE'] as const
const GLASS = 'S0NIGHTSHIFT'
const EVERYTHING = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }],
}
const NAMES = ['intake', 'propose', 'decide', 'verify', 'write', 'enroll'] as const
type Name = (typeof NAMES)[number]

let folder: string
let browser: Browser
let moto: Moto
let bot: CloudBot
let iam: IAMClient
let api: Awaited<ReturnType<typeof startHttpApi>>
/** The same pages at another origin, with the same relying party. */
let elsewhere: typeof api
const running = new Map<string, Lambda>()
/** Credentials of two users. */
const administrators: NodeJS.ProcessEnv[] = []
let ada: Device
let jane: Device
let omar: Device

function invoke(name: string, event: object): Promise<never> {
  const lambda = running.get(name)
  if (lambda === undefined) throw new Error(`${name} does not run`)
  return lambda.invoke(event) as Promise<never>
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-passkeys-'))
  ;[moto, browser] = await Promise.all([startMoto(), openBrowser()])
  iam = new IAMClient(moto.client)
  const template = deploy().templates['rolemedic-bot'] ?? expect.fail('no stack')
  ;[api, elsewhere] = await Promise.all([startHttpApi(template, invoke), startHttpApi(template, invoke)])
  const config = {
    approvers: { users: [ADA, JANE, OMAR, ZOE] },
    breakGlass: { group: GLASS, announceChannel: 'C0ALERTS' },
    approval: { passkey: 'elevated' },
    passkeys: { administrators: ['user/one', 'user/two'] },
  }
  const of = (name: Name) => (event: object) => invoke(name, event)
  const start = async (env: NodeJS.ProcessEnv) => {
    await Promise.all(
      NAMES.map(async name => {
        const file = await bundledFile(name)
        running.set(name, await startLambda(file, { ...env, AWS_ENDPOINT_URL_STS: moto.endpoint }))
      }),
    )
    const [intake, propose, decide, verify, write] = NAMES.map(of)
    return { intake, propose, decide, verify, write } as never
  }
  bot = await cloudBot(moto, start, { config, origin: api.origin })
  bot.slack.setDirectory({ groups: { [GLASS]: [ADA] }, users: {} })
  for (const UserName of ['one', 'two']) {
    await iam.send(new CreateUserCommand({ UserName }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    administrators.push({
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey,
    })
  }
  for (const [name, Action] of [
    ['elevated-task', 's3:PutBucketPolicy'],
    ['high-task', '*'],
  ] as const) {
    await role(iam, name, { Service: 'ecs-tasks.amazonaws.com' })
    const statement = { Effect: 'Allow', Action, Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }))
  }
  ada = await enrolled(ADA)
  jane = await enrolled(JANE)
  omar = await enrolled(OMAR)
})
afterAll(async () => {
  for (const lambda of running.values()) lambda.stop()
  await browser?.close()
  await bot?.close()
  await Promise.all([api?.close(), elsewhere?.close()])
  await moto?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** `rolemedic passkeys`, as one of the administrators runs it. */
function passkeys(by: number, ...args: readonly string[]): Promise<string> {
  const endpoints = { AWS_ENDPOINT_URL_LAMBDA: api.origin, AWS_ENDPOINT_URL_STS: moto.endpoint }
  return command({ ...administrators[by], ...endpoints, AWS_REGION: 'eu-west-1' }, 'passkeys', ...args)
}

async function command(given: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  const env = { ...given, ...COMPILED, PATH: process.env['PATH'] }
  const main = resolve(import.meta.dirname, '../../cli/main.ts')
  return (await promisify(execFile)(process.execPath, [main, ...args], { env })).stdout
}

async function confirmed(by: number, { page }: Device): Promise<string> {
  const words = (await page.textContent('#check')) ?? ''
  return passkeys(by, 'enroll', await page.inputValue('#code'), '--words', words)
}

async function enrolled(user: string): Promise<Device> {
  const one = await openDevice(browser)
  await makeKey(one, api.origin, user)
  expect(await confirmed(0, one)).toContain('Confirmed by administrator')
  expect(await confirmed(1, one)).toContain('counts at every risk from')
  return one
}

let roles = 0
/** The id of the card of a role that may not pass the other one, and a way to look what it may. */
async function carded(passed: 'elevated-task' | 'high-task') {
  roles += 1
  const name = `ci-${roles}`
  await role(iam, name, { Service: 'codebuild.amazonaws.com' })
  await bot.denied(denialOf(name, passed))
  const found = (await bot.store.open(50)).find(({ denial }) => denial.principal.name === name)
  const { id } = found ?? expect.fail('no card')
  const proposal = async (): Promise<Proposal> => (await bot.store.get(id)) ?? expect.fail('it is gone')
  return {
    id,
    proposal,
    approvals: async () => approvalsOf(await proposal()).length,
    granted: async () => (await iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames?.length,
  }
}

/** The link that the press is answered with. */
async function pressed(id: string, user: string, action = 'approve', typed: readonly string[] = []): Promise<string> {
  await bot.press(id, user, action, typed)
  return linkFor(user, bot.slack.messages())
}

describe('the deployed functions', () => {
  it('write in IAM what two people approved with their devices, at elevated and at high risk', async () => {
    for (const passed of ['elevated-task', 'high-task'] as const) {
      const { id, granted, approvals, proposal } = await carded(passed)
      expect((await proposal()).verification?.risk).toBe(passed.replace('-task', ''))
      expect(await signOn(ada, await pressed(id, ADA))).toBe(ON_RECORD)
      await bot.work()
      expect([await approvals(), await granted()]).toEqual([1, 0])
      expect(await signOn(jane, await pressed(id, JANE))).toBe(ON_RECORD)
      await bot.work()
      expect([(await proposal()).status, await granted()]).toEqual(['applied', 1])
    }
  })

  it('write what one person approved who breaks the glass with their device', async () => {
    const { id, granted, proposal } = await carded('high-task')
    expect(await signOn(ada, await pressed(id, ADA, 'break-glass', ['checkout is down']))).toBe(ON_RECORD)
    await bot.work()
    expect([(await proposal()).status, await granted()]).toEqual(['applied', 1])
  })

  it('take nothing from a link that was forwarded, from another origin, or a second time', async () => {
    const { id, granted, approvals } = await carded('high-task')
    const link = await pressed(id, ADA)
    expect(await signOn(jane, link)).toContain('the passkey of somebody else')
    expect(await signOn(ada, link.replace(api.origin, elsewhere.origin))).toBe(
      'The passkey has not signed this change.',
    )
    expect(await approvals()).toBe(0)

    const next = await pressed(id, ADA)
    await ada.page.goto(next)
    const sent = ada.page.waitForRequest(request => request.method() === 'POST')
    await ada.page.click('#sign')
    const body = (await sent).postData() ?? ''
    await answerOn(ada).getByText(ON_RECORD).waitFor()
    for (const again of [next, await pressed(id, JANE)]) {
      const answer = await fetch(again, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      expect([answer.status, await answer.json()]).toMatchObject([409, { ok: false }])
    }
    await bot.work()
    expect([await approvals(), await granted()]).toEqual([1, 0])
  })

  it('take nothing once the card says something else, or the page is five minutes old', async () => {
    const { id, granted, approvals, proposal } = await carded('elevated-task')
    const before = await proposal()
    const { patch, verification } = before
    if (patch === null || verification === null) expect.fail('no change')
    const changes = patch.changes.map(({ digest: _, ...change }) => {
      const wide = { ...change, after: EVERYTHING }
      return { ...wide, digest: changeDigest(wide) }
    })
    const wider = { ...patch, changes, digest: digestOf(changes.map(changeDigest)) }
    const others = [
      [{ verification: { ...verification, risk: 'high' } }, 'The card says something else by now'],
      [{ patch: wider }, 'was replaced after you saw it'],
    ] as const
    for (const [other, words] of others) {
      await ada.page.goto(await pressed(id, ADA))
      const now = await proposal()
      await bot.store.replace(now, { ...now, ...other } as Proposal)
      expect(await signHere(ada)).toContain(words)
      const { version } = await proposal()
      await bot.store.replace({ ...now, version }, now)
    }

    const late = await pressed(id, ADA)
    await ada.page.goto(late)
    const marker = stepUp(late.split('/').at(-1) ?? '')
    const page = (await bot.store.getMarker(marker)) ?? expect.fail('no page waits')
    await bot.store.putMarker(marker, page.version, { ...page.value, expiresAtMs: Date.now() })
    expect(await signHere(ada)).toContain('This page was opened too late')
    await bot.work()
    expect([await approvals(), await granted()]).toEqual([0, 0])
  })

  it('write nothing with a passkey that was removed after the approval; the next device counts', async () => {
    const { id, granted, approvals } = await carded('high-task')
    await signOn(jane, await pressed(id, JANE))
    expect(await signOn(omar, await pressed(id, OMAR))).toBe(ON_RECORD)
    expect(await approvals()).toBe(2)
    const [, credential = ''] = new RegExp(`${OMAR} (\\S+)`).exec(await passkeys(0, 'list')) ?? []
    expect(await passkeys(0, 'remove', OMAR, '--credential', credential)).toContain('Nothing more is approved')
    await bot.work()
    expect(await granted()).toBe(0)
    const whys: string[] = []
    for await (const { entry } of bot.log.records()) if (entry.proposalId === id) whys.push(entry.why)
    expect(whys).toContainEqual(expect.stringContaining('removed'))

    const other = await carded('high-task')
    expect(await signOn(omar, await pressed(other.id, OMAR))).toContain('You have not enrolled this passkey')
    const next = await enrolled(OMAR)
    expect(await signOn(next, await pressed(other.id, OMAR))).toBe(ON_RECORD)
    expect(await other.approvals()).toBe(1)
  })

  it('wait a day with a passkey that two approvers confirmed on the page', async () => {
    const zoe = await openDevice(browser)
    const link = await makeKey(zoe, api.origin, ZOE)
    expect(await confirmOn(ada, link, ADA)).toContain('One more person has to.')
    expect(await confirmOn(jane, link, JANE)).toContain(`The passkey of ${ZOE} is confirmed. It counts from`)
    const { id, approvals } = await carded('elevated-task')
    expect(await signOn(zoe, await pressed(id, ZOE))).toContain('less than a day ago')
    expect(await approvals()).toBe(0)
  })

  it('keep what says offline whose device signed each write', async () => {
    const keys = join(folder, 'keys.json')
    writeFileSync(keys, JSON.stringify(await bot.ring()))
    const from = ['--from', `s3://${BUCKET}/audit`, '--keys', keys]
    const out = await command(moto.env, 'audit', 'verify', ...from)
    expect(out).toContain('intact')
    const signed = out.matchAll(/the passkey [0-9a-f]{32} of (\w+) signed exactly this change/g)
    expect([...signed].map(([, user]) => user).sort()).toEqual([ADA, ADA, ADA, JANE, JANE])
    expect(out).toMatch(/passkeys: held against \d enrollments and 1 removal beside the log/)
  })
})
