/** What the deployment passes to a function: environment variables, and the configuration next to its bundle. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseJsonText, RolemedicError } from '../../../core/base/index.ts'
import { type BotConfig, botConfigSchema } from '../../domain/config/index.ts'

/** Reads required variables. If any are missing, the cold start fails with one line that names them all. */
export function environment<const Name extends string>(
  env: NodeJS.ProcessEnv,
  names: readonly Name[],
): { readonly [name in Name]: string } {
  const missing = names.filter(name => !env[name])
  if (missing.length > 0)
    throw new RolemedicError('environment', `missing environment variables: ${missing.join(', ')}`)
  return Object.fromEntries(names.map(name => [name, env[name]])) as { [name in Name]: string }
}

/** Throws where it cannot be read. */
export function configFile(path: string): BotConfig {
  let json: unknown
  try {
    json = parseJsonText(path, readFileSync(resolve(path), 'utf8'))
  } catch (cause) {
    throw new RolemedicError('config', `${path}: ${(cause as Error).message}`, { cause })
  }
  const parsed = botConfigSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(issue => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new RolemedicError('config', `${path}: ${errors.join('; ')}`, { cause: parsed.error })
}
