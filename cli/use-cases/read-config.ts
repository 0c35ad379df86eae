import { UsageError } from '../../core/base/index.ts'
import { DEFAULT_CONFIG, parseConfig } from '../../functions/domain/config/index.ts'
import type { UseCaseWorld } from './world.ts'

/** The default file of commands that work on a deployment or run a bot. */
export const CONFIG_FILE = 'rolemedic.config.json'

/** Null: the default settings. Throws UsageError with every error of the file. */
export async function readConfig(file: string | null, { readFile }: Pick<UseCaseWorld, 'readFile'>) {
  if (file === null) return DEFAULT_CONFIG
  const config = parseConfig(await readFile(file))
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}
