/** Whether a deployment is in order, as far as its files tell: nothing is asked of AWS or Slack. */
import { RolemedicError } from '../../functions/domain/base/errors.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { configWarnings, parseConfig } from '../../functions/domain/config/check-config.ts'
import { factsReadOn } from '../../functions/domain/denial/passed-service/passed-service.ts'
import { parseSettings } from '../../infra/settings.ts'
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
  config: { type: 'string', value: 'FILE', about: `the configuration; default ${CONFIG}` },
  json: { type: 'boolean', about: 'machine-readable output' },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'doctor',
  usage: [['rolemedic doctor [--settings FILE] [--config FILE] [--json]', '']],
  about: [
    `Checks the settings and the configuration, and whether the facts about AWS's services are older than ${MAX_AGE_DAYS} days. One line per check. It reads files only, and asks nothing of AWS or Slack.`,
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [{ run: 'rolemedic doctor', about: 'the files in the current folder', notRun: null }],
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
  const checks: readonly Check[] = [
    ...(await settingsChecks(values.settings ?? SETTINGS, io)),
    ...(await configChecks(values.config ?? CONFIG, io)),
    factsCheck(factsReadOn(), io.nowMs()),
  ]
  const output: DoctorOutput = { schema: 'rolemedic.doctor/1', checks: [...checks] }
  io.out(values.json === true ? `${jsonText(output)}\n` : checks.map(one => lineOf(one, io)).join(''))
  return checks.some(({ status }) => status === 'failed') ? 1 : 0
}

async function settingsChecks(file: string, io: Io): Promise<readonly Check[]> {
  const read = await textOf('settings', file, io)
  if (typeof read !== 'string') return [read]
  try {
    const { slack } = parseSettings(JSON.parse(read), file)
    const sample = [slack.appId, slack.teamId, slack.enterpriseId].find(id => id !== undefined && /^.0+$/.test(id))
    if (sample === undefined) return [{ name: 'settings', status: 'ok', detail: file }]
    const detail = `${file}: ${sample} is the id of the sample: no press in Slack counts until it is yours`
    return [{ name: 'settings', status: 'warning', detail }]
  } catch (error) {
    const why = error instanceof SyntaxError ? `${file}: not JSON: ${error.message}` : (error as Error).message
    return [{ name: 'settings', status: 'failed', detail: why }]
  }
}

async function configChecks(file: string, io: Io): Promise<readonly Check[]> {
  const read = await textOf('configuration', file, io)
  if (typeof read !== 'string') return [read]
  const config = parseConfig(read)
  if (!config.ok)
    return config.error.map(error => ({ name: 'configuration', status: 'failed', detail: `${file}: ${error}` }))
  const warnings = configWarnings(config.value)
  if (warnings.length === 0) return [{ name: 'configuration', status: 'ok', detail: file }]
  return warnings.map(warning => ({ name: 'configuration', status: 'warning', detail: `${file}: ${warning}` }))
}

/** `readOn`: a day, such as `2026-11-25`. */
export function factsCheck(readOn: string, nowMs: number): Check {
  const days = Math.max(0, Math.floor((nowMs - Date.parse(readOn)) / DAY_MS))
  const age = `read from AWS's pages on ${readOn}, ${days} days ago`
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

function lineOf({ name, status, detail }: Check, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  return `${bold(status.padEnd(8))}${name.padEnd(14)}${neutralText(detail)}\n`
}
