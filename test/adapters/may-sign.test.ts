import { KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'
import { expect, it } from 'vitest'
import { maySign } from '../../functions/adapters/aws/signing/may-sign.ts'

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const named = (name: string) => Object.assign(new Error('-'), { name })

it('asks with the key that signs now, and for no signature', async () => {
  const kms = mockClient(KMSClient).on(SignCommand).rejects(named('DryRunOperationException'))
  await expect(maySign(new KMSClient({}), `${KEY},${KEY}2@2026-01-01T00:00:00Z`)).resolves.toBe(undefined)
  expect(kms.commandCalls(SignCommand).map(({ args }) => args[0].input)).toMatchObject([{ KeyId: KEY, DryRun: true }])
})

it.each(['AccessDeniedException', 'DisabledException', 'NotFoundException'])('rejects for %s', async name => {
  mockClient(KMSClient).on(SignCommand).rejects(named(name))
  await expect(maySign(new KMSClient({}), KEY)).rejects.toMatchObject({ name })
})
