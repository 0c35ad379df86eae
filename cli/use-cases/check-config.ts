/** Whether a configuration can be deployed. */
import type { Result } from '../../core/base/index.ts'
import { type BotConfig, configWarnings, parseDeployedConfig } from '../../functions/domain/config/index.ts'

export type CheckedConfig = {
  /** Includes the defaults. */
  readonly config: BotConfig
  readonly warnings: readonly string[]
  /** What changed since earlier versions, as far as the file does not say what it wants. */
  readonly notes: readonly string[]
}

/** Errors name their place in the file. */
export function checkConfig(text: string): Result<CheckedConfig, readonly string[]> {
  const parsed = parseDeployedConfig(text)
  if (!parsed.ok) return parsed
  const { config, isSample, notes } = parsed.value
  return { ok: true, value: { config, warnings: configWarnings(config, { isSample }), notes } }
}
