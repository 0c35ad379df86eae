/** A generated week in one file, as an export of a lake or a merged trail writes it, and the account beside it. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { generatedHistory, type Planted } from './generated-history.ts'

const SEED = 20_261_125
const BLOCK_CHARS = 4_000_000

export type HistoryFile = { readonly path: string; readonly account: string; readonly planted: Planted }

export function writeHistory(folder: string, records: number, { isPretty = false } = {}): HistoryFile {
  const history = generatedHistory({ records, seed: SEED })
  const path = join(folder, `${records}.json`)
  const file = openSync(path, 'w')
  let text = '{"Records":['
  let separator = ''
  for (const record of history.records()) {
    text += `${separator}${isPretty ? JSON.stringify(JSON.parse(record), null, 2) : record}`
    separator = ','
    if (text.length < BLOCK_CHARS) continue
    writeSync(file, text)
    text = ''
  }
  writeSync(file, `${text}]}`)
  closeSync(file)
  const account = join(folder, 'account.json')
  writeFileSync(account, history.account)
  return { path, account, planted: history.planted() }
}
