/** Whether a configuration can be deployed. */
import type { Result } from '../../core/base/index.ts'
import { type BotConfig, configWarnings, parseDeployedConfig } from '../../functions/domain/config/index.ts'

export type CheckedConfig = {
  /** With the defaults filled in. */
  readonly config: BotConfig
  readonly warnings: readonly string[]
}

/** The errors name their place in the file. */
export function checkConfig(text: string): Result<CheckedConfig, readonly string[]> {
  const parsed = parseDeployedConfig(text)
  if (!parsed.ok) return parsed
  const { config, isSample } = parsed.value
  return { ok: true, value: { config, warnings: configWarnings(config, { isSample }) } }
}
