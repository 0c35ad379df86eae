import { UsageError } from '../../core/base/index.ts'
import { DEFAULT_CONFIG, parseConfig } from '../../functions/domain/config/index.ts'
import type { Io } from '../io.ts'

export async function readConfig(file: string | null, io: Io) {
  if (file === null) return DEFAULT_CONFIG
  const config = parseConfig(await io.readFile(file))
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}
