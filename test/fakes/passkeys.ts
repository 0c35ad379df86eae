/** Devices of people: what a browser and an authenticator would make, with every part open to be made wrong. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  challengeOf,
  ENROLLMENT,
  type Enrollment,
  type Passkey,
  type PasskeyRule,
} from '../../functions/domain/authority/passkey.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { signatureOf } from './signing.ts'

export const ORIGIN = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
export const RP_ID = new URL(ORIGIN).hostname
export const NO_PASSKEYS: PasskeyRule = { needed: 'off', origin: ORIGIN, isDeviceBound: false, people: null }
export const ELEVATED: PasskeyRule = { ...NO_PASSKEYS, needed: 'elevated' }

export type Device = {
  readonly key: KeyObject
  readonly algorithm: Enrollment['algorithm']
  readonly publicKey: string
  readonly credentialId: string
}

/** Keys take long to make: one of each kind for each name. */
const devices = new Map<string, Device>()
export function deviceOf(name: string, algorithm: Enrollment['algorithm'] = 'ES256'): Device {
  const id = `${name} ${algorithm}`
  const device = devices.get(id) ?? newDevice(name, algorithm)
  devices.set(id, device)
  return device
}

function newDevice(name: string, algorithm: Enrollment['algorithm']): Device {
  const { publicKey, privateKey } = pairOf(algorithm)
  return {
    key: privateKey,
    algorithm,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    credentialId: Buffer.from(`credential of ${name}`).toString('base64url'),
  }
}

function pairOf(algorithm: Enrollment['algorithm']) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 })
}

export type Made = {
  readonly origin: string
  readonly rpId: string
  readonly flags: number
  readonly counter: number
  readonly type: string
  readonly challenge: string
  readonly more: object
}

/** What the browser gives back for this challenge. */
export function assertionBy(
  { key, algorithm }: Device,
  challenge: string,
  made: Partial<Made> = {},
): Omit<Passkey, 'enrollment'> {
  const { origin = ORIGIN, rpId = RP_ID, flags = 0b101, counter = 0, type = 'webauthn.get', more = {} } = made
  const client = Buffer.from(
    JSON.stringify({ type, challenge: made.challenge ?? challenge, origin, crossOrigin: false, ...more }),
  )
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  const data = Buffer.concat([sha256(rpId), Buffer.from([flags]), count])
  const signed = Buffer.concat([data, sha256(client)])
  return {
    clientData: client.toString('base64url'),
    authenticatorData: data.toString('base64url'),
    signature: sign(algorithm === 'EdDSA' ? null : 'sha256', signed, key).toString('base64url'),
  }
}

const sha256 = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest()

export function enrolled(
  device: Device,
  facts: Omit<Partial<Enrollment>, 'schema'> & Pick<Enrollment, 'deploymentId' | 'userId' | 'atMs'>,
): Passkey['enrollment'] {
  const { credentialId, publicKey, algorithm } = device
  const statement: Enrollment = {
    schema: 'rolemedic.enrollment/1',
    ...{ rpId: RP_ID, credentialId, publicKey, algorithm, isSynced: false, confirmedBy: ['U0CAT', 'U0DAN'] },
    ...facts,
  }
  return { statement, signature: signatureOf('enrollments', statementBytes(ENROLLMENT, statement)) }
}

/** The decision with what its person's device signs of it. */
export const withPasskey = <D extends { readonly passkey: Passkey | null }>(
  decision: D,
  device: Device,
  enrollment: Passkey['enrollment'],
  made: Partial<Made> = {},
): D => ({
  ...decision,
  passkey: { enrollment, ...assertionBy(device, challengeOf({ ...decision, passkey: null }), made) },
})
