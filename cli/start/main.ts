/** `rolemedic start`: the bot on this machine with a web page; with `--once`, one denial through every step. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../core/base/index.ts'
import { parseRecord } from '../../core/denial/index.ts'
import { type BotConfig, parseBotConfig } from '../../functions/domain/config/index.ts'
import type { PolicyWriter } from '../../functions/ports/index.ts'
import { type Bot, type BotOptions, startBot } from '../../simulator/bot.ts'
import { deploySample } from '../../simulator/git-host/deploy-sample.ts'
import { type GitHost, startGitHost } from '../../simulator/git-host/git-host.ts'
import { localCode } from '../../simulator/git-host/local-code-hosts.ts'
import { SAMPLE_REPOSITORIES, SAMPLE_REPOSITORY } from '../../simulator/git-host/sample-repositories.ts'
import {
  DEFAULT_EVENT,
  readEvents,
  readRecords,
  SAMPLE_ACCOUNTS,
  SAMPLE_CONFIG,
  SAMPLE_ORGANIZATION,
} from '../../simulator/sample-records.ts'
import { stateFolderError } from '../../simulator/state-folder.ts'
import { botSource, feedAll } from '../../simulator/web-ui/bot-source.ts'
import { startSamples } from '../../simulator/web-ui/samples.ts'
import { serveWebUi } from '../../simulator/web-ui/server.ts'
import { type Io, oneLine } from '../io.ts'
import { auditLogWarning } from '../use-cases/audit/audit-log-warning.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'
import type { StartQuestion } from './question.ts'
import { quietObserver } from './quiet-observer.ts'
import { type RunOnceRecord, runOnce } from './run-once.ts'
import { runOnceWithDeploys } from './run-once-deploy.ts'

/** Shortens the settle time of a minute to a second. */
const PACE = 1 / 60

export async function start(question: StartQuestion, io: Io): Promise<number> {
  if (question.once) return once(question, io)
  await serve(question, io)
  return 0
}

async function once(args: StartQuestion, io: Io): Promise<number> {
  const files = args.events.length === 0 ? [DEFAULT_EVENT] : args.events
  const events = files.flatMap(file => readEvents(file, Date.now()))
  const inOrder = files.length > 1 || events.some(event => 'reader' in event)
  const options = { ...args, config: readConfig(args.config) }
  const run = (bot: Bot) =>
    inOrder
      ? runOnceWithDeploys(events, bot, options, io)
      : runOnce(firstDenialIn(files[0] ?? DEFAULT_EVENT), bot, options, io)
  // Without --state, each run starts empty and keeps nothing.
  const state = args.state ?? mkdtempSync(join(tmpdir(), 'rolemedic-'))
  if (args.state === null) process.once('exit', () => rmSync(state, { recursive: true, force: true }))
  const bot = await startChecked({ ...botOptions(args, state, io, true), pace: 0, sweepEveryMs: null }, io)
  try {
    return await run(bot)
  } finally {
    await bot.close()
  }
}

async function serve(args: StartQuestion, io: Io): Promise<void> {
  let close = async (): Promise<void> => {}
  endOnSignal(() => close())
  const nowMs = Date.now()
  const given = args.events.flatMap(file => readEvents(file, nowMs))
  const events = args.events.length > 0 ? given : startSamples().flatMap(sample => sample.events(nowMs))
  const config = readConfig(args.config)
  const state = args.state ?? '.rolemedic'
  let writer: PolicyWriter | null = null
  const running: { close(): Promise<void> }[] = []
  close = async () => {
    for (const one of running.toReversed()) await one.close()
  }
  try {
    const git = await ownGitHost(state, io, async project => {
      if (writer !== null) await deploySample(project, writer)
    })
    if (git !== null) running.push(git)
    const options = botOptions(args, state, io, git !== null)
    const code = git === null ? {} : { code: localCode(git, options.config) }
    const bot = await startChecked({ ...options, ...code, pace: PACE, sweepEveryMs: 5_000 }, io)
    running.push(bot)
    writer = bot.accounts.writer
    const page = await serveWebUi(botSource(bot, { config, withSamples: args.accounts.length === 0 }), args.port)
    running.push(page)
    io.out(`rolemedic is at ${page.url} (state in ${state}, Ctrl-C stops it)\n`)
    // First finishes the work of an earlier run.
    await bot.sweep()
    await feedAll(events, bot)
  } catch (error) {
    await close()
    throw error
  }
}

/** A local Git host with the code of the sample account. Null: this machine has no git. */
async function ownGitHost(
  state: string,
  io: Io,
  onMerge: NonNullable<Parameters<typeof startGitHost>[0]['onMerge']>,
): Promise<GitHost | null> {
  try {
    return await startGitHost({ folder: join(state, 'git'), projects: SAMPLE_REPOSITORIES, onMerge })
  } catch (error) {
    if (!isGitMissing(error)) throw stateFolderError(error, state) ?? error
    io.err('git is not installed, so that no pull request is offered\n')
    return null
  }
}

const isGitMissing = (error: unknown): boolean =>
  error instanceof Error &&
  (('syscall' in error && error.syscall === 'spawn git' && 'code' in error && error.code === 'ENOENT') ||
    isGitMissing(error.cause))

/** Starts the bot. Reports a state folder that is not writable, and warns about a damaged audit log. */
async function startChecked(options: BotOptions, io: Io): Promise<Bot> {
  const { state } = options
  const onFault = (error: unknown) => {
    const fault = stateFolderError(error, state)
    if (fault === null) return
    io.err(oneLine(fault.message))
    process.exit(2)
  }
  // The embedded store throws outside of any promise chain.
  process.on('uncaughtException', error => {
    onFault(error)
    io.err(String(error.stack))
    process.exit(1)
  })
  let bot: Bot
  try {
    bot = await startBot({ ...options, onFault })
  } catch (error) {
    throw stateFolderError(error, state) ?? error
  }
  const warning = await auditLogWarning(state, bot.store, await bot.publicKeys())
  if (warning !== null) io.err(oneLine(warning))
  return bot
}

function botOptions(args: StartQuestion, state: string, io: Io, withCode: boolean) {
  const samples = args.accounts.length === 0
  return {
    state,
    accounts: samples ? SAMPLE_ACCOUNTS : args.accounts,
    org: args.org ?? (samples ? SAMPLE_ORGANIZATION : null),
    config: samples && withCode ? withSampleRepository(readConfig(args.config)) : readConfig(args.config),
    observer: quietObserver(io),
  }
}

const withSampleRepository = (config: BotConfig): BotConfig =>
  config.repositories.length > 0 ? config : { ...config, repositories: [SAMPLE_REPOSITORY] }

/** Without a configuration file, the sample configuration with the sample users. */
function readConfig(named: string | null): BotConfig {
  const file = named ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : SAMPLE_CONFIG)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read the configuration ${file}`, { cause })
  }
  const config = parseBotConfig(text)
  if (!config.ok) throw new UsageError(`${file}: ${config.error.join('; ')}`)
  return config.value
}

/** The first of rolemedic's denials in the file, or else its first record, for which `--once` prints why it is no such denial. */
function firstDenialIn(file: string): RunOnceRecord {
  const records = readRecords(file, Date.now())
  const denials = records.filter(({ record }) => parseRecord(record).kind === 'denial')
  const chosen = denials[0] ?? records[0]
  if (chosen === undefined) throw new UsageError(`${file} contains no CloudTrail record`)
  return { ...chosen, others: Math.max(0, denials.length - 1) }
}

function endOnSignal(close: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      close().finally(() => process.exit(0))
    })
  }
}
