import { type Config, DEFAULT_CONFIG } from '../../functions/domain/config/index.ts'
import type { UseCaseWorld } from './world.ts'

/** The default file of commands that work on a deployment or run a bot. */
export const CONFIG_FILE = 'rolemedic.config.json'

/** Null: the default settings. Throws UsageError with every error of the file. */
export async function readConfig(file: string | null, { readFile }: Pick<UseCaseWorld, 'readFile'>): Promise<Config> {
  if (file === null) return DEFAULT_CONFIG
  const { configOfText } = await import('./config-of-text.ts')
  return configOfText(await readFile(file), file)
}
