/** Streams one file or object, compressed or not, into its records. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BrokenJson, recordSplitter, type Unit } from './record-splitter.ts'

export type Source = {
  readonly name: string
  /** Throws, or gives a stream that fails, if it cannot be read. */
  open(): Promise<AsyncIterable<Uint8Array>>
}

export type ReadSource = {
  readonly units: number
  /** Objects that are larger than any record. */
  readonly tooLarge: number
  /** Why it could not be read to its end; null if it was. */
  readonly failed: string | null
}

const GUNZIP_CHUNK_BYTES = 256 * 1024

/** `afterChunk` runs between two pieces of the stream, so that nothing piles up. */
export async function readSource(
  source: Source,
  onUnit: (unit: Unit) => void,
  afterChunk: () => Promise<void>,
): Promise<ReadSource> {
  let units = 0
  let tooLarge = 0
  const splitter = recordSplitter(
    unit => {
      units += 1
      onUnit(unit)
    },
    {
      onTooLarge() {
        tooLarge += 1
      },
    },
  )
  let failed: string | null = null
  try {
    for await (const chunk of plainText(await source.open())) {
      splitter.push(chunk)
      await afterChunk()
    }
    splitter.end()
  } catch (error) {
    failed = whyFailed(error)
  }
  await afterChunk()
  return { units, tooLarge, failed }
}

async function* plainText(raw: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* withoutMark(unpacked(raw))
}

async function* unpacked(raw: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, rest } = await withHead(raw, 2)
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield head
    yield* rest
    return
  }
  const packed = Readable.from(joined(head, rest), { objectMode: false })
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES })
  packed.on('error', error => gunzip.destroy(error))
  try {
    yield* packed.pipe(gunzip)
  } finally {
    packed.destroy()
  }
}

/** A byte order mark of UTF-8 is no JSON; PowerShell writes UTF-16. */
async function* withoutMark(plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, rest } = await withHead(plain, 3)
  if (head[0] === 0xff && head[1] === 0xfe) {
    const decoder = new TextDecoder('utf-16le')
    for await (const chunk of joined(head, rest)) yield Buffer.from(decoder.decode(chunk, { stream: true }))
    return
  }
  yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
  yield* rest
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

function whyFailed(error: unknown): string {
  if (error instanceof BrokenJson) return error.message
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
