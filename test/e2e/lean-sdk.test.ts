/**
 * The bundles leave out of the AWS SDK what the bot never uses. Here every call that is in any bundle is made twice, with
 * the whole SDK and with what a bundle has of it: both must ask and understand the same.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleEntry, FUNCTIONS } from '../../infra/bundle.ts'
import { commandsIn, named, ROOT } from './lean-sdk/bundled.ts'
import { type Call, callOver } from './lean-sdk/connection.ts'
import { differences, valueAt } from './lean-sdk/differences.ts'
import * as whole from './lean-sdk/entry.ts'
import { sentAnswer, WORK } from './lean-sdk/messages.ts'
import { MODELLED, REACHED, UNMODELLED } from './lean-sdk/refusals.ts'
import { type Answer, type Refusal, refusalAnswer, type Settings } from './lean-sdk/sample.ts'
import { objectAnswer, RECORD } from './lean-sdk/storage.ts'

let folder: string
let lean: typeof whole
let called: ReadonlySet<string>

beforeAll(async () => {
  mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, 'node_modules/.cache/rolemedic-lean-'))
  const handlers = join(folder, 'handlers.ts')
  writeFileSync(
    handlers,
    FUNCTIONS.map(name => `import ${JSON.stringify(join(ROOT, 'functions', name, 'handler.ts'))}`).join('\n'),
  )
  const file = join(folder, 'entry.mjs')
  const [functions] = await Promise.all([
    bundleEntry(handlers, join(folder, 'handlers.mjs')),
    bundleEntry(join(import.meta.dirname, 'lean-sdk/entry.ts'), file),
  ])
  called = commandsIn(functions.metafile)
  lean = await import(pathToFileURL(file).href)
  // As Lambda gives them: the providers of credentials look there.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, 'from-lambda')
  vi.stubEnv('AWS_REGION', 'eu-west-1')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const both = (
  place: number,
  answer: Answer,
  ...later: readonly Answer[]
): Promise<readonly [whole: Call, lean: Call]> =>
  Promise.all([callOver(sendOf(whole, place), answer, ...later), callOver(sendOf(lean, place), answer, ...later)])

function sendOf({ SAMPLES }: typeof whole, place: number): (settings: Settings) => Promise<object> {
  const sample = SAMPLES[place]
  if (sample === undefined) throw new Error(`there is no sample ${place}`)
  return sample.send
}

const placeOf = (call: string): number => whole.SAMPLES.findIndex(sample => sample.call === call)

describe('a call that is in a bundle', () => {
  it('has a sample here', () => {
    const sampled = whole.SAMPLES.map(({ call }) => call)
    expect([...called].filter(call => !sampled.includes(call))).toEqual([])
    expect(sampled.filter(call => !called.has(call))).toEqual([])
  })

  it.each(whole.SAMPLES.map(({ call }, place) => ({ call, place })))(
    '$call asks and understands the same',
    async ({ call, place }) => {
      const sample = whole.SAMPLES[place]
      if (sample === undefined) throw new Error(`there is no sample of ${call}`)
      const [expected, given] = await both(place, sample.answer)
      expect(expected.error).toBeNull()
      expect(given.error).toBeNull()

      const [operation = ''] = call.split('/').slice(-1)
      const service = call.split('/')[0] as whole.Service
      if (whole.WIRES[service].kind === 'query') expect(expected.asked[0]?.body).toContain(`Action=${operation}&`)
      if (whole.WIRES[service].kind === 'json')
        expect(expected.asked[0]?.headers['x-amz-target']).toMatch(new RegExp(`\\.${operation}$`))
      expect(expected.asked).toHaveLength(1)
      expect(given.asked).toEqual(expected.asked)

      expect(differences(expected.answer, given.answer, named)).toEqual([])
      for (const path of sample.reads) {
        expect(valueAt(expected.answer, path), path).toBeDefined()
        expect(valueAt(given.answer, path), path).toEqual(valueAt(expected.answer, path))
      }
    },
  )
})

describe('a call goes to the same place', () => {
  const firstOfEach = (Object.keys(whole.WIRES) as whole.Service[]).map(service =>
    whole.SAMPLES.findIndex(({ call }) => call.startsWith(`${service}/`)),
  )

  // SQS's client warns of a queue that is elsewhere, as each queue is here.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))
  afterAll(() => vi.restoreAllMocks())
  afterEach(() => {
    for (const name of ['AWS_USE_FIPS_ENDPOINT', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3']) vi.stubEnv(name, undefined)
  })

  async function expectSamePlaces(settings: Partial<Settings>) {
    for (const place of firstOfEach) {
      const answer = whole.SAMPLES[place]?.answer ?? objectAnswer(RECORD.crc32)
      const over = (version: typeof whole) =>
        callOver(given => sendOf(version, place)({ ...given, ...settings }), answer)
      const [expected, given] = await Promise.all([over(whole), over(lean)])
      expect(expected.asked).toHaveLength(1)
      expect(given.asked).toEqual(expected.asked)
    }
  }

  it.each(['us-east-1', 'ap-southeast-2', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'])(
    'in %s',
    region => expectSamePlaces({ region }),
  )

  it('where FIPS is asked for', async () => {
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
    await expectSamePlaces({ region: 'us-east-1' })
  })

  it('where another endpoint is named, for all services or for one', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:5000')
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:5001/s3')
    await expectSamePlaces({})
  })
})

/** The error's name counts as one word: AWS's code and the SDK's name for it may differ, what is made of them may not. */
async function told(version: typeof whole, service: whole.Service, { error, retried, asked }: Call) {
  if (error === null) throw new Error('the call was not refused')
  const { $fault, $metadata } = error as {
    $fault?: string
    $metadata?: { httpStatusCode?: number; requestId?: string }
  }
  const meaning = Object.entries(await version.meaningOf(error)).filter(([adapter]) =>
    REACHED[service].includes(adapter),
  )
  return {
    message: error.message,
    fault: $fault,
    status: $metadata?.httpStatusCode,
    requestId: $metadata?.requestId,
    retried,
    asked: asked.length,
    meaning: Object.fromEntries(meaning.map(([adapter, text]) => [adapter, text.replaceAll(error.name, '<name>')])),
  }
}

async function refused(service: whole.Service, call: string, refusal: Refusal) {
  const [expected, given] = await both(placeOf(call), refusalAnswer(whole.WIRES[service], refusal))
  const name = given.error?.name ?? ''
  const names = [expected.error?.name, refusal.code, refusal.headers?.['x-amzn-query-error']?.split(';')[0]]
  return {
    given,
    lean: { ...(await told(lean, service, given)), isNamed: names.includes(name) || name },
    whole: { ...(await told(whole, service, expected)), isNamed: true },
  }
}

describe('a refusal', () => {
  it.each(Object.keys(whole.WIRES) as whole.Service[])(
    'of %s that its model describes means the same',
    async service => {
      const call = whole.SAMPLES.find(sample => sample.call.startsWith(`${service}/`))?.call ?? ''
      const refusals = await MODELLED[service]()
      expect(refusals.length).toBeGreaterThan(0)
      const all = await Promise.all(refusals.map(refusal => refused(service, call, refusal)))
      expect(all.map(one => one.lean)).toEqual(all.map(one => one.whole))
    },
  )

  it.each(UNMODELLED)('of $call as $code means the same', async ({ call, ...refusal }) => {
    const service = call.split('/')[0] as whole.Service
    const { given, ...told } = await refused(service, call, refusal)
    expect(told.lean).toEqual(told.whole)
    if (refusal.retried !== undefined) expect(given.retried).toBe(refusal.retried)
    if (refusal.means === undefined || given.error === null) return
    expect(await lean.meaningOf(given.error)).toMatchObject(refusal.means)
  })
})

describe('a call that is throttled', () => {
  it.each(['client-iam/GetRole', 'client-dynamodb/GetItem', 'client-sts/AssumeRole'])(
    'is made again: %s',
    async call => {
      const service = call.split('/')[0] as whole.Service
      const throttled = refusalAnswer(whole.WIRES[service], { code: 'Throttling', status: 400, message: 'slower' })
      const answer = whole.SAMPLES[placeOf(call)]?.answer ?? throttled
      const [expected, given] = await both(placeOf(call), throttled, answer)
      expect(given.error).toBeNull()
      expect(given.asked).toHaveLength(2)
      expect(given.asked).toEqual(expected.asked)
      expect(differences(expected.answer, given.answer, named).filter(text => !/totalRetryDelay/.test(text))).toEqual(
        [],
      )
    },
  )
})

describe('a checksum', () => {
  it('is sent with a record of the audit log, as a bucket with Object Lock demands', async () => {
    const sample = whole.SAMPLES[placeOf('client-s3/PutObject')]
    const [, given] = await both(placeOf('client-s3/PutObject'), sample?.answer ?? objectAnswer(RECORD.crc32))
    expect(given.asked[0]?.headers).toMatchObject({ 'x-amz-checksum-crc32': RECORD.crc32, 'if-none-match': '*' })
    expect(given.asked[0]?.body).toBe(RECORD.text)
  })

  it('of a stored record is compared with what arrived', async () => {
    const [expected, given] = await both(placeOf('client-s3/GetObject'), objectAnswer('AAAAAA=='))
    expect(expected.error?.message).toMatch(/Checksum mismatch/)
    expect(given.error?.message).toBe(expected.error?.message)
  })

  it('of a queued message is compared with what SQS says that it took', async () => {
    const [expected, given] = await both(placeOf('client-sqs/SendMessage'), sentAnswer(WORK.md5.replace(/^../, '00')))
    expect(expected.error?.message).toBe('InvalidChecksumError')
    expect(given.error?.message).toBe(expected.error?.message)
  })
})

describe('the comparison', () => {
  it('sees a member that a function names and the lean answer lacks, at any depth', () => {
    const answer = { Role: { Tags: [{ Key: 'a', Value: 'b' }], Made: 1 } }
    const asked = new Set(['Key', 'Value'])
    expect(differences(answer, { Role: { Tags: [{ Key: 'a' }] } }, asked)).toEqual(['Role.Tags.0.Value is missing'])
    expect(differences(answer, { Role: { Tags: [] } }, asked)).toEqual(['Role.Tags has 0 parts, not 1'])
    expect(differences(answer, { Role: { Tags: [{ Key: 'a', Value: 'b' }] } }, asked)).toEqual([])
  })
})
