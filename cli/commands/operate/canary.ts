/** Sends a harmless denial through the deployed bot. */
import { neutralText, UsageError } from '../../../core/base/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import type { Io } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import { CONFIG, described, HUB_PROFILE, JSON_FORM, TABLE } from '../../options.ts'
import type { CanaryOutput } from '../../outputs/canary.ts'
import { deploymentFiles, SETTINGS } from '../../use-cases/doctor/doctor.ts'
import { CONFIG_FILE } from '../../use-cases/read-config.ts'

const DEFAULT_WAIT_MINUTES = 20
const MAX_WAIT_MINUTES = 60

const OPTIONS = {
  member: {
    type: 'string',
    multiple: true,
    value: 'ID',
    about: 'only this account, also that of the bot; may be repeated',
  },
  role: { type: 'string', value: 'NAME', about: 'role to assume in every other account' },
  wait: {
    type: 'string',
    value: 'MINUTES',
    about: `how long to wait for it; default ${DEFAULT_WAIT_MINUTES}`,
  },
  settings: { type: 'string', value: 'FILE', about: `the settings of the deployment; default ${SETTINGS}` },
  config: described(CONFIG, `the configuration; default: the one that the settings name, ${CONFIG_FILE}`),
  profile: HUB_PROFILE,
  table: described(TABLE, 'the table of the deployment; default rolemedic'),
  json: JSON_FORM,
} as const satisfies Options

export const canaryCommand = defineCommand({
  name: 'canary',
  usage: [['rolemedic canary [--member ID]... [--role NAME] [--wait MINUTES] [--profile P] …', '']],
  about: [
    'Assumes a role that does not exist, in each account and Region, and follows the denial through the bot, hop by hop: event history, rule, queue, occurrence, analysis, and card or digest. If it does not arrive, it says which hop lost it.',
    'The denial is harmless: nothing is allowed, and nobody has to do anything about its card, which says that there is no such role. Where an account is only observed, it is counted in the digest of the day.',
    'It uses your own AWS credentials in the account of the bot, and the role --role in every other. Besides sts:AssumeRole they need cloudtrail:LookupEvents, cloudwatch:GetMetricStatistics and, in the account of the bot, dynamodb:GetItem and dynamodb:Query on the table.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic canary --profile hub-operator --role SecurityAudit',
      about: 'every account and Region that is expected or was heard',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'each arrived'],
    [1, 'one was lost: the output says where'],
    [2, 'usage, no AWS credentials, or settings that cannot be read'],
  ],
  outputs: ['canary'],
  takes: 0,
  ask({ values: { member: accounts, role, wait, settings, config, profile, table, json } }) {
    const wrong = accounts.find(one => !/^\d{12}$/.test(one))
    if (wrong !== undefined) throw new UsageError(`--member ${wrong}: an account id has 12 digits`)
    const waitMinutes = wait === null ? DEFAULT_WAIT_MINUTES : Number(wait)
    if (!Number.isInteger(waitMinutes) || waitMinutes < 1 || waitMinutes > MAX_WAIT_MINUTES)
      throw new UsageError(`--wait takes 1 to ${MAX_WAIT_MINUTES} minutes`)
    return { files: { settings, config }, accounts, role, waitMinutes, profile, table: table ?? 'rolemedic', json }
  },
  async answer({ files, json, ...question }, io) {
    const { settings, config } = await deploymentFiles(files, io)
    const { runCanaries } = await import('../../use-cases/canary/all-canaries.ts')
    const output = await runCanaries({ ...question, settings, config }, io)
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(textOf(output, io))
    return output.canaries.every(({ lost }) => lost === null) ? 0 : 1
  },
})

const WORDS = { passed: 'ok', lost: 'LOST', 'not-reached': '' } as const

function textOf({ canaries }: CanaryOutput, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  return canaries
    .map(({ accountId, region, hops, lost }) => {
      const head = `${accountId} ${region}: ${lost === null ? 'arrived' : `lost at: ${lost}`}`
      const lines = hops
        .filter(({ outcome }) => outcome !== 'not-reached')
        .map(({ hop, outcome, seconds, detail }) => {
          const time = seconds === null ? '' : `${seconds} s`
          return `  ${WORDS[outcome].padEnd(6)}${hop.padEnd(15)}${time.padEnd(8)}${neutralText(detail, 500)}\n`
        })
      return `${bold(head)}\n${lines.join('')}`
    })
    .join('')
}
