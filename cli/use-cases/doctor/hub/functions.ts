/** Whether each function runs, with the version and the configuration of this deployment, and takes from its queues. */
import * as z from 'zod'
import { configDigestOf } from '../../../../functions/domain/config/index.ts'
import { CONSUMED_QUEUES, CONSUMERS, type ConsumedQueue, SIZES } from '../../../../infra/capacity.ts'
import { FUNCTIONS, type FunctionName } from '../../../../infra/functions.ts'
import { nameOf, queueName } from '../../../../infra/names.ts'
import type { AskAws } from '../../../live/ask-aws.ts'
import { packConfig } from '../../pack-config.ts'
import { type Check, failedCheck, okCheck } from '../check.ts'

export type SeenFunction = {
  readonly state: string
  readonly lastUpdate: string
  readonly why: string
  /** Null: it shares the account's. */
  readonly reserved: number | null
}
export type SeenMapping = { readonly queueArn: string; readonly state: string }

const configuration = z.object({
  State: z.string().default('Active'),
  StateReason: z.string().nullish(),
  LastUpdateStatus: z.string().default('Successful'),
  LastUpdateStatusReason: z.string().nullish(),
})
const concurrency = z.object({ ReservedConcurrentExecutions: z.number().nullish() })
const mappings = z.object({
  EventSourceMappings: z.array(z.object({ EventSourceArn: z.string().nullish(), State: z.string() })),
})

/** Null: there is no such function. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export async function readFunction(name: FunctionName, { get }: AskAws): Promise<SeenFunction | null> {
  try {
    const found = configuration.parse(await get('lambda', `/2015-03-31/functions/${nameOf(name)}/configuration`))
    const limit = concurrency.parse(await get('lambda', `/2019-09-30/functions/${nameOf(name)}/concurrency`))
    return {
      state: found.State,
      lastUpdate: found.LastUpdateStatus,
      why: found.StateReason ?? found.LastUpdateStatusReason ?? '',
      reserved: limit.ReservedConcurrentExecutions ?? null,
    }
  } catch (error) {
    if (error instanceof Error && /NotFound/.test(error.name)) return null
    throw error
  }
}

export async function readMappings(name: FunctionName, { get }: AskAws): Promise<readonly SeenMapping[]> {
  const found = mappings.parse(
    await get('lambda', '/2015-03-31/event-source-mappings/', { FunctionName: nameOf(name) }),
  )
  return found.EventSourceMappings.map(({ EventSourceArn, State }) => ({
    queueArn: EventSourceArn ?? '',
    state: State,
  }))
}

export function functionCheck(name: FunctionName, seen: SeenFunction | null, reserves: boolean): Check {
  const fault = functionFault(name, seen, reserves)
  return fault === null ? okCheck('function', nameOf(name)) : failedCheck('function', `${nameOf(name)} ${fault}`)
}

function functionFault(name: FunctionName, seen: SeenFunction | null, reserves: boolean): string | null {
  if (seen === null) return 'is missing: deploy rolemedic-bot'
  const { state, lastUpdate, why, reserved } = seen
  if (state === 'Failed' || lastUpdate === 'Failed')
    return `could not be ${state === 'Failed' ? 'made' : 'updated, and runs the version before'}: ${why}: deploy rolemedic-bot again`
  if (reserved === 0)
    return 'has a concurrency of 0, so it never runs: aws lambda delete-function-concurrency, or deploy rolemedic-bot'
  const wanted = reserves ? SIZES[name].atOnce : null
  if (reserved !== wanted)
    return `has ${reserved ?? 'no'} reserved concurrency instead of ${wanted ?? 'none'}: deploy rolemedic-bot`
  return null
}

export function mappingChecks(seen: ReadonlyMap<FunctionName, readonly SeenMapping[]>): readonly Check[] {
  const wrong = CONSUMED_QUEUES.flatMap(queue => {
    const { by } = CONSUMERS[queue]
    const found = (seen.get(by) ?? []).find(({ queueArn }) => queueArn.endsWith(`:${queueName(queue)}`))
    if (found === undefined) return [`${nameOf(by)} does not take from ${queueName(queue)}: deploy rolemedic-bot`]
    return /^(Enabled|Creating|Enabling|Updating)$/.test(found.state)
      ? []
      : [
          `${nameOf(by)} takes nothing from ${queueName(queue)}, its mapping is ${found.state}: aws lambda update-event-source-mapping --enabled`,
        ]
  })
  return wrong.length > 0
    ? wrong.map(detail => failedCheck('mapping', detail))
    : [okCheck('mapping', `each of ${CONSUMED_QUEUES.length} queues has its function`)]
}

/** The functions that take from a queue. */
export const TAKERS = FUNCTIONS.filter(name =>
  CONSUMED_QUEUES.some((queue: ConsumedQueue) => CONSUMERS[queue].by === name),
)

/** What the stack deployed: the outputs `Version` and `ConfigDigest`. `configText`: of the file at hand. */
export function deployedCheck(
  outputs: { readonly [name: string]: string },
  local: { readonly version: string; readonly configText: string },
): readonly Check[] {
  const { Version: version, ConfigDigest: digest } = outputs
  const versions =
    version === undefined
      ? failedCheck(
          'deployed',
          'rolemedic-bot does not say its version: it is older than this command: deploy it again',
        )
      : version === local.version
        ? okCheck('deployed', `version ${version}`)
        : failedCheck(
            'deployed',
            `rolemedic-bot has version ${version}, this command is ${local.version}: use the same`,
          )
  if (digest === undefined) return [versions]
  const isOf = (text: string) => digestsOf(text, local.version).some(one => digest.includes(one))
  const unixText = local.configText.replaceAll('\r\n', '\n')
  const next = `(${digest.split('/').at(-1)}): deploy this one, or give the deployed one with --config`
  return [
    versions,
    isOf(local.configText)
      ? okCheck('deployed', 'the configuration is the one at hand')
      : failedCheck(
          'deployed',
          [unixText, unixText.replaceAll('\n', '\r\n')].some(isOf)
            ? `the configuration of the bot differs from the file at hand only in line ends, which are part of its digest ${next}`
            : `the bot runs another configuration than the file at hand ${next}`,
        ),
  ]
}

/** Of the text, as the CDK deploys it, and of its archive, which a released template takes. */
function digestsOf(text: string, version: string): readonly string[] {
  const packed = packConfig(text, version)
  return [configDigestOf(text), ...(packed.ok ? [packed.value.name] : [])]
}
