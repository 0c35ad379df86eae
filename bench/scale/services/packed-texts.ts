/** A map whose long values are compressed outside of JavaScript's heap, so that a model of services takes little of it. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Shorter values are not worth the time. */
const LONG_CHARS = 1_000
const QUICK = { level: 1 }

export type PackedTexts<T> = {
  get(key: string): T | undefined
  has(key: string): boolean
  set(key: string, value: T): void
}

export function packedTexts<T>(): PackedTexts<T> {
  const packed = new Map<string, string | Buffer>()
  return {
    get(key) {
      const found = packed.get(key)
      if (found === undefined) return undefined
      return JSON.parse(typeof found === 'string' ? found : inflateRawSync(found).toString())
    },
    has: key => packed.has(key),
    set(key, value) {
      const text = JSON.stringify(value)
      packed.set(key, text.length < LONG_CHARS ? text : deflated(text))
    },
  }
}

/** A copy: zlib's own result keeps the larger buffer that it was written into. */
function deflated(text: string): Buffer {
  const bytes = deflateRawSync(text, QUICK)
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}
