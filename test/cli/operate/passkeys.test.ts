/** The command against the wire protocol of Lambda, with `enroll` behind it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import { readEnrollRequest, wordsOfRequest } from '../../../functions/domain/authority/people/enrolling.ts'
import { credentialName } from '../../../functions/domain/authority/spent.ts'
import { consumeAsk } from '../../../functions/enroll/consumer.ts'
import { type EnrollWorld, enrollWorld, requestOf } from '../../fakes/enroll-world.ts'
import { deviceOf, ORIGIN } from '../../fakes/passkeys.ts'
import { HOUR } from '../../fakes/sample-proposal.ts'
import { memoryIo } from '../memory-io.ts'

const earlier = { ...process.env }
let lambda: Server
let world: EnrollWorld
let status = 200
/** Whom AWS takes the caller for. */
let who = 'one'
let invoked: string[] = []

beforeEach(async () => {
  world = enrollWorld()
  status = 200
  invoked = []
  lambda = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', async () => {
      invoked.push(String(request.url))
      const event = JSON.parse(body)
      const answer = await consumeAsk({ ...event, caller: { headers: { who } } }, world.enroll)
      response.writeHead(status).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(lambda, 'listening')
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
})
afterEach(() => {
  lambda.close()
  process.env = { ...earlier }
})

async function run(...args: readonly string[]) {
  const io = { ...memoryIo(), env: process.env }
  const code = await dispatch(['passkeys', ...args, '--region', 'eu-west-1'], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

const CODE = requestOf('U0ADA')
const read = readEnrollRequest(CODE)
const WORDS = read.ok ? wordsOfRequest(read.value.request) : ''

describe('rolemedic passkeys', () => {
  it('says what does not answer', async () => {
    lambda.close()
    const { code, err } = await run('list')
    expect(code).toBe(2)
    expect(err).toMatch(/fetch failed: .*ECONNREFUSED 127\.0\.0\.1/)
  })

  it('enrolls with two administrators, lists, and removes', async () => {
    const first = await run('enroll', CODE, '--words', WORDS)
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('The first people need two') })
    who = 'two'
    expect((await run('enroll', CODE, '--words', WORDS.toUpperCase())).out).toContain('counts at every risk from')
    expect(invoked).toEqual(Array(2).fill('/2015-03-31/functions/rolemedic-enroll/invocations'))
    const name = credentialName(deviceOf('U0ADA'))
    expect((await run('list')).out).toContain(`U0ADA ${name} one device`)
    expect(JSON.parse((await run('list', '--json')).out)).toMatchObject({
      schema: 'rolemedic.passkeys/1',
      passkeys: [{ userId: 'U0ADA', isRemoved: false }],
      groups: [{ group: 'S0ONCALL', enrolled: ['U0ADA'] }],
    })
    expect((await run('remove', 'U0ADA', '--credential', name)).out).toContain('Nothing more is approved')
    expect((await run('list')).out).toContain('removed')
  })

  it('asks nobody where the person read other words: the code is of another device', async () => {
    const other = requestOf('U0ADA', undefined, { device: deviceOf('U0EVE') })
    expect(await run('enroll', other, '--words', WORDS)).toMatchObject({ code: 2, out: '' })
    expect(await run('enroll', 'no code', '--words', WORDS)).toMatchObject({ code: 2 })
    expect(invoked).toEqual([])
  })

  it('says in one line what was refused, and by whom', async () => {
    const answer = await run('remove', 'U0ADA', '--credential', '0'.repeat(32))
    expect(answer).toMatchObject({
      code: 2,
      err: expect.stringContaining('rolemedic-enroll refuses: U0ADA has no passkey'),
    })
    status = 403
    expect((await run('list')).err).toContain('lambda:InvokeFunction')
    status = 404
    expect((await run('list')).err).toContain('no function rolemedic-enroll in eu-west-1: use the credentials and the')
    status = 500
    expect((await run('list')).err).toContain('did not answer (HTTP 500)')
  })

  it.each([
    [[], 'passkeys takes'],
    [['enroll', CODE], 'needs --words'],
    [['remove', 'U0ADA'], 'needs --credential'],
    [['rename', 'x'], 'passkeys takes'],
  ])('%j is no question', async (args, line) => {
    expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringContaining(line) })
  })
})

describe('rolemedic config check, where passkeys are on', () => {
  const config = (more: object = {}) =>
    JSON.stringify({
      ...{ channel: 'C04RELEASES', mode: 'approve', approval: { passkey: 'elevated' } },
      approvers: { users: [], groups: ['S0ONCALL'] },
      ...more,
    })
  async function check(text: string, enrolled: string | null) {
    const files: { readonly [name: string]: string } = { 'c.json': text, 'e.json': enrolled ?? '' }
    const io = { ...memoryIo(), readFile: async (name: string) => files[name] ?? Promise.reject(new Error(name)) }
    const args = enrolled === null ? [] : ['--enrolled', 'e.json']
    const code = await dispatch(['config', 'check', 'c.json', ...args], io)
    return { code, err: io.captured.err.join('\n') }
  }
  async function listed(...people: readonly string[]): Promise<string> {
    for (const one of people) await world.enrolled(one)
    return (await run('list', '--json')).out
  }

  it('config pack takes no file that it does not read', async () => {
    const io = memoryIo()
    expect(await dispatch(['config', 'pack', 'c.json', '--enrolled', 'e.json'], io)).toBe(2)
    expect(io.captured.err.join('')).toContain('--enrolled goes with check')
  })

  it('names standard input where that is no list of passkeys', async () => {
    const io = { ...memoryIo(), readFile: async (name: string) => (name === '-' ? '[]' : config()) }
    expect(await dispatch(['config', 'check', 'c.json', '--enrolled', '-'], io)).toBe(2)
    expect(io.captured.err.join('')).toBe('rolemedic: standard input: not what rolemedic passkeys list --json prints')
  })

  it('refuses it before two people of each group have one', async () => {
    expect(await check(config(), null)).toMatchObject({ code: 1, err: expect.stringContaining('--enrolled') })
    const one = await listed('U0ADA')
    expect(await check(config(), one)).toMatchObject({
      code: 1,
      err: expect.stringContaining('approvers (S0ONCALL): 1 of its people'),
    })
    const two = await listed('U0BEN')
    expect(await check(config(), two)).toMatchObject({ code: 0 })
    const glass = { breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' } }
    expect(await check(config(glass), two)).toMatchObject({ code: 1, err: expect.stringContaining('breakGlass.group') })
    const named = { passkeys: { people: ['U0ADA', 'U0CAT'] } }
    expect(await check(config(named), two)).toMatchObject({ code: 1 })
  })

  it('counts none of another host, and none before it counts at every risk', async () => {
    await listed('U0ADA', 'U0BEN')
    Object.assign(world.deps.passkeys, { origin: 'https://passkeys.example.com' })
    expect(await check(config(), await listed())).toMatchObject({ code: 1 })
    Object.assign(world.deps.passkeys, { origin: ORIGIN })
    expect(await check(config(), await listed())).toMatchObject({ code: 0 })
    await world.remove('U0BEN', credentialName(deviceOf('U0BEN')))
    await world.byAdmin('one', requestOf('U0CAT'))
    expect(await check(config(), await listed())).toMatchObject({ code: 1 })
    // The list of a group has only those that count; of people who are named, `check` has to look.
    const named = { approvers: { users: ['U0ADA', 'U0CAT'], groups: [] } }
    expect(await check(config(named), await listed())).toMatchObject({ code: 1 })
    world.clock.nowMs += 24 * HOUR
    expect(await check(config(), await listed())).toMatchObject({ code: 0 })
    expect(await check(config(named), await listed())).toMatchObject({ code: 0 })
  })

  it('asks nothing where it is off', async () => {
    expect(await check(config({ approval: {} }), null)).toMatchObject({ code: 0 })
  })
})
