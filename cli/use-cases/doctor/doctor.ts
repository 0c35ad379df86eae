/** Checks a deployment by its files and, with `live`, by asking AWS and Slack. */

import { dirname, isAbsolute, join } from 'node:path'
import { plural, RolemedicError, UsageError } from '../../../core/base/index.ts'
import { factsReadOn } from '../../../core/denial/index.ts'
import { personOfCaller } from '../../../functions/domain/authority/index.ts'
import { type BotConfig, CHAT_NAME } from '../../../functions/domain/config/index.ts'
import { sampleIdIn } from '../../../infra/chat.ts'
import { type DeploySettings, parseSettings, settingsIn, unknownRegions } from '../../../infra/settings.ts'
import type { DoctorOutput } from '../../outputs/doctor.ts'
import { docsPage } from '../../version.ts'
import { checkConfig } from '../check-config.ts'
import { CONFIG_FILE } from '../read-config.ts'
import type { UseCaseWorld } from '../world.ts'
import { isOfTerraform, settingsOfTerraform } from './terraform-settings.ts'

export const SETTINGS = 'rolemedic.deploy.json'
export const MAX_AGE_DAYS = 90
const DAY_MS = 86_400_000

type Check = DoctorOutput['checks'][number]

/** Null: the default of each. */
export type LiveLook = { readonly profile: string | null; readonly role: string | null; readonly table: string | null }

export type DoctorQuestion = {
  readonly settings: string | null
  /** Null: the file that the settings name. */
  readonly config: string | null
  /** Null: checks only files. */
  readonly live: LiveLook | null
}

export async function checkDeployment(question: DoctorQuestion, world: UseCaseWorld): Promise<DoctorOutput> {
  const settingsFile = question.settings ?? SETTINGS
  const settings = await readSettings(settingsFile, world)
  const config = await readConfig(question.config ?? configFileOf(settingsFile, settings.value), world)
  const fileChecks = [
    ...settings.checks,
    ...config.checks,
    ...passkeyCheck(config.value),
    factsCheck(factsReadOn(), world.nowMs()),
  ]
  const { live } = question
  const answers =
    live === null
      ? []
      : settings.value !== null && config.value !== null
        ? await askAll(settings.value, config.value, live, world)
        : [NOT_ASKED]
  return { schema: 'rolemedic.doctor/1', checks: [...fileChecks, ...answers] }
}

/** The settings and the configuration of a deployment. Throws UsageError for those that `doctor` would call failed. */
export async function deploymentFiles(
  question: Pick<DoctorQuestion, 'settings' | 'config'>,
  world: UseCaseWorld,
): Promise<{ readonly settings: DeploySettings; readonly config: BotConfig }> {
  const settings = await readSettings(question.settings ?? SETTINGS, world)
  const config = await readConfig(question.config ?? configFileOf(question.settings ?? SETTINGS, settings.value), world)
  if (settings.value !== null && config.value !== null) return { settings: settings.value, config: config.value.config }
  const wrong = [...settings.checks, ...config.checks].filter(({ status }) => status === 'failed')
  throw new UsageError(wrong.map(({ detail }) => detail).join('; '))
}

const NOT_ASKED: Check = {
  name: 'live',
  status: 'warning',
  detail: `AWS and ${CHAT_NAME} were not asked: first correct what failed above`,
}

/** Resolved like in the synthesis: relative to the settings file. */
const configFileOf = (settingsFile: string, settings: DeploySettings | null): string =>
  settings === null
    ? CONFIG_FILE
    : isAbsolute(settings.config)
      ? settings.config
      : join(dirname(settingsFile), settings.config)

/** The AWS clients load only here. */
async function askAll(
  settings: DeploySettings,
  { config, text: configText }: ConfigAndText,
  { profile, role, table }: LiveLook,
  world: UseCaseWorld,
): Promise<readonly Check[]> {
  const { liveChecks } = await import('./live-checks.ts')
  return liveChecks({ settings, config, configText, profile, role, table: table ?? 'rolemedic' }, world)
}

type Read<T> = { readonly value: T | null; readonly checks: readonly Check[] }

async function readSettings(file: string, world: UseCaseWorld): Promise<Read<DeploySettings>> {
  const read = await textOf('settings', file, world)
  if (typeof read !== 'string') return { value: null, checks: [read] }
  try {
    const json: unknown = JSON.parse(read.replace(/^\uFEFF/, ''))
    const ofTerraform = settingsOfTerraform(json)
    if (ofTerraform === null && isOfTerraform(json)) throw new UsageError(`${file}: ${NO_MODULE}`)
    const value = ofTerraform === null ? settingsIn(read, file) : parseSettings(ofTerraform, file)
    const sample = sampleIdIn(value)
    const doubts = [
      ...(sample === undefined
        ? []
        : [`${sample} is the id of the sample: no press in ${CHAT_NAME} counts until it is yours`]),
      ...unknownRegions(value),
    ]
    return { value, checks: checksOf('settings', file, doubts) }
  } catch (error) {
    const why = error instanceof SyntaxError ? `${file}: not JSON: ${error.message}` : (error as Error).message
    return { value: null, checks: [{ name: 'settings', status: 'failed', detail: why }] }
  }
}

const NO_MODULE =
  'of Terraform, without rolemedic. Where a backend keeps the state: terraform output -json > outputs.json, with an output whose value is module.rolemedic.settings'

type ConfigAndText = { readonly config: BotConfig; readonly text: string }

async function readConfig(file: string, world: UseCaseWorld): Promise<Read<ConfigAndText>> {
  const read = await textOf('configuration', file, world)
  if (typeof read !== 'string') return { value: null, checks: [read] }
  const name = 'configuration'
  const parsed = checkConfig(read)
  if (!parsed.ok)
    return {
      value: null,
      checks: parsed.error.map(error => ({ name, status: 'failed', detail: `${file}: ${error}` })),
    }
  const { config, warnings } = parsed.value
  return { value: { config, text: read }, checks: checksOf(name, file, warnings) }
}

const checksOf = (name: string, file: string, doubts: readonly string[]): readonly Check[] =>
  doubts.length === 0
    ? [{ name, status: 'ok', detail: file }]
    : doubts.map(one => ({ name, status: 'warning', detail: `${file}: ${one}` }))

/** Without passkeys, a chat account is worth what its person may approve: a recommendation. With them, somebody has to enroll people. */
function passkeyCheck(value: ConfigAndText | null): readonly Check[] {
  if (value === null) return []
  const { approval, passkeys } = value.config
  const name = 'passkeys'
  const [first, ...others] = passkeys.administrators
  if (first !== undefined && others.length === 0 && isOneAdministrator(first, value.config))
    return [{ name, status: 'warning', detail: oneEnrolls(first) }]
  if (approval.passkey === 'off') return [{ name, status: 'ok', detail: OFF }]
  if (passkeys.administrators.length === 0) return [{ name, status: 'warning', detail: NOBODY_ENROLLS }]
  return [{ name, status: 'ok', detail: `approval.passkey is ${approval.passkey}` }]
}
const OFF = `approval.passkey is off: a stolen ${CHAT_NAME} session, or two, approves at every risk; recommended: elevated (${docsPage('passkeys.md')})`
const NOBODY_ENROLLS = `passkeys.administrators is empty: nobody can enroll the first people, nor remove a lost device (${docsPage('passkeys.md')})`
/** Of a role of Identity Center, each person is one. */
const isOneAdministrator = (name: string, people: BotConfig): boolean =>
  personOfCaller(`arn:aws:sts::000000000000:assumed-${name}/anyone`, people) === null
const oneEnrolls = (administrator: string): string =>
  `passkeys.administrators names ${administrator} alone, which is one administrator: the first people need two (${docsPage('passkeys.md')})`

/** `readOn`: a day, such as `2026-11-25`. */
function factsCheck(readOn: string, nowMs: number): Check {
  const days = Math.max(0, Math.floor((nowMs - Date.parse(readOn)) / DAY_MS))
  const age = `read from AWS's pages on ${readOn}, ${plural(days, 'day')} ago`
  return days > MAX_AGE_DAYS
    ? { name: 'facts', status: 'warning', detail: `${age}: install the latest version, or run "npm run facts"` }
    : { name: 'facts', status: 'ok', detail: age }
}

async function textOf(name: string, file: string, world: UseCaseWorld): Promise<string | Check> {
  try {
    return await world.readFile(file)
  } catch (error) {
    if (!(error instanceof RolemedicError)) throw error
    return { name, status: 'failed', detail: error.message }
  }
}
