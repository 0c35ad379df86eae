import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`
const denied = (name: string) =>
  `Error: User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: ${role(name)}`
const LOG = ['start', denied('a'), 'more', denied('b'), denied('a'), 'end'].join('\n')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-log-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function cli(args: readonly string[], stdin = '') {
  const io = memoryIo({ stdin })
  const code = await dispatch(['diagnose', ...args], io)
  const objects = io.captured.out.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return { code, out: io.captured.out, err: io.captured.err, objects }
}

describe('rolemedic diagnose --log', () => {
  it('prints one object per distinct denial with exactly the keys of the contract, and its line', async () => {
    const { code, err, objects } = await cli(['--log', file('build.log', LOG), '--json'])
    expect(code).toBe(0)
    expect(objects.map(({ denial }) => denial.resource)).toEqual([role('a'), role('b')])
    for (const object of objects)
      expect(Object.keys(object)).toEqual([
        'schema',
        'line',
        'denial',
        'diagnosis',
        'next',
        'patches',
        'verification',
        'refusal',
        'suggestion',
        'timeline',
        'run',
      ])
    expect(objects.map(({ line }) => line)).toEqual([2, 4])
    expect(err).toEqual([])
  })

  it.each([
    [10, 'line 1 (and 2, 3, 4, 5, 6, 7, 8, 9, 10)'],
    [11, 'line 1 (and 2, 3, 4, 5, 6, 7, 8, 9, 10 and more)'],
    [500, 'line 1 (and 2, 3, 4, 5, 6, 7, 8, 9, 10 and more)'],
  ])('names the first ten of %i lines with the same denial', async (times, place) => {
    const { out } = await cli(['--log', '-'], `${denied('a')}\n`.repeat(times))
    expect(out).toContain(`${place}\n`)
  })

  it('says what it did not read of a flood, and how to read a part of it', async () => {
    const flood = `${denied('b').replace(role('b'), '')}\n`.repeat(9_000)
    const path = file('a build.log', `${denied('a')}\n${flood}${denied('c')}\n`)
    const { code, err, objects } = await cli(['--log', path, '--json'])
    expect(code).toBe(0)
    expect(objects.map(({ denial }) => denial.resource)).toEqual([role('a'), null, role('c')])
    const warning = err.find(line => line.includes('not read')) ?? ''
    expect(warning).toMatch(/^rolemedic: \d{4} more places look like denials and were not read, lines \d{4} to 9001: /)
    expect(warning).toMatch(/ To read a part: sed -n '\d{4},9001p' '\/.*\/a build\.log' \| rolemedic$/)
  })

  it('diagnoses each with the policies of the account', async () => {
    const log = LOG.replaceAll('user/ci', 'role/deploy/pipeline-deploy').replaceAll('role/a', 'role/app/orders-task')
    const { out } = await cli(['--log', '-', '--account', join(root, 'events/accounts/orders-dev.json')], log)
    expect(out.match(/^Cause: .*/gm)).toEqual(['Cause: identity-gap (likely)', 'Cause: identity-gap (proved)'])
  })

  it('shows the lines of each denial on a terminal', async () => {
    const { code, out } = await cli(['--log', '-'], LOG)
    expect(code).toBe(0)
    const heads = out.split('\n').filter(line => /^( {2}line |Denied:)/.test(line))
    expect(heads).toEqual([
      `Denied: iam:PassRole on ${role('a')}`,
      '  line 2 (and 5)',
      `Denied: iam:PassRole on ${role('b')}`,
      '  line 4',
    ])
  })

  it.each([
    [
      'without a denial',
      'make: *** [all] Error 1\n',
      /: looked for CloudTrail records \(JSON with eventName and eventSource/,
    ],
    [
      'with another denial',
      denied('a').replace('iam:PassRole', 's3:GetObject'),
      /: s3:GetObject was denied, which is no role/,
    ],
  ])('exits with 3 and one line for a log %s', async (_, log, why) => {
    const { code, out, err } = await cli(['--log', '-', '--json'], log)
    expect({ code, out, lines: err.length }).toEqual({ code: 3, out: '', lines: 1 })
    expect(err[0]).toMatch(/^rolemedic: no denied iam:PassRole or sts:AssumeRole in the input: /)
    expect(err[0]).toMatch(why)
  })

  it.each([
    ['that is missing', ['--log', '/no/such/file'], /^rolemedic: \/no\/such\/file: no such file$/],
    ['that is empty', ['--log', '-'], /^rolemedic: standard input: the input is empty$/],
    ['without a name', ['--log'], /^rolemedic: Option '--log <value>' argument missing/],
    ['beside FILE', ['a', '--log', 'b'], /^rolemedic: give a FILE, --log or --message, not both /],
    ['beside --message', ['--message', 'a', '--log', 'b'], /^rolemedic: give a FILE, --log or --message, not both /],
    ['beside both', ['a', '--message', 'b', '--log', 'c'], /^rolemedic: give a FILE, --log or --message, not all /],
  ])('exits with 2 and one line for a log %s', async (_, args, line) => {
    const { code, out, err } = await cli(args)
    expect({ code, out, lines: err.length }).toEqual({ code: 2, out: '', lines: 1 })
    expect(err[0]).toMatch(line)
  })

  it('is read the same without the option', async () => {
    const named = await cli(['--log', '-', '--json'], LOG)
    expect(await cli(['-', '--json'], LOG)).toEqual(named)
    expect(named.objects).toHaveLength(2)
  })

  it('says which line of JSON Lines it could not read, and reads the others', async () => {
    const record = { eventSource: 'ecs.amazonaws.com', eventName: 'RunTask', errorCode: 'AccessDenied' }
    const line = JSON.stringify({ ...record, errorMessage: denied('a') })
    const { code, err, objects } = await cli(['-', '--json'], [line, line.slice(0, 40), line].join('\n'))
    expect({ code, records: objects.length }).toEqual({ code: 0, records: 2 })
    expect(err).toEqual([expect.stringMatching(/^rolemedic: line 2 was not read: /)])
  })

  it('says so of a log file that was cut in a record, and not of one that was cut behind a record', async () => {
    const record = { eventVersion: '1.11', eventSource: 'ecs.amazonaws.com', eventName: 'RunTask' }
    const file = JSON.stringify({ Records: [{ ...record, eventID: '1' }, record] }, null, 2)
    const cut = await cli(['-', '--json'], file.slice(0, file.lastIndexOf('eventName')))
    expect(cut.err[0]).toBe('rolemedic: line 9 was not read: it ends inside a value')
    const whole = await cli(['-', '--json'], file.slice(0, file.lastIndexOf(']')))
    expect(whole.err).toEqual([expect.stringContaining('no denied iam:PassRole')])
  })

  it('reads a long log from a pipe', () => {
    const stamp = '2026-11-24T02:47:31.1234567Z '
    const noise = `${stamp}\u001b[0m│ aws_s3_object.site: Still creating... not authorized yet\u001b[0m\n`.repeat(
      40_000,
    )
    const input = ['a', 'b', 'a', 'c', 'b'].map(name => `${noise}${stamp}${denied(name)}\n`).join('')
    const args = [join(root, 'cli/main.ts'), 'diagnose', '--log', '-', '--json']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line).denial.resource)).toEqual([role('a'), role('b'), role('c')])
    expect(lines.map(line => JSON.parse(line).line)).toEqual([40_001, 80_002, 160_004])
  })
})

describe('a refusal that does not say what was denied', () => {
  it('is named with its line and what to do, and not answered with "no denied"', async () => {
    const log = ['start', 'AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.', 'end']
    const { code, out, err } = await cli(['--log', file('mfa.log', log.join('\n'))])
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out).toMatch(/^Use a new code[\s\S]*\nWhy: .*MFA.* \(line 2\)/)
  })

  it('is no whole encoded message where the log has a part', async () => {
    const blob = 'You are not authorized to perform this operation. Encoded authorization failure message: Ab1-_x'
    const cut = await cli(['--log', file('cut.log', `start\n${blob}...\nend`)])
    expect(cut).toMatchObject({ code: 0, err: [] })
    expect(cut.out).toMatch(/Why: The encoded message is cut off.*\(line 2\)/)
    const whole = await cli(['--log', file('whole.log', `start\n${blob}${'Ab1-_x'.repeat(60)}\nend`)])
    expect(whole.err.join('\n')).toMatch(/line 2: .*aws sts decode-authorization-message/)
  })

  it('counts among the records of a file', async () => {
    const record = (eventName: string, errorMessage: string) => ({
      ...{ eventID: eventName, eventName, eventSource: 'ec2.amazonaws.com', errorCode: 'Client.UnauthorizedOperation' },
      ...{ errorMessage, recipientAccountId: '111122223333' },
    })
    const records = [
      record('RunInstances', 'You are not authorized to perform this operation.'),
      record('StartInstances', 'The instance is not in a state from which it can be started.'),
    ]
    const { code, err } = await cli([file('two.json', JSON.stringify({ Records: records }))])
    expect(code).toBe(3)
    expect(err.join('\n')).toMatch(
      /1 of 2 records may hide a denied iam:PassRole or sts:AssumeRole: RunInstances: EC2 names/,
    )
  })

  it.each(['build.log', 'hosts.log'])('is none in %s', async name => {
    const text = name === 'build.log' ? 'all done\n' : 'Get "https://sts.eu-west-1.amazonaws.com": no such host\n'
    const { code, err } = await cli(['--log', file(name, text)])
    expect({ code, err }).toEqual({
      code: 3,
      err: [expect.stringMatching(/^rolemedic: no denied iam:PassRole or sts:AssumeRole in the input: looked for/)],
    })
  })
})
