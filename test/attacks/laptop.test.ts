/** Somebody on the same machine, or whose files and texts are read there. */
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import { processIo } from '../../cli/io.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { keyFiles } from '../../simulator/key-files.ts'
import { attack } from './attack.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'rolemedic-attacks-'))

describe('another user of the laptop', () => {
  attack('P1', 'reads the signing key, or puts one there that others can read', () => {
    const place = join(folder(), 'keys')
    keyFiles(place)
    // Windows has no such modes.
    if (process.platform === 'win32') return
    chmodSync(join(place, 'decisions.pem'), 0o644)
    expect(() => keyFiles(place)).toThrow(/chmod 600/)
  })
})

describe('somebody whose files or texts are read', () => {
  attack('P2', 'packs gigabytes into a small gzip file', async () => {
    const file = join(folder(), 'bomb.json.gz')
    writeFileSync(file, gzipSync(Buffer.alloc(600_000_000)))
    await expect(processIo().readFile(file)).rejects.toThrow(/too large/)
  })
  attack('P3', 'writes control characters and bidirectional marks into a name, to draw another screen', () => {
    const shown = neutralText('ci\u001b[2Jbuild\u009b31m\u202eevil\u2066', 200)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })
})
