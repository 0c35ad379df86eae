/** A configuration that somebody breaks by hand, past every check of a deployment: the functions go on with the last good one, and grant nothing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledFile } from './bundled.ts'
import { type CloudBot, cloudBot, type Handlers } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { type Moto, startMoto } from './moto.ts'

let moto: Moto
let bot: CloudBot
let good = ''

const FUNCTIONS = ['intake', 'propose', 'decide', 'verify', 'write', 'sweep'] as const
const files = new Map<string, string>()
let processes = 0

/** As new processes after a change of what is deployed. */
async function restarted(): Promise<Handlers & { readonly sweep: () => Promise<void> }> {
  processes += 1
  const loaded = await Promise.all(
    [...files].map(async ([name, file]) => {
      const { handler } = (await import(`${pathToFileURL(file).href}?process=${processes}`)) as { handler: unknown }
      return [name, handler] as const
    }),
  )
  return Object.fromEntries(loaded) as never
}

beforeAll(async () => {
  for (const name of FUNCTIONS) files.set(name, await bundledFile(name))
  moto = await startMoto()
  bot = await cloudBot(moto, env => {
    Object.assign(process.env, env)
    return restarted()
  })
  good = readFileSync(bot.env.CONFIG_FILE, 'utf8')
  const iam = new IAMClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  for (const name of ['deployer', 'second'])
    await role(iam, name, { Service: 'codebuild.amazonaws.com', AWS: `arn:aws:iam::${MAIN}:root` })
})
afterAll(async () => {
  await bot?.close()
  await moto?.stop()
})

const policyOf = (RoleName: string) =>
  new IAMClient(moto.client).send(new GetRolePolicyCommand({ RoleName, PolicyName: 'rolemedic' })).then(
    () => 'granted',
    error => (error as Error).name,
  )

describe('a configuration that cannot be read', () => {
  it('stops the functions where no good one is kept', async () => {
    writeFileSync(bot.env.CONFIG_FILE, '{ "approvers": ')
    await expect(restarted()).rejects.toThrow(/config\.json/)
    writeFileSync(bot.env.CONFIG_FILE, good)
  })

  it('is not the one that runs: cards come, decisions are recorded, and nothing is granted until it is repaired', async () => {
    await (await restarted()).sweep()
    writeFileSync(bot.env.CONFIG_FILE, JSON.stringify({ ...JSON.parse(good), approvers: 'everybody' }))
    const broken = await restarted()
    const { id } = await bot.denied(denialOf('deployer'), broken.propose)
    for (const user of ['U0ONCALL1', 'U0ONCALL2']) await bot.press(id, user, 'approve')
    await bot.work(broken.verify)
    expect((await bot.store.get(id))?.status).toBe('approved')
    expect(await policyOf('deployer')).toMatch(/NoSuchEntity/)

    await broken.sweep()
    const posted = bot.slack
      .messages()
      .filter(({ text }) => text.includes('configuration that is deployed cannot be read'))
    expect(posted).toHaveLength(1)
    expect(posted[0]?.text).toContain('approvers')

    writeFileSync(bot.env.CONFIG_FILE, good)
    const repaired = await restarted()
    const proposal = await bot.store.get(id)
    await repaired.verify(
      { Records: [workMessageOf(id)] } as never,
      { getRemainingTimeInMillis: () => 60_000 } as never,
    )
    await bot.work(repaired.verify)
    expect([proposal?.status, (await bot.store.get(id))?.status]).toEqual(['approved', 'applied'])
    expect(await policyOf('deployer')).toBe('granted')
  })
})

const workMessageOf = (proposalId: string) => ({
  ...{ messageId: 'm-1', receiptHandle: 'r-1', eventSource: 'aws:sqs', messageAttributes: {} },
  body: JSON.stringify({ kind: 'verify', proposalId }),
  attributes: { ApproximateReceiveCount: '1' },
})
