/** The packed actions, read once and only where a statement is asked for. */
import { readFile } from 'node:fs/promises'
import { brotliDecompressSync } from 'node:zlib'
import { type PublishedActions, readPublishedActions } from '../../../core/published-actions/index.ts'

const PACKED = new URL('../../../core/published-actions/packed.txt', import.meta.url)

let loading: Promise<PublishedActions> | null = null

export function loadPublishedActions(): Promise<PublishedActions> {
  loading ??= load()
  return loading
}

async function load(): Promise<PublishedActions> {
  const bytes = await readFile(PACKED)
  // Bundles contain it compressed.
  const text = PACKED.pathname.endsWith('.br') ? brotliDecompressSync(bytes) : bytes
  return readPublishedActions(text.toString('utf8'))
}
