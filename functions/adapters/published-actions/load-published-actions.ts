/** The packed actions, read once and only where a statement is asked for. */
import { readFile } from 'node:fs/promises'
import { brotliDecompressSync } from 'node:zlib'
import {
  type CallPlace,
  type NamedDenial,
  type PublishedActions,
  readPublishedActions,
  type StatementAnswer,
  statementFor,
} from '../../../core/published-actions/index.ts'

const PACKED = new URL('../../../core/published-actions/packed.txt', import.meta.url)

let loading: Promise<PublishedActions> | null = null

/** Rejects where the packed actions cannot be read. */
export async function suggestStatement(denial: NamedDenial, place: CallPlace): Promise<StatementAnswer> {
  return statementFor(denial, place, await loadPublishedActions())
}

function loadPublishedActions(): Promise<PublishedActions> {
  loading ??= load()
  return loading
}

async function load(): Promise<PublishedActions> {
  const bytes = await readFile(PACKED)
  // Bundles contain it compressed.
  const text = PACKED.pathname.endsWith('.br') ? brotliDecompressSync(bytes) : bytes
  return readPublishedActions(text.toString('utf8'))
}
