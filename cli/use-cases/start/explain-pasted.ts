/** The answer of `explain-deploy` to a text that somebody pastes into the page, with the accounts of the local bot. */
import { UsageError } from '../../../core/base/index.ts'
import type { Bot } from '../../../simulator/bot.ts'
import type { ExplainDeployAnswer } from '../explain-deploy/explain-deploy.ts'
import { NO_IAM } from '../iam-reader.ts'
import type { NamedText, UseCaseWorld } from '../world.ts'

type Local = {
  readonly bot: Pick<Bot, 'accounts' | 'clock'>
  readonly config: string | null
  readonly world: Pick<UseCaseWorld, 'readFile'>
}

/** A text names no files. */
const NOT_ASKED: Pick<UseCaseWorld, 'readBytes' | 'fileNames' | 'allows' | 'progress' | 'env'> = {
  readBytes: () => {
    throw new UsageError('a pasted text reads no files')
  },
  fileNames: async () => [],
  allows: () => false,
  progress: () => {},
  env: {},
}

/** Null: nothing failed. Throws UsageError for a text that cannot be read. */
export async function explainPasted(text: string, { bot, config, world }: Local): Promise<ExplainDeployAnswer | null> {
  if (text.trim() === '') throw new UsageError('paste a log, an event, or the output of describe-stack-events')
  const { explainFailedDeploy } = await import('../explain-deploy/explain-deploy.ts')
  const kind = kindOf(text)
  const given: NamedText = { name: 'the text', text }
  const inputs = {
    event: kind === 'event' ? given : null,
    stackEvents: kind === 'stack-events' ? given : null,
    log: kind === 'log' ? given : null,
  }
  const asked = { sources: [], run: null, access: NO_IAM, region: null, parameters: new Map(), atMs: null }
  const reader = { reader: bot.accounts.reader, given: null, explanations: null, stats: () => null }
  return explainFailedDeploy(
    { ...asked, ...inputs, config },
    { ...NOT_ASKED, readFile: world.readFile, nowMs: bot.clock },
    async () => reader,
  )
}

function kindOf(text: string): 'event' | 'stack-events' | 'log' {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'log'
  }
  if (typeof value !== 'object' || value === null) return 'log'
  if (Array.isArray(value) || 'StackEvents' in value) return 'stack-events'
  return 'detail-type' in value ? 'event' : 'log'
}
