/** The deploy tools whose failures are explained. A new tool is a file next to this one, a line here and in `DEPLOY_KINDS`, and sample events. */

import { parseTime } from '../../../../core/base/index.ts'
import { EVENT_PATTERNS } from '../../../../core/denial/index.ts'
import { HEARTBEAT_PATTERN, HEARTBEAT_RULE } from '../../members/index.ts'
import type { FailedDeploy } from '../deploy.ts'
import { amplify } from './amplify.ts'
import { cloudformation } from './cloudformation.ts'
import { codebuild } from './codebuild.ts'
import { codedeploy } from './codedeploy.ts'
import { codepipeline } from './codepipeline.ts'
import { ecs } from './ecs.ts'
import { job } from './job.ts'
import { stackSet } from './stack-set.ts'
import {
  type DeployEvent,
  type DeployEventRule,
  type DeployTool,
  envelope,
  explainCommand,
  fileCommand,
  notOurs,
  type ReasonsInFile,
  type Retry,
} from './tool.ts'

export const DEPLOY_TOOLS: readonly DeployTool[] = [
  cloudformation,
  codepipeline,
  codebuild,
  codedeploy,
  ecs,
  amplify,
  stackSet,
  job,
]

export function toolOf({ kind }: Pick<FailedDeploy, 'kind'>): DeployTool {
  const tool = DEPLOY_TOOLS.find(each => each.kind === kind)
  if (tool === undefined) throw new TypeError(`no descriptor of the deploy tool ${kind}`)
  return tool
}

const RULES = DEPLOY_TOOLS.flatMap(({ events }) => events)

/** The EventBridge rules that deliver failed deploys, by name. */
export const DEPLOY_PATTERNS: { readonly [rule: string]: DeployEventRule['pattern'] } = Object.fromEntries(
  RULES.map(({ rule, pattern }) => [rule, pattern]),
)

/** Every EventBridge rule by name. */
export const ALL_PATTERNS: { readonly [rule: string]: object } = {
  ...EVENT_PATTERNS,
  ...DEPLOY_PATTERNS,
  [HEARTBEAT_RULE]: HEARTBEAT_PATTERN,
}

const OTHER_TOOL = `an event of no deploy tool that is read: ${DEPLOY_TOOLS.map(({ kind }) => kind).join(', ')}`

/** Never throws. */
export function parseDeployEvent(value: unknown): DeployEvent {
  const parsed = envelope.safeParse(value)
  if (!parsed.success) return notOurs('not an EventBridge event')
  const { source, 'detail-type': type, time } = parsed.data
  const atMs = parseTime(time)
  const rule = RULES.find(({ pattern }) => pattern.source[0] === source && pattern['detail-type'][0] === type)
  if (rule === undefined || atMs === null) return notOurs(OTHER_TOOL)
  return rule.read(parsed.data, atMs)
}

/** Null: AWS sent the event. */
export const hearsayOf = (deploy: Pick<FailedDeploy, 'kind'>): string | null => toolOf(deploy).hearsay ?? null

/** `the deploy of stack orders`, for use inside a sentence. */
export function deployName(deploy: FailedDeploy): string {
  const own = `${toolOf(deploy).phrase} ${deploy.name}`
  return deploy.partOf === undefined ? own : `${own} in pipeline ${deploy.partOf.target}`
}

export const consoleLink = (deploy: FailedDeploy): string =>
  toolOf(deploy).consoleLink(deploy, consoleOf(deploy.region))

/** What a person types to see all of it. Null: no command reads it from AWS. */
export const explanationOf = (deploy: FailedDeploy): string | null => explainCommand(toolOf(deploy), deploy)

/** What a person types for a file with its reasons, and the option that takes the file. Null: no one command writes it. */
export function reasonsFileOf(
  deploy: FailedDeploy,
): (Pick<ReasonsInFile, 'option' | 'file'> & { readonly command: string }) | null {
  const file = toolOf(deploy).inFile?.(deploy) ?? null
  const command = file === null ? null : fileCommand(file, deploy)
  return file === null || command === null ? null : { option: file.option, file: file.file, command }
}

export const retryOf = (deploy: FailedDeploy): Retry => toolOf(deploy).retry(deploy)

/**
 * The console's URL in every partition whose hosts are documented.
 * https://docs.aws.amazon.com/general/latest/gr/rande.html#console-endpoints
 * https://github.com/ByteNess/aws-vault/pull/285 (European Sovereign Cloud)
 */
function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return `https://${region}.console.amazonaws.cn`
  if (region.startsWith('us-gov-')) return 'https://console.amazonaws-us-gov.com'
  if (region.startsWith('eusc-')) return 'https://console.amazonaws-eusc.eu'
  return `https://${region}.console.aws.amazon.com`
}
