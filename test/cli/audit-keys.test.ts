import { generateKeyPairSync } from 'node:crypto'
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { publicKeys } from '../../cli/use-cases/audit/audit-keys.ts'
import { KEY_USES } from '../../functions/domain/authority/statement.ts'

const kms = mockClient(KMSClient)
const missing = Object.assign(new Error('no alias'), { name: 'NotFoundException' })
const spki = () =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'der', type: 'spki' })
const has = (KeyId: string, Description: string) => {
  kms.on(GetPublicKeyCommand, { KeyId }).resolves({ PublicKey: spki() })
  kms.on(DescribeKeyCommand, { KeyId }).resolves({ KeyMetadata: { KeyId, Description } })
}
const ask = (decisions: readonly string[] = []) =>
  publicKeys(
    { from: 's3://logs/audit', live: true, profile: null, region: 'eu-west-1', decisions, audit: [] },
    { env: {}, readFile: async () => '' },
  )
const times = async (decisions: readonly string[] = []) =>
  (await ask(decisions)).map(({ use, retiredAtMs }) => [use, retiredAtMs ?? null])

beforeEach(() => {
  kms.reset()
  kms.on(GetPublicKeyCommand).rejects(missing)
  for (const use of KEY_USES) has(`alias/rolemedic-${use}`, `rolemedic: signs ${use}`)
})

describe('the public keys of a deployment', () => {
  it('sign now, and need no other call, where none was replaced', async () => {
    expect(await times()).toEqual(KEY_USES.map(use => [use, null]))
    expect(kms.commandCalls(DescribeKeyCommand)).toEqual([])
  })

  it('that were replaced have the time at which they were retired', async () => {
    has('alias/rolemedic-decisions', 'rolemedic: signs decisions; retired at 2026-12-01T09:00:00Z')
    has('alias/rolemedic-decisions-2', 'rolemedic: signs decisions; retired at 2026-12-05T09:00:00Z')
    has('alias/rolemedic-decisions-3', 'rolemedic: signs decisions')
    const decisions = (await times()).filter(([use]) => use === 'decisions')
    expect(decisions).toEqual([
      ['decisions', Date.UTC(2026, 11, 1, 9)],
      ['decisions', Date.UTC(2026, 11, 5, 9)],
      ['decisions', null],
    ])
  })

  it('that are given by their ARNs have it, too', async () => {
    has('arn:aws:kms:eu-west-1:111122223333:key/1', 'rolemedic: signs decisions; retired at 2026-12-01T09:00:00Z')
    has('arn:aws:kms:eu-west-1:111122223333:key/2', 'ours; retired at Christmas')
    const given = ['arn:aws:kms:eu-west-1:111122223333:key/1', 'arn:aws:kms:eu-west-1:111122223333:key/2']
    expect((await times(given)).slice(0, 2)).toEqual([
      ['decisions', Date.UTC(2026, 11, 1, 9)],
      ['decisions', null],
    ])
  })

  it('are none where that time cannot be read', async () => {
    has('alias/rolemedic-decisions-2', '')
    kms.on(DescribeKeyCommand).rejects(new Error('not authorized to perform: kms:DescribeKey'))
    await expect(ask()).rejects.toThrow('KMS: not authorized to perform: kms:DescribeKey')
  })
})
