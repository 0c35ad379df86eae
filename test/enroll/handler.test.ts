/** The function as it is deployed: pages, and what a caller who may invoke it sends. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const ORIGIN = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
const DEPLOYMENT = '11111111-2222-4333-8444-555555555555'
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  CONFIG_FILE: resolve(import.meta.dirname, '../../rolemedic.config.json'),
  DEPLOYMENT_ID: DEPLOYMENT,
  PASSKEY_ORIGIN: ORIGIN,
  BOT_ACCOUNT_ID: '111122223333',
  AUDIT_BUCKET: 'audit',
  SLACK_BOT_TOKEN_SECRET: 'token',
  SLACK_TEAM_ID: 'T0FAKE',
  DECISIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/decisions',
  ATTESTATIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/attestations',
  OUTCOMES_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/outcomes',
  ENROLLMENTS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/enrollments',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
}
let handler: (event: unknown) => Promise<unknown>

beforeAll(async () => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value)
  handler = (await import('../../functions/enroll/handler.ts')).handler as typeof handler
})
afterAll(() => {
  vi.unstubAllEnvs()
})

const request = (method: string, path: string, body?: string) => ({
  ...{ body, isBase64Encoded: false },
  requestContext: { http: { method, path } },
})

describe('the function that says whose passkey it is', () => {
  it('shows its page with the deployment that requests are for', async () => {
    expect(await handler(request('GET', '/enroll'))).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining(`data-deployment="${DEPLOYMENT}"`),
    })
    expect(await handler(request('GET', '/enroll/passkey.js'))).toMatchObject({ statusCode: 200 })
  })

  it('takes no order of an administrator from the internet, and none by a page of this machine', async () => {
    const ask = JSON.stringify({ ask: 'list', caller: { headers: {} } })
    for (const path of ['/enroll', '/enroll/confirm', '/enroll/here', '/approve/x'])
      expect(await handler(request('POST', path, ask))).toMatchObject({
        statusCode: expect.toSatisfy(code => code >= 400),
      })
    expect(
      await handler({ ...request('POST', '/enroll/confirm', ask), ask: 'list', caller: { headers: {} } }),
    ).toMatchObject({
      statusCode: 400,
    })
  })

  it('refuses what the command does not send, and callers who have not signed it', async () => {
    for (const event of [{}, { ask: 'all' }, { ask: 'enroll', request: 7, caller: { headers: {} } }])
      expect(await handler(event)).toMatchObject({
        refused: expect.stringContaining('nothing that rolemedic passkeys sends'),
      })
    expect(await handler({ ask: 'list', caller: { headers: {} } })).toEqual({
      refused: 'the credentials were not signed over this request',
    })
  })
})
