import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { RolemedicError } from '../../domain/base/errors.ts'
import { type Config, configSchema } from '../../domain/config/config.ts'
import { parseJsonText } from './json-file.ts'

/**
 * The configuration that was deployed beside the bundle; synthesis has explained what was wrong with it. One that cannot be
 * read all the same stops the cold start: there is no default for who may approve.
 */
export function configFile(path: string): Config {
  try {
    return configSchema.parse(parseJsonText(path, readFileSync(resolve(path), 'utf8')))
  } catch (cause) {
    throw new RolemedicError('config', `${path}: ${(cause as Error).message}`, { cause })
  }
}
