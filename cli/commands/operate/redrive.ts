/** Moves dead letters back, and says which nobody can move. */

import { neutralText, never } from '../../../core/base/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import type { Io } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import { HUB_PROFILE, HUB_REGION, JSON_FORM } from '../../options.ts'
import type { RedriveOutput } from '../../outputs/redrive.ts'

const OPTIONS = { profile: HUB_PROFILE, region: HUB_REGION, json: JSON_FORM } as const satisfies Options

export const redriveCommand = defineCommand({
  name: 'redrive',
  usage: [['rolemedic redrive [QUEUE] [--profile P] [--region R] [--json]', '']],
  about: [
    'Moves the messages of the dead-letter queues back to the queues that they came from, once the cause is fixed: a message that comes twice is counted once. Says of each queue how many waited.',
    'Those of verify, write and outcome stay: only the bot may send to their queues, and it asks for that work again by itself. What EventBridge could not deliver stays too, as SQS moves back only what came from a queue.',
    'It needs what the role platform-operates-rolemedic may do.',
  ],
  operands: [['QUEUE', 'one dead-letter queue, as the alarm names it; default: all']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic redrive --profile hub-operator --region eu-west-1',
      about: 'all dead letters that can go back',
      notRun: 'needs AWS credentials',
    },
    {
      run: 'rolemedic redrive rolemedic-intake-dead --profile hub-operator --region eu-west-1',
      about: 'those of one queue',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'nothing waits, or all that waits is being moved back'],
    [1, 'messages are left, or AWS refused something: the output says which and why'],
    [2, 'usage, no AWS credentials, or no queue of rolemedic there'],
  ],
  outputs: ['redrive'],
  takes: 1,
  ask: ({ values: { profile, region, json }, positionals: [queue = null] }) => ({ queue, profile, region, json }),
  async answer({ queue, profile, region, json }, io) {
    const { isQueueDone, redriveQueues } = await import('../../use-cases/operate/redrive-queues.ts')
    const { liveQueues } = await import('../../live/operator-queues.ts')
    const output = await redriveQueues(queue, await liveQueues({ profile, region }, io))
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(textOf(output, io))
    return output.queues.every(isQueueDone) ? 0 : 1
  },
})

function textOf({ region, queues }: RedriveOutput, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  const waiting = queues.filter(({ outcome }) => outcome !== 'empty')
  if (waiting.length === 0) return `No dead letters in ${neutralText(region)}.\n`
  return `${waiting.map(one => `${bold(one.queue)}: ${wordsOf(one)}`).join('\n')}\n`
}

function wordsOf({ messages, outcome, why }: RedriveOutput['queues'][number]): string {
  const because = neutralText(why ?? '', 1_000)
  switch (outcome) {
    case 'empty':
      return 'empty'
    case 'moving':
      return `${messages}, being moved back`
    case 'left':
      return `${messages}, left: ${because}`
    case 'refused':
      return `${messages}, not moved: ${because}`
    case 'unread':
      return `not known: ${because}`
    default:
      return never(outcome)
  }
}
