/** The configuration as the archive that the released templates take. */
import { createHash } from 'node:crypto'
import type { Result } from '../../core/base/index.ts'
import {
  configWarnings,
  parseDeployedConfig,
  SAMPLE_WARNING,
  WRITE_CONFIG_FILE,
  writeConfigText,
} from '../../functions/domain/config/index.ts'
import { zipArchive } from '../files/zip-archive.ts'
import { CONFIG_FILE } from './read-config.ts'

export type PackedConfig = {
  /** Names the version that checked it, and its own digest: the templates of that version take no other name. */
  readonly name: string
  readonly archive: Uint8Array
  readonly warnings: readonly string[]
}

const DIGEST_CHARS = 12

/**
 * The errors of the configuration, each with its place in the file, as this version of the functions would find them. The text is packed as it is, with what `write`, which cannot parse
 * it, needs of it.
 */
export function packConfig(text: string, version: string): Result<PackedConfig, readonly string[]> {
  const parsed = parseDeployedConfig(text)
  if (!parsed.ok) return parsed
  const { config, isSample } = parsed.value
  if (isSample) return { ok: false, error: [SAMPLE_WARNING] }
  const archive = zipArchive([
    { name: CONFIG_FILE, content: Buffer.from(text) },
    { name: WRITE_CONFIG_FILE, content: Buffer.from(writeConfigText(text, config)) },
  ])
  const digest = createHash('sha256').update(archive).digest('hex').slice(0, DIGEST_CHARS)
  const warnings = configWarnings(config, { isSample })
  return { ok: true, value: { name: `rolemedic-config-${version}-${digest}.zip`, archive, warnings } }
}
