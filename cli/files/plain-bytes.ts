/** Reads files in pieces as UTF-8 without a byte order mark: CloudTrail compresses files, and PowerShell writes UTF-16. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The file unpacks to far more than any expected file. */
export class TooLargeGzip extends Error {}

/**
 * `maxUnpackedBytes`: the limit for the number of packed bytes read so far, so that a small file cannot fill the memory or take
 * hours.
 */
type Limits = { readonly maxUnpackedBytes?: (packedBytes: number) => number }

const GUNZIP_CHUNK_BYTES = 256 * 1024

export async function* plainBytes(raw: AsyncIterable<Uint8Array>, limits: Limits = {}): AsyncIterable<Uint8Array> {
  const { head, rest } = await withHead(unpacked(raw, limits), 3)
  const encoding = utf16Of(head)
  if (encoding !== null) {
    const decoder = new TextDecoder(encoding)
    for await (const chunk of joined(head, rest)) yield Buffer.from(decoder.decode(chunk, { stream: true }))
    return
  }
  yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
  yield* rest
}

/** By the byte order mark, or by the zero bytes of ASCII in a file without one. Null: UTF-8. */
function utf16Of([first, second, third]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && third !== 0 && third !== undefined))
    return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : null
}

/** CloudTrail's files compress to about a tenth. A far higher ratio indicates a decompression bomb. */
export const maxUnpacked = (packedBytes: number, most: number = MAX_TEXT_BYTES): number =>
  Math.min(most, Math.max(SMALL_BYTES, packedBytes * MAX_RATIO))

const MAX_RATIO = 100
const SMALL_BYTES = 10_000_000

/** Just below the longest string in Node. */
export const MAX_TEXT_BYTES = 500_000_000

/** GitHub gives the logs of a run as zip: https://docs.github.com/en/rest/actions/workflow-runs#download-workflow-run-logs */
const OTHER_ARCHIVES: readonly (readonly [name: string, start: string])[] = [
  ['zip', 'PK\u0003\u0004'],
  // The level of compression is a part of it.
  ...Array.from('123456789', level => ['bzip2', `BZh${level}`] as const),
  ['xz', '\u00fd7zX'],
  ['zstd', '(\u00b5/\u00fd'],
]

async function* unpacked(
  raw: AsyncIterable<Uint8Array>,
  { maxUnpackedBytes = () => Number.POSITIVE_INFINITY }: Limits,
): AsyncIterable<Uint8Array> {
  const { head, rest } = await withHead(raw, 4)
  const start = Buffer.from(head.subarray(0, 4)).toString('latin1')
  const other = OTHER_ARCHIVES.find(one => one[1] === start)
  if (other !== undefined) throw new Error(`${other[0]}, which is not read: unpack it first`)
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield head
    yield* rest
    return
  }
  let packedBytes = 0
  let plainBytes = 0
  const packed = Readable.from(
    counted(joined(head, rest), bytes => {
      packedBytes += bytes
    }),
    { objectMode: false },
  )
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES })
  packed.on('error', error => gunzip.destroy(error))
  try {
    for await (const chunk of packed.pipe(gunzip) as AsyncIterable<Uint8Array>) {
      plainBytes += chunk.length
      if (plainBytes > maxUnpackedBytes(packedBytes)) throw new TooLargeGzip('too large gzip')
      yield chunk
    }
  } finally {
    packed.destroy()
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length)
    yield chunk
  }
}

async function withHead(chunks: AsyncIterable<Uint8Array>, bytes: number) {
  const iterator = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < bytes) {
    const next = await iterator.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, rest: { [Symbol.asyncIterator]: () => iterator } }
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield head
  yield* rest
}
