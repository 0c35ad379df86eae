import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isSigned, signedBytes } from '../../functions/domain/authority/statement.ts'
import { keyFiles } from '../../simulator/key-files.ts'

const folder = () => join(mkdtempSync(join(tmpdir(), 'rolemedic-keys-')), 'keys')

it('creates two keys that only their owner can read, and signs with them again after a restart', async () => {
  const place = folder()
  const bytes = signedBytes('test', { a: 1 })
  const first = await keyFiles(place).signer('decisions').sign(bytes)
  const again = keyFiles(place)
  expect(isSigned(bytes, first, await again.ring(), 'decisions')).toBe(true)
  expect(isSigned(bytes, await again.signer('audit').sign(bytes), await again.ring(), 'decisions')).toBe(false)
  // Windows has no such modes.
  if (process.platform !== 'win32')
    for (const name of ['decisions.pem', 'audit.pem']) expect(statSync(join(place, name)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(join(place, 'public-keys.json'), 'utf8'))).toEqual(await again.ring())
})

it.runIf(process.platform !== 'win32')('refuses a key that others can read, and says what to do', () => {
  const place = folder()
  keyFiles(place)
  chmodSync(join(place, 'decisions.pem'), 0o644)
  expect(() => keyFiles(place)).toThrow(/chmod 600/)
})
