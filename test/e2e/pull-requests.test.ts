/**
 * The whole process over HTTP and real Git repositories, for GitHub and GitLab: denial, approval with a pull request, merge,
 * deploy, the end of the bridge.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import type { DecidingAction } from '../../functions/domain/proposal/click.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { branchOf } from '../../functions/domain/proposal/pull-request.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { deploySample } from '../../simulator/git-host/deploy-sample.ts'
import { startGitHost } from '../../simulator/git-host/git-host.ts'
import { localCode } from '../../simulator/git-host/local-code-hosts.ts'
import { SAMPLE_REPOSITORIES } from '../../simulator/git-host/sample-repositories.ts'
import { readRecords, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'

const EVENT = join(import.meta.dirname, '../../events/cloudformation-create-function.json')
const ROLE = 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const stop: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of stop.splice(0).reverse()) await one()
})

async function start(host: 'github.com' | 'gitlab.com', mode: 'approve' | 'recommend' = 'approve') {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-pulls-'))
  const git = await startGitHost({ folder: join(folder, 'git'), projects: SAMPLE_REPOSITORIES })
  const config = botConfigSchema.parse({
    mode,
    channel: 'C0DEPLOYS',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    repositories: [
      {
        stack: 'orders-*',
        host,
        repository: 'acme/orders',
        branch: 'main',
        paths: ['templates/**'],
        kind: 'cloudformation',
      },
    ],
  })
  const bot = await startBot({
    state: join(folder, 'state'),
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config,
    observer: { log() {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
    code: localCode(git, config),
  })
  stop.push(async () => {
    await bot.close()
    await git.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const [fed] = readRecords(EVENT, bot.clock())
  await bot.feed(fed?.record)
  await bot.idle()
  const [proposal] = await bot.store.open(10)
  if (proposal === undefined) throw new Error('no proposal')
  return { bot, git, id: proposal.id }
}

async function press(bot: Bot, action: DecidingAction): Promise<void> {
  const message = bot.slack.messages().find(each => buttonsOf(each, action).length > 0)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card offers ${action}`)
  await bot.request(buttonPress(sampleUser('U0ONCALL1'), message, button))
  await bot.idle()
}

async function pass(bot: Bot, ms: number, steps = 6): Promise<void> {
  for (let step = 0; step < steps; step += 1) await bot.wait(ms / steps)
}

const proposalOf = async (bot: Bot, id: string): Promise<Proposal> => {
  const proposal = await bot.store.get(id)
  if (proposal === null) throw new Error(`no ${id}`)
  return proposal
}

const bridgeOf = async ({ accounts }: Bot) =>
  accounts.writer.read({
    kind: 'role-inline-policy',
    accountId: '111122223333',
    name: 'orders-stack-exec',
    policyName: 'rolemedic',
    arn: ROLE,
  })

describe.each(['github.com', 'gitlab.com'] as const)('on %s', host => {
  it('goes from the denial over approval, pull request, merge and deploy to the end of the bridge', async () => {
    const { bot, git, id } = await start(host)
    const project = git.project('acme/orders')
    const before = await project.git.head('main')
    await press(bot, 'approve-with-pull')
    expect((await bridgeOf(bot)).kind).toBe('found')
    await pass(bot, 6 * MINUTE)

    const [pull] = project.pulls()
    expect(project.pulls()).toHaveLength(1)
    expect(pull).toMatchObject({
      branch: branchOf(id),
      into: 'main',
      state: 'open',
      title: 'Allow iam:PassRole on orders-worker for orders-stack-exec',
    })
    expect(await project.git.head('main')).toBe(before)
    // Lines are added, and none is changed.
    const diff = await project.git.diff('main', branchOf(id))
    const lines = diff.split('\n').filter(line => /^[+-](?![+-])/.test(line))
    expect(lines.every(line => line.startsWith('+'))).toBe(true)
    expect(diff).toContain('--- a/templates/pipeline.yaml')
    expect(diff).toContain('iam:PassRole')
    expect(diff).toContain('arn:aws:iam::111122223333:role/app/orders-worker')
    expect(pull?.reviewers).toContain('ana')

    // Merged and not deployed, so the bridge is still needed.
    await project.merge(1)
    await pass(bot, 40 * MINUTE, 8)
    expect((await proposalOf(bot, id)).pull?.state).toBe('merged')
    expect((await bridgeOf(bot)).kind).toBe('found')

    await deploySample(git.project('acme/orders'), bot.accounts.writer)
    await pass(bot, 60 * MINUTE, 12)
    const ended = await proposalOf(bot, id)
    expect(ended.status).toBe('reverted')
    expect((await bridgeOf(bot)).kind).toBe('absent')
    expect((await bot.analyze(ended.denial)).diagnosis.cause).toBe('already-allowed')

    const texts = bot.slack.messages().map(({ text }) => text)
    for (const part of ['Pull request #1 is open', 'Pull request #1 is merged', 'the request is allowed without it'])
      expect(texts.filter(text => text.includes(part)).length, part).toBeGreaterThan(0)
    const kinds = (await bot.audit()).map(({ entry }) => entry.kind)
    expect(kinds.filter(kind => kind === 'pull-request')).toHaveLength(2)
    expect(kinds.at(-1)).toBe('reverted')
  })

  it('opens a pull request and writes nothing in the mode recommend', async () => {
    const { bot, git, id } = await start(host, 'recommend')
    await press(bot, 'pull-only')
    await pass(bot, 6 * MINUTE)
    expect(git.project('acme/orders').pulls()).toMatchObject([{ state: 'open' }])
    expect((await bridgeOf(bot)).kind).toBe('absent')
    expect((await proposalOf(bot, id)).status).toBe('rejected')
  })

  it('lets the bridge end at its time where nobody merges', async () => {
    const { bot, git, id } = await start(host)
    await press(bot, 'approve-with-pull')
    await pass(bot, 73 * HOUR, 30)
    expect((await bridgeOf(bot)).kind).toBe('absent')
    expect((await proposalOf(bot, id)).status).toBe('reverted')
    const [pull] = git.project('acme/orders').pulls()
    expect(pull?.state).toBe('open')
    expect(pull?.comments).toHaveLength(2)
  })
})
