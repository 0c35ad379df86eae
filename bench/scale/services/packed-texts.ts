/** A map whose long values are bytes outside of JavaScript's heap, so that a model of services takes little of it. */

/** Shorter values take less inside of it. */
const LONG_CHARS = 1_000

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
      return found === undefined ? undefined : JSON.parse(found.toString())
    },
    has: key => packed.has(key),
    set(key, value) {
      const text = JSON.stringify(value)
      packed.set(key, text.length < LONG_CHARS ? text : bytesOf(text))
    },
  }
}

/** `Buffer.from` would put several into one pool, which stays until the last of them is gone. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}
