/** The signing keys of a local bot: files in the state folder that only their owner may read. */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RolemedicError } from '../core/base/index.ts'
import { KEY_USES, type KeyRing, type KeyUse, publicKeyOf } from '../functions/domain/authority/index.ts'
import type { Keys, Signer } from '../functions/ports/index.ts'

const FILE_MODE = 0o600

export type KeyFiles = Keys & { readonly signer: (use: KeyUse) => Signer }

/** Created at the first start. `folder` may contain other files. */
export function keyFiles(folder: string): KeyFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const privateKeys = {
    decisions: keyIn(join(folder, 'decisions.pem')),
    attestations: keyIn(join(folder, 'attestations.pem')),
    outcomes: keyIn(join(folder, 'outcomes.pem')),
    enrollments: keyIn(join(folder, 'enrollments.pem')),
    audit: keyIn(join(folder, 'audit.pem')),
  }
  const ring: KeyRing = KEY_USES.map(use => publicKeyOf(use, publicDer(privateKeys[use])))
  writeFileSync(join(folder, 'public-keys.json'), `${JSON.stringify(ring, null, 2)}\n`)
  return {
    ring: async () => ring,
    signer: use => {
      const { keyId } = publicKeyOf(use, publicDer(privateKeys[use]))
      return { sign: async bytes => ({ keyId, value: sign('sha256', bytes, privateKeys[use]).toString('base64') }) }
    },
  }
}

const publicDer = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')

function keyIn(file: string): KeyObject {
  try {
    writeFileSync(file, newKey(), { mode: FILE_MODE, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // Windows has no file modes.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new RolemedicError('key-readable', `${file} may be read by others: chmod 600 it, or delete it for a new key`)
  return createPrivateKey(readFileSync(file))
}

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
