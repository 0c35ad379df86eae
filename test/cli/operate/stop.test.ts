/** The commands, against the wire protocols of STS and DynamoDB. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import { memoryIo } from '../memory-io.ts'

const WHO = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:sts::111122223333:assumed-role/platform-operates-rolemedic/ada</Arn><UserId>AROAEXAMPLE</UserId><Account>111122223333</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`
type Stored = { readonly pk: { readonly S: string }; readonly document: { readonly S: string } }

const earlier = { ...process.env }
/** What the table has, and the table that is asked. */
let stored: Stored | null = null
let table: string | null = null
let isRefused = false
let aws: Server

function answerTo(target: string, body: { readonly TableName: string; readonly Item?: Stored }): object {
  table = body.TableName
  if (target.endsWith('.GetItem')) return stored === null ? {} : { Item: stored }
  stored = body.Item ?? null
  return {}
}

beforeEach(async () => {
  stored = null
  isRefused = false
  aws = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const target = request.headers['x-amz-target']
      if (target === undefined) response.writeHead(200, { 'content-type': 'text/xml' }).end(WHO)
      else if (isRefused)
        response
          .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: 'you may not' }))
      else
        response
          .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(answerTo(String(target), JSON.parse(body))))
    })
  }).listen(0, '127.0.0.1')
  await once(aws, 'listening')
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
})
afterEach(() => {
  aws.close()
  process.env = { ...earlier }
})

async function run(...args: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T12:00:00Z') })
  const code = await dispatch([...args, '--region', 'eu-west-1'], io)
  return { code, out: io.captured.out, err: io.captured.err }
}

describe('rolemedic stop and resume', () => {
  it('put one item, which says who, why and since when', async () => {
    expect(await run('stop', '--reason', 'incident 4711')).toMatchObject({
      code: 0,
      out: [
        'Granting is stopped in eu-west-1.',
        '  stopped by assumed-role/platform-operates-rolemedic/ada, 2026-11-24T12:00:00.000Z (incident 4711)',
        '  Reverts and ends go on. rolemedic resume lets granting go on.\n',
      ].join('\n'),
    })
    expect([table, stored?.pk.S]).toEqual(['rolemedic', 'note#stopped'])
    expect(JSON.parse(stored?.document.S ?? '')).toEqual({
      stop: {
        by: 'assumed-role/platform-operates-rolemedic/ada',
        reason: 'incident 4711',
        sinceMs: Date.parse('2026-11-24T12:00:00Z'),
      },
    })
  })

  it('say so where nothing is stopped', async () => {
    expect(await run('resume')).toMatchObject({ code: 0, out: 'Granting was not stopped in eu-west-1.\n' })
    expect(stored).toBeNull()
  })

  it('let it go on, and name who had stopped it', async () => {
    await run('stop')
    expect((await run('resume')).out).toBe(
      'Granting goes on in eu-west-1.\n  stopped by assumed-role/platform-operates-rolemedic/ada, 2026-11-24T12:00:00.000Z\n',
    )
    expect(JSON.parse(stored?.document.S ?? '')).toEqual({ stop: null })
  })

  it('print JSON', async () => {
    expect(JSON.parse((await run('stop', '--json')).out)).toEqual({
      schema: 'rolemedic.stop/1',
      region: 'eu-west-1',
      isStopped: true,
      isChanged: true,
      stop: { by: 'assumed-role/platform-operates-rolemedic/ada', reason: null, since: '2026-11-24T12:00:00.000Z' },
    })
  })

  it('says that granting is not stopped where AWS does not answer or refuses it', async () => {
    const failed = (why: string) => ({
      ...{ code: 2, out: '' },
      err: [expect.stringMatching(new RegExp(`granting is not stopped.*runbooks.*${why}`))],
    })
    isRefused = true
    expect(await run('stop')).toMatchObject(failed('you may not'))
    aws.close()
    expect(await run('stop')).toMatchObject(failed('ECONNREFUSED'))
  })

  it('keep no reason that nobody reads', async () => {
    expect(await run('stop', '--reason', 'x'.repeat(201))).toMatchObject({
      code: 2,
      out: '',
      err: [expect.stringMatching(/201 characters, at most 200/)],
    })
    expect(stored).toBeNull()
  })
})
