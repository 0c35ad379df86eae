/** The configuration that the bot runs, against the file at hand. */
import { describe, expect, it } from 'vitest'
import { deployedCheck } from '../../cli/use-cases/doctor/hub/functions.ts'
import { packConfig } from '../../cli/use-cases/pack-config.ts'
import { configDigestOf } from '../../functions/domain/config/index.ts'

const UNIX = `{
  "mode": "observe",
  "approvers": { "users": ["U02ANNA7K"] },
  "channel": "C04RELEASES"
}
`
const WINDOWS = UNIX.replaceAll('\n', '\r\n')
const packed = (text: string): string => {
  const archive = packConfig(text, '1.2.3')
  return archive.ok ? `config/${archive.value.name}` : archive.error.join()
}
const checkOf = (digest: string, configText: string) =>
  deployedCheck({ Version: '1.2.3', ConfigDigest: digest }, { version: '1.2.3', configText }).at(-1)

describe('the deployed configuration', () => {
  it.each([
    ['the CDK', configDigestOf],
    ['a released template', packed],
  ])('is the file at hand byte by byte, by %s', (_, digestOf) => {
    expect(checkOf(digestOf(UNIX), UNIX)).toMatchObject({ status: 'ok' })
    expect(checkOf(digestOf(WINDOWS), WINDOWS)).toMatchObject({ status: 'ok' })
    const differs = {
      status: 'failed',
      detail: expect.stringContaining('differs from the file at hand only in line ends'),
    }
    expect(checkOf(digestOf(UNIX), WINDOWS)).toMatchObject(differs)
    expect(checkOf(digestOf(WINDOWS), UNIX)).toMatchObject(differs)
    const another = { status: 'failed', detail: expect.stringContaining('runs another configuration') }
    expect(checkOf(digestOf(UNIX.replace('observe', 'approve')), UNIX)).toMatchObject(another)
  })
})
