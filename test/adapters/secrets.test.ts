import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secretsManager } from '../../functions/adapters/aws/messaging/secrets.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'

const manager = mockClient(SecretsManagerClient)
const asked = () => manager.commandCalls(GetSecretValueCommand).length
let nowMs = NOON
const secrets = () => secretsManager({ client: new SecretsManagerClient(), clock: () => nowMs })
const holds = (stage: 'AWSCURRENT' | 'AWSPREVIOUS', SecretString: string) =>
  manager
    .on(GetSecretValueCommand, { SecretId: 'slack', VersionStage: stage })
    .resolves({ SecretString, CreatedDate: new Date(NOON) })
const absent = () => new ResourceNotFoundException({ message: 'no such version', $metadata: {} })

beforeEach(() => {
  manager.reset()
  nowMs = NOON
})
afterEach(() => manager.reset())

describe('a secret', () => {
  it('is asked for once in five minutes, then again, so that a new one is taken up', async () => {
    holds('AWSCURRENT', ' first\n')
    const reader = secrets()
    expect(await reader.current('slack')).toBe('first')
    holds('AWSCURRENT', 'second')
    nowMs = NOON + 4 * MINUTE
    expect(await reader.current('slack')).toBe('first')
    expect(asked()).toBe(1)
    nowMs = NOON + 6 * MINUTE
    expect(await reader.current('slack')).toBe('second')
  })

  it('has two valid values while it is being rotated', async () => {
    holds('AWSCURRENT', 'new')
    holds('AWSPREVIOUS', 'old')
    expect(await secrets().valid('slack')).toEqual(['new', 'old'])
  })

  it('is valid for a day after another one was stored, however often it was cached meanwhile', async () => {
    holds('AWSCURRENT', 'new')
    holds('AWSPREVIOUS', 'old')
    const reader = secrets()
    nowMs = NOON + 24 * HOUR - 1
    expect(await reader.valid('slack')).toEqual(['new', 'old'])
    nowMs = NOON + 24 * HOUR
    expect(await reader.valid('slack')).toEqual(['new'])
    manager.on(GetSecretValueCommand).rejects(new Error('throttled'))
    nowMs = NOON + 25 * HOUR
    expect(await reader.valid('slack')).toEqual(['new'])
  })

  it('is not valid beside another whose age AWS does not say', async () => {
    holds('AWSPREVIOUS', 'old')
    manager
      .on(GetSecretValueCommand, { SecretId: 'slack', VersionStage: 'AWSCURRENT' })
      .resolves({ SecretString: 'new' })
    expect(await secrets().valid('slack')).toEqual(['new'])
  })

  it('is read again sooner when a signature does not match, but not for every forged request', async () => {
    holds('AWSCURRENT', 'old')
    manager.on(GetSecretValueCommand, { SecretId: 'slack', VersionStage: 'AWSPREVIOUS' }).rejects(absent())
    const reader = secrets()
    expect(await reader.valid('slack')).toEqual(['old'])
    holds('AWSCURRENT', 'new')
    holds('AWSPREVIOUS', 'old')
    nowMs = NOON + 9_000
    expect(await reader.valid('slack', { atMostMs: 10_000 })).toEqual(['old'])
    expect(asked()).toBe(2)
    nowMs = NOON + 10_000
    expect(await reader.valid('slack', { atMostMs: 10_000 })).toEqual(['new', 'old'])
    expect(await reader.valid('slack', { atMostMs: 10_000 })).toEqual(['new', 'old'])
    expect(asked()).toBe(4)
  })

  it('has one when it was never rotated', async () => {
    holds('AWSCURRENT', 'only')
    manager.on(GetSecretValueCommand, { SecretId: 'slack', VersionStage: 'AWSPREVIOUS' }).rejects(absent())
    expect(await secrets().valid('slack')).toEqual(['only'])
  })

  it('outlives an outage of Secrets Manager with what was last read', async () => {
    holds('AWSCURRENT', 'kept')
    const reader = secrets()
    await reader.current('slack')
    manager.on(GetSecretValueCommand).rejects(new Error('throttled'))
    nowMs = NOON + 10 * MINUTE
    expect(await reader.current('slack')).toBe('kept')
  })

  it('that cannot be read, or is empty, is a fault that names it and not its value', async () => {
    manager.on(GetSecretValueCommand).rejects(absent())
    await expect(secrets().current('slack')).rejects.toMatchObject({
      code: 'secret',
      message: expect.stringContaining('slack'),
    })
    holds('AWSCURRENT', '  ')
    await expect(secrets().current('slack')).rejects.toMatchObject({ code: 'secret' })
  })

  it('that was deployed empty says how to store its value, which is then taken up at once', async () => {
    manager.on(GetSecretValueCommand).rejects(absent())
    const reader = secrets()
    await expect(reader.current('slack')).rejects.toThrow(
      'the secret slack has no value yet: store it with: aws secretsmanager put-secret-value --secret-id slack --secret-string …',
    )
    holds('AWSCURRENT', 'stored')
    expect(await reader.current('slack')).toBe('stored')
  })
})
