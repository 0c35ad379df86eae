import { UsageError } from '../functions/domain/base/errors.ts'
import { parseConfig } from '../functions/domain/config/check-config.ts'
import { DEFAULT_CONFIG } from '../functions/domain/config/config.ts'
import type { Io } from './io.ts'

export async function readConfig(file: string | null, io: Io) {
  if (file === null) return DEFAULT_CONFIG
  const config = parseConfig(await io.readFile(file))
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}
