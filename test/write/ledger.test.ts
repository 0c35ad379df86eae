import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { s3Ledger } from '../../functions/adapters/aws/ledger/s3-ledger.ts'
import type { ObjectLedger } from '../../functions/ports/writing/object-ledger.ts'
import { ledgerFolder } from '../../simulator/ledger-folder.ts'
import { memoryLedger } from '../fakes/memory-ledger.ts'

const folder = () => ledgerFolder(mkdtempSync(join(tmpdir(), 'ledger-')))

async function all(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

describe.each([
  ['in memory', memoryLedger as () => ObjectLedger],
  ['in a folder', folder],
])('the ledger %s', (_, open) => {
  it('creates an object once', async () => {
    const ledger = open()
    expect(await ledger.create('spent/d/p-1', 'first')).toBe('created')
    expect(await ledger.create('spent/d/p-1', 'second')).toBe('taken')
    const [version, ...more] = await ledger.versions('spent/d/p-1')
    expect([version?.isDeleteMarker, more]).toEqual([false, []])
    expect(await ledger.read('spent/d/p-1', version?.id ?? '')).toBe('first')
  })

  it('has no version of what was never created, nor of a key that only begins like it', async () => {
    const ledger = open()
    await ledger.create('spent/d/p-10', 'ten')
    expect(await ledger.versions('spent/d/p-1')).toEqual([])
  })

  it('lists the keys below a prefix in order, from after a key', async () => {
    const ledger = open()
    for (const key of ['written/d/p-2/0', 'written/d/p-1/1', 'written/d/p-1/0', 'written/d/p-10/0', 'spent/d/p-1'])
      await ledger.create(key, '{}')
    expect(await all(ledger.keys('written/d/p-1/'))).toEqual(['written/d/p-1/0', 'written/d/p-1/1'])
    expect(await all(ledger.keys('written/d/', 'written/d/p-1/1'))).toEqual(['written/d/p-10/0', 'written/d/p-2/0'])
    expect(await all(ledger.keys('ended/d/'))).toEqual([])
  })
})

describe('the ledger in S3', () => {
  it('reads an object without a byte as empty, and hides no other fault', async () => {
    const client = new S3Client({ region: 'eu-west-1' })
    const fault = (name: string) => Object.assign(new Error(name), { name })
    const s3 = mockClient(client)
    s3.on(GetObjectCommand).rejectsOnce(fault('InvalidRange')).rejects(fault('SlowDown'))
    const ledger = s3Ledger(client, 'bucket')
    expect(await ledger.read('ended/d/p-1/x', 'v1')).toBe('')
    await expect(ledger.read('ended/d/p-1/x', 'v1')).rejects.toThrow('SlowDown')
  })
})

describe('an object that the storage does not give', () => {
  const fault = (name: string) => Object.assign(new Error(name), { name })
  const refusing = (name: string) => {
    const client = new S3Client({ region: 'eu-west-1' })
    mockClient(client).on(GetObjectCommand).rejects(fault(name))
    return s3Ledger(client, 'bucket')
  }

  it.each(['AccessDenied', 'InvalidObjectState', 'InvalidRequest', 'KMS.DisabledException'])(
    'in S3 is unreadable: %s',
    async name => {
      const reading = refusing(name).read('ended/d/p-1/x', 'v1')
      await expect(reading).rejects.toMatchObject({ code: 'ledger-unreadable', message: `ended/d/p-1/x: ${name}` })
    },
  )

  it.each(['SlowDown', 'InternalError', 'TimeoutError', 'KMS.ThrottlingException'])(
    'in S3 for a moment is a fault: %s',
    async name => {
      await expect(refusing(name).read('ended/d/p-1/x', 'v1')).rejects.toMatchObject({ name })
    },
  )
})

describe('the ledger in a folder', () => {
  it.each(['../outside', 'spent/../../outside', '/etc/passwd', 'spent/.hidden'])('leaves %s alone', async key => {
    await expect(folder().create(key, '{}')).rejects.toThrow('no key of an object')
  })
})
