/** The folder of a bot that wrote one grant, as `rolemedic revert` reads it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DEPLOYMENT, RING } from '../../fakes/signing.ts'
import type { LeftByBot } from '../../verify/left-by-bot.ts'

/** Gives the folder; its log is in `audit`. */
export function stateOf({ stored, objects }: LeftByBot): string {
  const state = mkdtempSync(join(tmpdir(), 'revert-'))
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(state, path)), { recursive: true })
    writeFileSync(join(state, path), text)
  }
  for (const { place, text } of stored) put(`audit/${place}`, text)
  for (const { key, text } of objects) put(key, text)
  put('keys/public-keys.json', JSON.stringify(RING))
  put('deployment-id', DEPLOYMENT)
  return state
}
