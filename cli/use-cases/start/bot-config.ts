import { existsSync } from 'node:fs'
import { UsageError } from '../../../core/base/index.ts'
import { type BotConfig, parseBotConfig } from '../../../functions/domain/config/index.ts'
import { SAMPLE_CONFIG } from '../../../simulator/sample-records.ts'
import { CONFIG_FILE } from '../read-config.ts'
import type { UseCaseWorld } from '../world.ts'

/** Null: the file in the current folder, or else the sample configuration with the sample users. Throws UsageError. */
export async function readBotConfig(
  named: string | null,
  { readFile }: Pick<UseCaseWorld, 'readFile'>,
): Promise<BotConfig> {
  const file = named ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : SAMPLE_CONFIG)
  const config = parseBotConfig(await readFile(file))
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}
