import { ALL_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { EXIT_CODES, type Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonText } from '../../json-text.ts'
import { described, JSON_FORM } from '../../options.ts'

const OPTIONS = {
  json: described(JSON_FORM, 'accepted, as the output is always JSON'),
} as const satisfies Options

export const patternsCommand = defineCommand({
  name: 'patterns',
  usage: [['rolemedic patterns [--json]', '']],
  about: [
    'The EventBridge patterns that the stacks deploy, always as JSON: one per rule, by name. The rules for denials must be in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, because denials of sts:AssumeRole are read-only events. Rules whose names end in -failed match failed deploys; heartbeat brings what each account and Region sends every 15 minutes.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [{ run: 'rolemedic patterns', about: 'all patterns', notRun: null }],
  exitCodes: EXIT_CODES,
  outputs: ['patterns'],
  takes: 0,
  ask: () => null,
  async answer(_, io) {
    io.data(`${jsonText(ALL_PATTERNS, 2)}\n`)
    return 0
  },
})
