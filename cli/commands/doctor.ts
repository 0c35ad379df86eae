/** Whether a deployment is in order: as far as its files tell, and with `--live` as AWS and Slack answer. */

import { dirname, isAbsolute, join } from 'node:path'
import { neutralText, plural, RolemedicError, UsageError } from '../../core/base/index.ts'
import { factsReadOn } from '../../core/denial/index.ts'
import { type BotConfig, configWarnings, parseDeployedConfig } from '../../functions/domain/config/index.ts'
import { type DeploySettings, parseSettings } from '../../infra/settings.ts'
import { ansiStyles } from '../ansi.ts'
import { type Description, helpText, type Options } from '../command.ts'
import type { Io } from '../io.ts'
import { jsonText } from '../json-text.ts'
import type { DoctorOutput } from '../outputs/doctor.ts'
import { parseArguments } from '../parse-arguments.ts'

type Check = DoctorOutput['checks'][number]

const SETTINGS = 'rolemedic.deploy.json'
const CONFIG = 'rolemedic.config.json'
const DAY_MS = 86_400_000
const MAX_AGE_DAYS = 90

const OPTIONS = {
  settings: { type: 'string', value: 'FILE', about: `the settings of the deployment; default ${SETTINGS}` },
  config: {
    type: 'string',
    value: 'FILE',
    about: `the configuration; default: the one that the settings name, ${CONFIG}`,
  },
  live: { type: 'boolean', about: 'asks AWS and Slack, with the ordinary AWS credentials, in the account of the bot' },
  profile: { type: 'string', value: 'P', about: 'profile of the AWS credentials' },
  role: {
    type: 'string',
    value: 'NAME',
    about: 'role to assume in every other account, such as a security audit role',
  },
  table: { type: 'string', value: 'NAME', about: 'the table of the deployment; default rolemedic' },
  json: { type: 'boolean', about: 'machine-readable output' },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'doctor',
  usage: [
    ['rolemedic doctor [--settings FILE] [--config FILE] [--json]', 'files only'],
    ['rolemedic doctor --live [--profile P] [--role NAME] [--table NAME] …', 'and what AWS and Slack answer'],
  ],
  about: [
    `Checks the settings and the configuration, and whether the facts about AWS's services are older than ${MAX_AGE_DAYS} days. One line per check. Without --live it reads files only, and asks nothing of AWS or Slack.`,
    'With --live: credentials, clock, secrets, Slack (token, scopes, channels), Organizations, and for each account and Region the heartbeat, the version, the trail (reads included), the rules with their targets and quota, and who is let into reader and writer role. It changes nothing and makes no call that is meant to be denied. docs/doctor.md lists the permissions that it needs.',
    'In other accounts than the one of the bot, it looks with --role. If the credentials may not read the bot token, give it as SLACK_BOT_TOKEN.',
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
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = parseArguments(args, OPTIONS, 'rolemedic doctor --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const isLive = values.live === true
  if (!isLive && (values.profile ?? values.role ?? values.table) !== undefined)
    throw new UsageError('--profile, --role and --table go with --live (rolemedic doctor --help)')
  const settingsFile = values.settings ?? SETTINGS
  const settings = await readSettings(settingsFile, io)
  const config = await readConfig(values.config ?? configFileOf(settingsFile, settings.value), io)
  const fileChecks = [...settings.checks, ...config.checks, factsCheck(factsReadOn(), io.nowMs())]
  const live =
    isLive && settings.value !== null && config.value !== null
      ? await askAll(settings.value, config.value, values, io)
      : isLive
        ? [NOT_ASKED]
        : []
  const checks = [...fileChecks, ...live]
  const output: DoctorOutput = { schema: 'rolemedic.doctor/1', checks }
  io.out(values.json === true ? `${jsonText(output)}\n` : linesOf(checks, io))
  return checks.some(({ status }) => status === 'failed') ? 1 : 0
}

const NOT_ASKED: Check = {
  name: 'live',
  status: 'warning',
  detail: 'AWS and Slack were not asked: first correct what failed above',
}

/** As the synthesis finds it: relative to the settings. */
const configFileOf = (settingsFile: string, settings: DeploySettings | null): string =>
  settings === null
    ? CONFIG
    : isAbsolute(settings.config)
      ? settings.config
      : join(dirname(settingsFile), settings.config)

type Given = {
  readonly profile?: string | undefined
  readonly role?: string | undefined
  readonly table?: string | undefined
}

/** The clients of AWS load only here. */
async function askAll(settings: DeploySettings, config: BotConfig, given: Given, io: Io): Promise<readonly Check[]> {
  const { liveChecks } = await import('../use-cases/doctor/live-checks.ts')
  const { profile = null, role = null, table = 'rolemedic' } = given
  return liveChecks({ settings, config, profile, role, table }, io)
}

type Read<T> = { readonly value: T | null; readonly checks: readonly Check[] }

async function readSettings(file: string, io: Io): Promise<Read<DeploySettings>> {
  const read = await textOf('settings', file, io)
  if (typeof read !== 'string') return { value: null, checks: [read] }
  try {
    const value = parseSettings(JSON.parse(read), file)
    const { slack } = value
    const sample = [slack.appId, slack.teamId, slack.enterpriseId].find(id => id !== undefined && /^.0+$/.test(id))
    if (sample === undefined) return { value, checks: [{ name: 'settings', status: 'ok', detail: file }] }
    const detail = `${file}: ${sample} is the id of the sample: no press in Slack counts until it is yours`
    return { value, checks: [{ name: 'settings', status: 'warning', detail }] }
  } catch (error) {
    const why = error instanceof SyntaxError ? `${file}: not JSON: ${error.message}` : (error as Error).message
    return { value: null, checks: [{ name: 'settings', status: 'failed', detail: why }] }
  }
}

async function readConfig(file: string, io: Io): Promise<Read<BotConfig>> {
  const read = await textOf('configuration', file, io)
  if (typeof read !== 'string') return { value: null, checks: [read] }
  const name = 'configuration'
  const parsed = parseDeployedConfig(read)
  if (!parsed.ok)
    return {
      value: null,
      checks: parsed.error.map(error => ({ name, status: 'failed', detail: `${file}: ${error}` })),
    }
  const { config, isSample } = parsed.value
  const warnings = configWarnings(config, { isSample })
  if (warnings.length === 0) return { value: config, checks: [{ name, status: 'ok', detail: file }] }
  const checks = warnings.map(one => ({ name, status: 'warning' as const, detail: `${file}: ${one}` }))
  return { value: config, checks }
}

/** `readOn`: a day, such as `2026-11-25`. */
export function factsCheck(readOn: string, nowMs: number): Check {
  const days = Math.max(0, Math.floor((nowMs - Date.parse(readOn)) / DAY_MS))
  const age = `read from AWS's pages on ${readOn}, ${plural(days, 'day')} ago`
  return days > MAX_AGE_DAYS
    ? { name: 'facts', status: 'warning', detail: `${age}: install the latest version, or run "npm run facts"` }
    : { name: 'facts', status: 'ok', detail: age }
}

async function textOf(name: string, file: string, io: Io): Promise<string | Check> {
  try {
    return await io.readFile(file)
  } catch (error) {
    if (!(error instanceof RolemedicError)) throw error
    return { name, status: 'failed', detail: error.message }
  }
}

/** Of a check that many accounts and Regions pass, one line is enough for a person. */
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
