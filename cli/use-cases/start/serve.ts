/** The bot with a web page, and a local Git host for the code of the sample account. */
import { join } from 'node:path'
import type { PolicyWriter } from '../../../functions/ports/index.ts'
import { deploySample } from '../../../simulator/git-host/deploy-sample.ts'
import { type GitHost, startGitHost } from '../../../simulator/git-host/git-host.ts'
import { localCode } from '../../../simulator/git-host/local-code-hosts.ts'
import { SAMPLE_REPOSITORIES } from '../../../simulator/git-host/sample-repositories.ts'
import { noteSamplesSent, stateFolderError, wereSamplesSent } from '../../../simulator/state-folder.ts'
import { botSource, feedAll, feedSample } from '../../../simulator/web-ui/bot-source.ts'
import { startSamples } from '../../../simulator/web-ui/samples.ts'
import { serveWebUi } from '../../../simulator/web-ui/server.ts'
import type { ExplainDeployAnswer } from '../explain-deploy/explain-deploy.ts'
import type { UseCaseWorld } from '../world.ts'
import { readBotConfig } from './bot-config.ts'
import { eventsOfFiles } from './event-files.ts'
import { explainPasted } from './explain-pasted.ts'
import { type StartWorld, startLocalBot, withSampleRepository } from './local-bot.ts'
import type { ServeQuestion } from './question.ts'

/** Shortens the settle time of a minute to a second. */
const PACE = 1 / 60

export type Running = { close(): Promise<void> }

export type ServeWorld = StartWorld &
  Pick<UseCaseWorld, 'readFile' | 'nowMs'> & {
    /** Called for each part as it starts. The caller closes them, the latest first. */
    keep(running: Running): void
    /** Why a deploy failed, as text. Null: it did not fail. */
    explanation(answer: ExplainDeployAnswer | null): Promise<string>
  }

export type ServedPage = {
  readonly url: string
  readonly warnings: readonly string[]
  /** Finishes the work of an earlier run, then processes the events. */
  work(): Promise<void>
}

export async function servePage(question: ServeQuestion, world: ServeWorld): Promise<ServedPage> {
  const nowMs = world.nowMs()
  const given = await eventsOfFiles(question.events, world)
  const config = await readBotConfig(question.config, world)
  let writer: PolicyWriter | null = null
  const git = await ownGitHost(question.state, async project => {
    if (writer !== null) await deploySample(project, writer)
  })
  if (git !== null) world.keep(git)
  const offered = git === null ? config : withSampleRepository(config, question)
  // Browsers give no passkey to an address of digits.
  const origin = `http://localhost:${question.port}`
  const pace = { pace: PACE, sweepEveryMs: 5_000, origin, ...(git === null ? {} : { code: localCode(git, offered) }) }
  const { bot, warning } = await startLocalBot(question, offered, pace, world)
  world.keep(bot)
  writer = bot.accounts.writer
  const withSamples = question.accounts.length === 0
  const explain = async (text: string) =>
    world.explanation(await explainPasted(text, { bot, world, config: question.config }))
  const page = await serveWebUi(botSource(bot, { config, withSamples, explain }), question.port)
  world.keep(page)
  return {
    url: page.url,
    warnings: [
      ...(git === null ? ['git is not installed, so that no pull request is offered'] : []),
      ...(warning === null ? [] : [warning]),
    ],
    async work() {
      await bot.sweep()
      if (question.events.length > 0) return feedAll(given, bot)
      if (wereSamplesSent(question.state)) return
      for (const sample of startSamples()) await feedSample(sample.events(nowMs), { bot, config })
      if (!bot.isClosed()) noteSamplesSent(question.state)
    },
  }
}

/** A local Git host with the code of the sample account. Null: this machine has no git. */
async function ownGitHost(
  state: string,
  onMerge: NonNullable<Parameters<typeof startGitHost>[0]['onMerge']>,
): Promise<GitHost | null> {
  try {
    return await startGitHost({ folder: join(state, 'git'), projects: SAMPLE_REPOSITORIES, onMerge })
  } catch (error) {
    if (isGitMissing(error)) return null
    throw stateFolderError(error, state) ?? error
  }
}

const isGitMissing = (error: unknown): boolean =>
  error instanceof Error &&
  (('syscall' in error && error.syscall === 'spawn git' && 'code' in error && error.code === 'ENOENT') ||
    isGitMissing(error.cause))
