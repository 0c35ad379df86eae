/** `npm run synth`, which the CDK CLI also runs (`cdk.json`): bundles the functions, then writes the templates. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from '../core/base/index.ts'
import {
  type BotConfig,
  configDigestOf,
  parseDeployedConfig,
  SAMPLE_WARNING,
} from '../functions/domain/config/index.ts'
import { type AccessTemplate, accessTable } from './access-table.ts'
import { rolemedic } from './app.ts'
import { bundleAll } from './bundle.ts'
import { PREFIX } from './names.ts'
import { rollOutFiles } from './roll-out.ts'
import { missingGlobalRegion, readSettings, unknownRegions } from './settings.ts'
import type { Bundles } from './stacks/bot.ts'

const root = resolve(import.meta.dirname, '..')

const HELP = `npm run synth -- [--settings FILE] [--out FOLDER]

Bundles the functions and writes the templates of the stacks. It needs no credentials and changes nothing in AWS.

  --settings FILE   default: rolemedic.deploy.json, or what ROLEMEDIC_SETTINGS names
  --out FOLDER      default: cdk.out
`

try {
  const { help, ...given } = options()
  if (help) process.stdout.write(HELP)
  else await synth(given)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

type Given = { readonly settings?: string | undefined; readonly out?: string | undefined }

async function synth(values: Given): Promise<void> {
  const settingsPath = values.settings ?? process.env['ROLEMEDIC_SETTINGS'] ?? join(root, 'rolemedic.deploy.json')
  const settings = readSettings(settingsPath)
  const configPath = resolve(settingsPath, '..', settings.config)
  const { config, text } = readConfig(configPath)
  // The CDK CLI sets where it expects the templates.
  const outdir = resolve(values.out ?? process.env['CDK_OUTDIR'] ?? join(root, 'cdk.out'))
  const bundles = await bundleAll(join(outdir, 'bundles'), configPath)
  const folders = Object.fromEntries(bundles.map(({ name, folder }) => [name, folder])) as Bundles
  const { app } = rolemedic(
    { settings, config, configDigest: configDigestOf(text), bundles: folders, version: version() },
    { outdir },
  )
  const assembly = app.synth()
  // A failed validation has set the exit code and written its report.
  if (process.exitCode) return
  const sizes = bundles.map(({ name, bytes }) => `${name} ${Math.ceil(bytes / 1024)} KiB`)
  process.stdout.write(`templates in ${outdir}; bundles: ${sizes.join(', ')}\n`)
  const bot = assembly.stacks.find(({ stackName }) => stackName === `${PREFIX}-bot`)
  const access = accessTable((bot?.template ?? {}) as AccessTemplate)
  writeFileSync(join(outdir, 'access.txt'), access)
  process.stdout.write(`who may sign, verify, and reach which items (access.txt):\n${access}`)
  const rollOut = Object.entries(rollOutFiles(settings, relative(process.cwd(), outdir) || '.'))
  for (const [file, text] of rollOut) writeFileSync(join(outdir, file), text)
  if (rollOut.length > 0)
    process.stdout.write(`for the roll-out, in ${outdir}: ${rollOut.map(([file]) => file).join(', ')}\n`)
  const global = missingGlobalRegion(settings)
  if (global !== null)
    process.stdout.write(`denials of IAM's own calls are in ${global}: add it to "otherRegions" in ${settingsPath}\n`)
  for (const doubt of unknownRegions(settings)) process.stdout.write(`${settingsPath}: ${doubt}\n`)
  if (settings.runbook === null) process.stdout.write(`${noRunbook(settingsPath)}\n`)
}

function noRunbook(settingsPath: string): string {
  return `alarms name docs/runbooks.md and link to nothing: set "runbook" in ${settingsPath} to the address of your copy`
}

function options(): Given & { readonly help?: boolean | undefined } {
  try {
    const help = { type: 'boolean', short: 'h' } as const
    return parseArgs({ options: { settings: { type: 'string' }, out: { type: 'string' }, help } }).values
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split('\n')[0]} It takes --settings FILE and --out FOLDER.`, {
      cause,
    })
  }
}

/** The CDK CLI deploys the result, so it must not contain anything of the sample. */
function readConfig(path: string): { readonly config: BotConfig; readonly text: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`${path}: the bot's configuration cannot be read`, { cause })
  }
  const parsed = parseDeployedConfig(text)
  if (!parsed.ok) throw new UsageError(`${path}: ${parsed.error.join('; ')}`)
  const { config, isSample } = parsed.value
  if (isSample && process.env['CDK_OUTDIR'] !== undefined) throw new UsageError(`${path}: ${SAMPLE_WARNING}`)
  if (isSample) process.stderr.write(`${path}: warning: ${SAMPLE_WARNING}\n`)
  return { config, text }
}

function version(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  return version
}
