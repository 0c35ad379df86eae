/** Stops granting, and lets it go on again. */

import { neutralText, UsageError } from '../../../core/base/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import type { Io } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import { HUB_PROFILE, HUB_REGION, JSON_FORM } from '../../options.ts'
import type { StopOutput } from '../../outputs/stop.ts'
import { docsPage } from '../../version.ts'

const MAX_REASON_CHARS = 200

const PLACE = { profile: HUB_PROFILE, region: HUB_REGION } as const satisfies Options
const ROLE = 'It needs what the role platform-operates-rolemedic may do.'

const NOT_STOPPED = `granting is not stopped, as far as is known (disabling the queue of write stops every write: ${docsPage('runbooks.md')})`

export const stopCommand = defineCommand({
  name: 'stop',
  usage: [['rolemedic stop [--reason TEXT] [--profile P] [--region R] [--json]', '']],
  about: [
    'Stops granting: nothing that people approve is written to IAM until rolemedic resume. Cards still come, and decisions are taken. What is approved meanwhile is written after resume, if that is within 24 hours of the approval and all is as it was approved; else it ends with a new card. Reverts and ends go on.',
    'What write has already begun is ended. Each card that waits says who stopped granting, and since when.',
    ROLE,
  ],
  operands: [],
  subcommands: [],
  options: {
    reason: { type: 'string', value: 'TEXT', about: `why, in at most ${MAX_REASON_CHARS} characters` },
    ...PLACE,
    json: JSON_FORM,
  },
  examples: [
    {
      run: 'rolemedic stop --reason "incident 4711" --profile hub-operator --region eu-west-1',
      about: 'nothing is granted any more',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'granting is stopped'],
    [2, 'usage, no AWS credentials, or AWS refused it'],
  ],
  outputs: ['stop'],
  takes: 0,
  ask({ values: { reason, profile, region, json } }) {
    if (reason !== null && reason.length > MAX_REASON_CHARS)
      throw new UsageError(`--reason has ${reason.length} characters, at most ${MAX_REASON_CHARS} are kept`)
    return { reason, profile, region, json }
  },
  async answer({ reason, profile, region, json }, io) {
    const { stopGranting } = await import('../../use-cases/operate/stop-granting.ts')
    const { liveHub } = await import('../../live/hub-store.ts')
    try {
      print(await stopGranting(reason, await liveHub({ profile, region }, io), io.nowMs()), json, io)
    } catch (cause) {
      throw new UsageError(`${NOT_STOPPED}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
    return 0
  },
})

export const resumeCommand = defineCommand({
  name: 'resume',
  usage: [['rolemedic resume [--profile P] [--region R] [--json]', '']],
  about: [
    'Lets granting go on after rolemedic stop. What was approved meanwhile is looked at again and written within about five minutes, or ends with a new card if that is no longer right.',
    ROLE,
  ],
  operands: [],
  subcommands: [],
  options: { ...PLACE, json: JSON_FORM },
  examples: [
    {
      run: 'rolemedic resume --profile hub-operator --region eu-west-1',
      about: 'what is approved is written again',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'granting goes on'],
    [2, 'usage, no AWS credentials, or AWS refused it'],
  ],
  outputs: ['stop'],
  takes: 0,
  ask: ({ values: { profile, region, json } }) => ({ profile, region, json }),
  async answer({ profile, region, json }, io) {
    const { resumeGranting } = await import('../../use-cases/operate/stop-granting.ts')
    const { liveHub } = await import('../../live/hub-store.ts')
    print(await resumeGranting(await liveHub({ profile, region }, io)), json, io)
    return 0
  },
})

const print = (output: StopOutput, json: boolean, io: Io): void =>
  json ? io.data(`${jsonText(output)}\n`) : io.out(textOf(output, io))

function textOf({ region, isStopped, isChanged, stop }: StopOutput, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  const head = isStopped
    ? isChanged
      ? 'Granting is stopped'
      : 'Granting was stopped already'
    : isChanged
      ? 'Granting goes on'
      : 'Granting was not stopped'
  const because = stop?.reason == null ? '' : ` (${neutralText(stop.reason, MAX_REASON_CHARS)})`
  const who = stop === null ? '' : `\n  stopped by ${neutralText(stop.by, 200)}, ${neutralText(stop.since)}${because}`
  const next = isStopped ? '\n  Reverts and ends go on. rolemedic resume lets granting go on.' : ''
  return `${bold(`${head} in ${neutralText(region)}.`)}${who}${next}\n`
}
