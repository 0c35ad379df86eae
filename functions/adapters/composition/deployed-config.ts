/**
 * The configuration of the deployment; where it cannot be read, the last one that `sweep` could. Nothing is granted under that one: `verify` asks
 * `write` for nothing, and `write` has the digest of its own deployment.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BotConfig, configDigestOf, parseBotConfig } from '../../domain/config/index.ts'
import { LAST_CONFIG } from '../../domain/stored/index.ts'
import type { Observer } from '../../ports/observer.ts'
import { cloudStore } from './cloud-store.ts'
import { configFile, environment } from './environment.ts'

/** Why the deployed one cannot be read, and since when the other one was known to be good. */
export type UnreadConfig = { readonly why: string; readonly lastGoodMs: number }
export type RunningConfig = {
  readonly config: BotConfig
  readonly text: string
  readonly digest: string
  /** Null: it is the deployed one. */
  readonly unread: UnreadConfig | null
}

/** Rejects where there is no good one either: there is no default for approvers and channel. */
export async function deployedConfig(env: NodeJS.ProcessEnv, observer: Observer): Promise<RunningConfig> {
  const { CONFIG_FILE: path, TABLE_NAME: tableName } = environment(env, ['CONFIG_FILE', 'TABLE_NAME'])
  try {
    const config = configFile(path)
    const text = readFileSync(resolve(path), 'utf8')
    return { config, text, digest: configDigestOf(text), unread: null }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    observer.log('error', 'config_unread', { error: why })
    const last = await cloudStore({ tableName, observer })
      .getMarker(LAST_CONFIG)
      .catch(() => null)
    const parsed = last === null ? null : parseBotConfig(last.value.text)
    if (last === null || parsed?.ok !== true) throw error
    const { text, goodMs } = last.value
    return { config: parsed.value, text, digest: configDigestOf(text), unread: { why, lastGoodMs: goodMs } }
  }
}
