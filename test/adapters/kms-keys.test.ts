import { generateKeyPairSync, sign } from 'node:crypto'
import { DisabledException, GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { kmsKeys } from '../../functions/adapters/aws/signing/kms-keys.ts'
import { kmsSigner } from '../../functions/adapters/aws/signing/kms-signer.ts'
import { isSigned } from '../../functions/domain/authority/statement.ts'

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const PAIRS = { 'arn:aws:kms:new': pair(), 'arn:aws:kms:old': pair() }
const LIST = ' arn:aws:kms:new , arn:aws:kms:old@2026-03-01T00:00:00Z'
const BYTES = Buffer.from('a statement')

const client = new KMSClient({ region: 'eu-west-1' })
const kms = mockClient(client)
const keys = { decisions: '', attestations: '', outcomes: LIST, enrollments: '', audit: '' }

beforeEach(() => {
  kms.reset()
  for (const [KeyId, { publicKey, privateKey }] of Object.entries(PAIRS)) {
    kms.on(GetPublicKeyCommand, { KeyId }).resolves({ PublicKey: publicKey.export({ format: 'der', type: 'spki' }) })
    kms.on(SignCommand, { KeyId }).resolves({ Signature: sign('sha256', BYTES, privateKey) })
  }
})

describe('the keys of one use', () => {
  it('are all in the ring, with the time at which each was retired', async () => {
    const ring = await kmsKeys(client, keys).ring()
    expect(ring.map(({ use, retiredAtMs }) => ({ use, retiredAtMs }))).toEqual([
      { use: 'outcomes', retiredAtMs: undefined },
      { use: 'outcomes', retiredAtMs: Date.UTC(2026, 2, 1) },
    ])
  })

  it('sign with the first of them', async () => {
    const signature = await kmsSigner(client, 'outcomes', LIST).sign(BYTES)
    const [first] = await kmsKeys(client, keys).ring()
    expect(signature.keyId).toBe(first?.keyId)
    expect(isSigned(BYTES, signature, first === undefined ? [] : [first], 'outcomes')).toBe(true)
  })

  it('are read where that of passkeys is disabled, and where no other is', async () => {
    const disabled = new DisabledException({ message: 'it is disabled', $metadata: {} })
    kms.on(GetPublicKeyCommand, { KeyId: 'arn:aws:kms:enroll' }).rejects(disabled)
    const ring = await kmsKeys(client, { ...keys, enrollments: 'arn:aws:kms:enroll' }).ring()
    expect(ring.map(({ use }) => use)).toEqual(['outcomes', 'outcomes'])
    await expect(kmsKeys(client, { ...keys, decisions: 'arn:aws:kms:enroll' }).ring()).rejects.toThrow('disabled')
  })

  it('are read once, and again after a failed read', async () => {
    kms.on(GetPublicKeyCommand).rejectsOnce(new Error('throttled'))
    const { ring } = kmsKeys(client, { ...keys, outcomes: 'arn:aws:kms:new' })
    await expect(ring()).rejects.toThrow('throttled')
    kms.on(GetPublicKeyCommand).resolves({
      PublicKey: PAIRS['arn:aws:kms:new'].publicKey.export({ format: 'der', type: 'spki' }),
    })
    await Promise.all([ring(), ring()])
    expect(kms.commandCalls(GetPublicKeyCommand)).toHaveLength(2)
  })
})
