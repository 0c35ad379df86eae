/** Streams one file or object, compressed or not, and splits it into records. */

import { NotJson } from '../../../core/base/index.ts'
import { plainBytes } from '../../files/plain-bytes.ts'
import { recordSplitter, type Unit, whatIsWrong } from './record-splitter.ts'

export type Source = {
  readonly name: string
  /** Throws, or returns a stream that fails, if it cannot be read. */
  open(): Promise<AsyncIterable<Uint8Array>>
}

export type ReadSource = {
  readonly units: number
  /** Objects that are larger than any record. */
  readonly tooLarge: number
  /** AWS says that there are more events than it holds. */
  readonly isPage: boolean
  /** Unpacked bytes. */
  readonly bytes: number
  /** Why it could not be read to the end. Null: it was. */
  readonly failed: string | null
  /** True when it failed before any JSON: a text, an image, another format. */
  readonly isNoJson: boolean
}

/** `afterChunk` runs between two pieces of the stream, so that no work accumulates. */
export async function readHistorySource(
  source: Source,
  onUnit: (unit: Unit) => void,
  afterChunk: () => Promise<void>,
): Promise<ReadSource> {
  let units = 0
  let tooLarge = 0
  let bytes = 0
  let isNoJson = false
  let isPage = false
  const splitter = recordSplitter(
    unit => {
      units += 1
      onUnit(unit)
    },
    {
      onTooLarge() {
        tooLarge += 1
      },
      onPage() {
        isPage = true
      },
    },
  )
  let failed: string | null = null
  try {
    for await (const chunk of plainBytes(await source.open())) {
      bytes += chunk.length
      splitter.push(chunk)
      await afterChunk()
    }
    splitter.end()
  } catch (error) {
    failed = whyFailed(error)
    isNoJson = error instanceof NotJson && error.why !== 'cut' && units === 0
  }
  await afterChunk()
  return { units, tooLarge, isPage, bytes, failed, isNoJson }
}

/** Why it lacks records although it was read to its end. Null: it does not. */
export function whyShort({ tooLarge, isPage }: ReadSource): string | null {
  if (tooLarge > 0) return 'it holds an object larger than any record'
  return isPage ? 'it is one page of the events: more are behind its NextToken' : null
}

function whyFailed(error: unknown): string {
  if (error instanceof NotJson) return whatIsWrong(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'Z_BUF_ERROR':
      return 'damaged gzip: it is cut'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'ENOENT':
      return 'no such file'
    default:
      if (code.startsWith('Z_')) return 'damaged gzip'
      return error instanceof Error ? error.message : 'cannot be read'
  }
}
