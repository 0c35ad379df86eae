import { afterEach, expect, it, vi } from 'vitest'
import { askAws } from '../../cli/live/ask-aws.ts'
import { readEnabledRegions } from '../../cli/use-cases/doctor/hub/guardrails.ts'

const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'example' }

afterEach(() => void vi.unstubAllGlobals())

it.each([
  ['eu-west-1', 'https://account.us-east-1.amazonaws.com', 'us-east-1'],
  ['cn-north-1', 'https://account.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
  ['us-gov-east-1', 'https://account.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
])('asks for the Regions of an account where its partition answers: %s', async (region, endpoint, signedFor) => {
  const asked: [string, string][] = []
  vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: { authorization: string } }) => {
    asked.push([url.href, headers.authorization])
    return Response.json({ Regions: [{ RegionName: region, RegionOptStatus: 'ENABLED_BY_DEFAULT' }] })
  })
  const ask = askAws({ region, credentials: CREDENTIALS }, { env: {} })
  expect(await readEnabledRegions(ask)).toEqual([region])
  // https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
  expect(asked).toEqual([[`${endpoint}/listRegions`, expect.stringContaining(`/${signedFor}/account/aws4_request`)]])
})

// Lambda names the error in a header alone. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
it('asks again when it was too fast', async () => {
  const answers = [
    Response.json({ Reason: 'CallerRateLimitExceeded', Type: 'User', message: 'Rate exceeded' }, { status: 429 }),
    Response.json({ ReservedConcurrentExecutions: 3 }),
  ]
  vi.stubGlobal('fetch', async () => answers.shift())
  const ask = askAws({ region: 'eu-west-1', credentials: CREDENTIALS }, { env: {} })
  expect(await ask.get('lambda', '/2019-09-30/functions/f/concurrency')).toEqual({ ReservedConcurrentExecutions: 3 })
})

it('says what keeps it from a host', async () => {
  const cause = new Error('getaddrinfo ENOTFOUND sqs.eu-west-1.amazonaws.com')
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed', { cause })))
  const ask = askAws({ region: 'eu-west-1', credentials: CREDENTIALS }, { env: {} })
  await expect(ask.json('sqs', 'AmazonSQS.GetQueueUrl', {})).rejects.toThrow(cause.message)
})

it('says it too of a host with several addresses', async () => {
  const cause = new AggregateError([
    new Error('connect ECONNREFUSED 192.0.2.1:443'),
    new Error('connect ETIMEDOUT 192.0.2.2:443'),
  ])
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed', { cause })))
  const ask = askAws({ region: 'eu-west-1', credentials: CREDENTIALS }, { env: {} })
  await expect(ask.json('sqs', 'AmazonSQS.GetQueueUrl', {})).rejects.toThrow('connect ECONNREFUSED 192.0.2.1:443')
})
