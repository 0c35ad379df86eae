/** A configuration from a file. Brings the YAML parser along, which most starts do without: imported where there is a file. */
import { UsageError } from '../../core/base/index.ts'
import { type Config, parseConfig } from '../../functions/domain/config/index.ts'

/** Throws UsageError with every error of the file. */
export function configOfText(text: string, file: string): Config {
  const config = parseConfig(text)
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}
