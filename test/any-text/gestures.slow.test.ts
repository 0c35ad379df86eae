/** Every denial of the table, by every gesture, in every form: the same answer. */
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { plainBytes } from '../../cli/files/plain-bytes.ts'
import type { Io } from '../../cli/io.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { DENIALS } from './denials.ts'
import { WRAPPINGS } from './wrappings.ts'

/** As the command line reads a file or standard input. */
async function textOf(given: string | Buffer): Promise<string> {
  async function* whole() {
    yield Buffer.from(given as string)
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of plainBytes(whole())) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const FILE = 'whatever'

/** A file of that name, or standard input; neither is touched on the disk. */
function ioFor(text: string, where: 'file' | 'stdin' | 'argument'): Io & ReturnType<typeof memoryIo> {
  return {
    ...memoryIo(where === 'stdin' ? { stdin: text } : {}),
    exists: async path => where === 'file' && path === FILE,
    readFile: async path => {
      if (where === 'argument' || path !== (where === 'file' ? FILE : '-')) throw new Error(`${path}: not asked for`)
      return text
    },
  }
}

const GESTURES: readonly (readonly [string, 'file' | 'stdin' | 'argument', (text: string) => readonly string[]])[] = [
  ['rolemedic TEXT', 'argument', text => [text, '--json']],
  ['rolemedic FILE', 'file', () => [FILE, '--json']],
  ['… | rolemedic --json', 'stdin', () => ['--json']],
  ['… | rolemedic -', 'stdin', () => ['-', '--json']],
  ['… | rolemedic diagnose', 'stdin', () => ['diagnose', '--json']],
  ['rolemedic diagnose FILE', 'file', () => ['diagnose', FILE, '--json']],
  ['… | rolemedic diagnose -', 'stdin', () => ['diagnose', '-', '--json']],
  ['rolemedic diagnose TEXT', 'argument', text => ['diagnose', text, '--json']],
  ['rolemedic diagnose --message TEXT', 'argument', text => ['diagnose', '--message', text, '--json']],
  ['rolemedic diagnose --log FILE', 'file', () => ['diagnose', '--log', FILE, '--json']],
]

describe('the table', () => {
  it('has 25 denials and more than 30 forms of each', () => {
    expect(DENIALS).toHaveLength(25)
    expect(WRAPPINGS.length).toBeGreaterThan(30)
    expect(new Set(WRAPPINGS.map(({ name }) => name)).size).toBe(WRAPPINGS.length)
  })
})

describe.each(WRAPPINGS.map(one => [one.name, one] as const))('%s', (_, { of, wrap }) => {
  it.each(DENIALS.map(one => [one.name, one] as const))('%s', async (__, one) => {
    const text = await textOf(wrap(one))
    const answers = new Set<string>()
    for (const [, where, argsOf] of GESTURES) {
      const io = ioFor(text, where)
      const code = await dispatch(argsOf(text), io)
      expect({ code, err: io.captured.err }).toEqual({ code: 0, err: [] })
      answers.add(io.captured.out)
    }
    // Whatever the gesture, not a character differs.
    const [only = '', ...others] = answers
    expect(others).toEqual([])
    const { denial, diagnosis } = JSON.parse(only)
    const { action, principal, resource, reason, cause, verdict } = one.expect
    expect({
      ...{ action: denial.action, principal: denial.principal.arn, resource: denial.resource, reason: denial.reason },
      ...{ cause: diagnosis.cause, verdict: diagnosis.verdict },
    }).toEqual({ action, principal, resource, reason, cause, verdict })
    const { id, time, region, accountId, call } = denial
    if (of === 'record') expect({ id, time, region, accountId, call: call.eventName }).toEqual(one.expectRecord)
    else expect(time).toBeNull()
  })
})

describe('without a text', () => {
  const run = async (args: readonly string[], options: Parameters<typeof memoryIo>[0] = {}) => {
    const io = memoryIo(options)
    return { code: await dispatch(args, io), ...io.captured }
  }

  it.each([[[]], [['--json']]])('%j shows help on a terminal', async args => {
    const { code, out, err } = await run(args)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out).toMatch(/^rolemedic <command>/)
  })

  it.each([[[]], [['-']], [['--json']], [['diagnose', '-']]])('%j refuses an empty standard input', async args => {
    expect(await run(args, { stdin: ' \n' })).toMatchObject({
      code: 2,
      out: '',
      err: ['rolemedic: standard input: the input is empty'],
    })
  })

  it('reads no standard input beside an argument', async () => {
    const io = memoryIo({ stdin: 'never read' })
    const read: string[] = []
    const readFile = async (path: string) => {
      read.push(path)
      return ''
    }
    await dispatch(['User: nobody was denied anything here'], { ...io, readFile })
    expect(read).not.toContain('-')
  })

  it.each(['- ', '-- ', '--- '])('takes a text that begins with %j for a text, in every place', async dashes => {
    const text = `${dashes}User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/x`
    const plain = await run([text.slice(dashes.length), '--format', 'cli'])
    expect(plain.code).toBe(0)
    for (const args of [
      [text, '--format', 'cli'],
      ['diagnose', text, '--format', 'cli'],
      ['--format', 'cli', text],
      ['--message', text, '--format', 'cli'],
    ])
      expect(await run(args)).toEqual(plain)
  })

  it('takes a word for a command, then for a file, and says what it is not', async () => {
    expect(await run(['diagnos'])).toMatchObject({
      code: 2,
      err: ['rolemedic: unknown command "diagnos" (did you mean diagnose?)'],
    })
    expect(await run(['not', 'authorized'])).toMatchObject({ code: 2 })
    expect(await run(['diagnose', 'missing.json'])).toMatchObject({
      code: 2,
      err: ['rolemedic: missing.json: no such file'],
    })
    const { code, err } = await run(['my build.log'])
    expect({ code, isAdvised: err[0]?.endsWith('(and there is no file of that name)') }).toEqual({
      code: 3,
      isAdvised: true,
    })
  })

  it('says in one sentence that another action was denied', async () => {
    const { code, err } = await run([
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k',
    ])
    expect({ code, lines: err.length }).toEqual({ code: 3, lines: 1 })
    expect(err[0]).toContain('s3:GetObject was denied')
  })
})
