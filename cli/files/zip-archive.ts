/** A zip archive. The same files give the same bytes. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { crc32, deflateRawSync } from 'node:zlib'

/** 1 January 1980, the first date of the format. */
const DOS_DATE = 0x21
const UTF8_NAMES = 0x0800
const DEFLATED = 8
/** -rw-r--r--, readable by all, because Lambda runs code as another user. */
const MODE = 0o100644

export type ZippedFile = { readonly name: string; readonly content: Uint8Array }

export function zipArchive(files: readonly ZippedFile[]): Buffer {
  const parts: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const { name: file, content } of files) {
    const packed = deflateRawSync(content, { level: 9 })
    const name = Buffer.from(file)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(UTF8_NAMES, 2)
    common.writeUInt16LE(DEFLATED, 4)
    common.writeUInt16LE(0, 6)
    common.writeUInt16LE(DOS_DATE, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((MODE << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    // Made by Unix, so that the mode counts.
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, tail, name]))
    parts.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, directory, Buffer.from('PK\u0005\u0006'), end])
}
