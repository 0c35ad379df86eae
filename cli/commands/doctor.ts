/** Checks a deployment by its files and, with `--live`, by asking AWS and Slack. */

import { neutralText, UsageError } from '../../core/base/index.ts'
import { ansiStyles } from '../ansi.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import type { Io } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { CONFIG as CONFIG_OPTION, described, JSON_FORM, LIVE, PROFILE, TABLE } from '../options.ts'
import type { DoctorOutput } from '../outputs/doctor.ts'
import { checkDeployment, MAX_AGE_DAYS, SETTINGS } from '../use-cases/doctor/doctor.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'

type Check = DoctorOutput['checks'][number]

const OPTIONS = {
  settings: { type: 'string', value: 'FILE', about: `the settings of the deployment; default ${SETTINGS}` },
  config: described(CONFIG_OPTION, `the configuration; default: the one that the settings name, ${CONFIG_FILE}`),
  live: described(LIVE, 'asks AWS and Slack, with the ordinary AWS credentials, in the account of the bot'),
  profile: PROFILE,
  role: {
    type: 'string',
    value: 'NAME',
    about: 'role to assume in every other account, such as a security audit role',
  },
  table: described(TABLE, 'the table of the deployment; default rolemedic'),
  json: JSON_FORM,
} as const satisfies Options

export const doctorCommand = defineCommand({
  name: 'doctor',
  usage: [
    ['rolemedic doctor [--settings FILE] [--config FILE] [--json]', 'files only'],
    ['rolemedic doctor --live [--profile P] [--role NAME] [--table NAME] …', 'and what AWS and Slack answer'],
  ],
  about: [
    `Checks the settings and the configuration, and whether the facts about AWS's services are older than ${MAX_AGE_DAYS} days. One line per check. Without --live it reads files only, and asks nothing of AWS or Slack.`,
    'With --live: credentials, clock, stacks, functions with their queues, version and configuration, keys, alarms and who gets them, the address of Slack, secrets, Slack (token, scopes, channels, manifest), Organizations, the lock of the audit log, and for each account and Region the heartbeat, the version, the trail (reads included), the rules with their targets, quota and failed deliveries, SCPs in the way, and who is let into reader and writer role. It changes nothing and makes no call of AWS that is meant to be denied. docs/doctor.md lists the permissions that it needs.',
    'In other accounts than the one of the bot, it looks with --role. If the credentials may not read the bot token, give it as SLACK_BOT_TOKEN. The app is compared with its manifest if SLACK_CONFIG_TOKEN is given.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic doctor', about: 'the files in the current folder', notRun: null },
    {
      run: 'rolemedic doctor --live --role SecurityAudit',
      about: 'the whole deployment, before "enabled" is set to true',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'no check failed; there may be warnings'],
    [1, 'a check failed'],
    [2, 'usage'],
  ],
  outputs: ['doctor'],
  takes: 0,
  ask({ values: { settings, config, live, profile, role, table, json } }) {
    if (!live && (profile ?? role ?? table) !== null)
      throw new UsageError('--profile, --role and --table go with --live')
    return { settings, config, live: live ? { profile, role, table } : null, json }
  },
  async answer({ json, ...question }, io) {
    const output = await checkDeployment(question, io)
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(linesOf(output.checks, io))
    return output.checks.some(({ status }) => status === 'failed') ? 1 : 0
  },
})

/** If more accounts and Regions pass the same check, one line represents them. */
const MAX_ALIKE = 3

function linesOf(checks: readonly Check[], io: Io): string {
  const passed = Map.groupBy(
    checks.filter(({ status }) => status === 'ok'),
    ({ name }) => name,
  )
  const shown = new Set<string>()
  return checks
    .flatMap(check => {
      const alike = check.status === 'ok' ? (passed.get(check.name) ?? []) : []
      if (alike.length <= MAX_ALIKE) return [lineOf(check, io)]
      if (shown.has(check.name)) return []
      shown.add(check.name)
      return [lineOf({ ...check, detail: `${alike.length} times; ${check.detail}` }, io)]
    })
    .join('')
}

function lineOf({ name, status, detail }: Check, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  return `${bold(status.padEnd(8))}${name.padEnd(14)}${neutralText(detail)}\n`
}
