import { describe, expect, it } from 'vitest'
import { packConfig } from '../../../cli/use-cases/pack-config.ts'
import { parseBotConfig } from '../../../functions/domain/config/check-config.ts'
import { configDigestOf, writeConfigText } from '../../../functions/domain/config/write-config.ts'

const CONFIG = {
  channel: 'C04RELEASES',
  approvers: { users: ['U02ANNA7K', 'U03BEN4TQ'] },
  approvedRoleSets: [
    { name: 'tasks', pattern: 'arn:aws:iam::222233334444:role/tasks/*', services: ['ecs-tasks.amazonaws.com'] },
  ],
  secondReadSeconds: 7,
}

function made(config: object): unknown {
  const text = JSON.stringify(config)
  const parsed = parseBotConfig(text)
  if (!parsed.ok) throw new Error(parsed.error.join('; '))
  return JSON.parse(writeConfigText(text, parsed.value))
}

describe('what write is given of the configuration', () => {
  it('is the digest of the file, the patterns of approved sets, and the time between two readings', () => {
    // printf abc | sha256sum
    expect(configDigestOf('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(made(CONFIG)).toEqual({
      configDigest: configDigestOf(JSON.stringify(CONFIG)),
      approvedSets: ['arn:aws:iam::222233334444:role/tasks/*'],
      secondReadSeconds: 7,
      passkeys: { needed: 'off', isDeviceBound: false, people: null },
    })
  })

  it('has the defaults of what the file leaves out', () => {
    const { approvedRoleSets, secondReadSeconds, ...rest } = CONFIG
    expect(made(rest)).toMatchObject({ approvedSets: [], secondReadSeconds: 5 })
  })

  it('has another digest for every other file, also where only white space differs', () => {
    const all = ['{}', '{ }', '{"mode":"observe"}'].map(configDigestOf)
    expect(new Set(all).size).toBe(3)
  })

  it('is in the archive that the released templates take', () => {
    const packed = packConfig(JSON.stringify(CONFIG), '1.2.3')
    expect(packed.ok && Buffer.from(packed.value.archive).includes('rolemedic.write.json')).toBe(true)
  })
})
