import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../core/config/config.ts'
import { parseConfig } from '../core/config/config-check.ts'
import { RolemedicError } from '../core/errors.ts'

/** The configuration that was deployed beside the bundle. One that cannot be read stops the cold start: there is no default for who may approve. */
export function configFile(path: string): Config {
  const config = parseConfig(readFileSync(resolve(path), 'utf8'))
  if (!config.ok) throw new RolemedicError('config', `${path}: ${config.error.join('; ')}`)
  return config.value
}
