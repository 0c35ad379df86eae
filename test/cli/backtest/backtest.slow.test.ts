import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generatedHistory } from '../../../bench/backtest/generated-history.ts'
import { deniedRegistration, pairedAccount } from '../../../bench/engine/generated-account.ts'
import { dispatch } from '../../../cli/dispatch.ts'
import { backtestPage } from '../../../cli/formats/backtest/backtest-page.ts'
import { backtestText } from '../../../cli/formats/backtest/text-output.ts'
import { type BacktestOutput, backtest } from '../../../cli/outputs/backtest.ts'
import { isBesideLogs, isDigest, isLogFile, isWriteTest } from '../../../cli/use-cases/backtest/local-sources.ts'
import type { Summary } from '../../../cli/use-cases/backtest/summary.ts'
import { memoryIo } from '../memory-io.ts'

const ACCOUNT = '111122223333'
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/app/${name}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-backtest-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function run(...args: readonly string[]) {
  const io = memoryIo()
  const code = await dispatch(['backtest', ...args], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

async function numbers(...args: readonly string[]): Promise<BacktestOutput> {
  const { code, out, err } = await run(...args, '--json')
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
  return backtest.parse(JSON.parse(out))
}

const log = (...records: readonly object[]) => JSON.stringify({ Records: records })
const denial = (id: string, time: string, pair = 0) =>
  deniedRegistration({ id, time, caller: `deployer-${pair}`, target: `task-${pair}` })

describe('a back-test of a generated week', () => {
  it('finds exactly what is planted, in one file or in many, compressed or not', async () => {
    const history = generatedHistory({ records: 4_000, seed: 7 })
    const records = [...history.records()]
    const planted = history.planted()
    const account = file('account.json', history.account)
    const whole = file('whole.json', `{"Records":[${records.join(',')}]}`)
    const pretty = file('pretty.json', JSON.stringify({ Records: records.map(each => JSON.parse(each)) }, null, 2))
    for (let at = 0; at < 6; at += 1) {
      const part = records.filter((_, index) => index % 6 === at)
      const text = `{"Records":[${part.join(',')}]}`
      if (at % 2 === 0) file(`trail/CloudTrail/eu-west-1/2026/11/${at}_CloudTrail_${at}.json.gz`, gzipSync(text))
      else file(`trail/CloudTrail/eu-west-1/2026/11/${at}.json`, part.join('\n'))
    }
    for (const path of [whole, pretty, join(folder, 'trail')]) {
      const found = await numbers(path, '--account', account)
      const { allowedCalls, evaluatedAllowed, deniedCalls, evaluatedDenied, unknown, disagreements, ...week } = planted
      expect(found).toMatchObject({ ...week, unreadable: 0 })
      const counts = { allowedCalls, evaluatedAllowed, deniedCalls, evaluatedDenied, unknown }
      expect(found.calibration).toMatchObject(counts)
      expect(found.calibration?.disagreements).toHaveLength(disagreements)
      expect(found.byVerdict).toEqual({ proved: planted.distinct })
    }
  })
})

describe('what a back-test counts', () => {
  it('counts an event id once, however often it was delivered', async () => {
    const once = denial('e-1', '2026-11-16T10:00:00Z')
    const other = denial('e-2', '2026-11-16T10:01:00Z')
    const one = file('a.json', log(once, other, once))
    const two = file('b.json.gz', gzipSync(log(other, once)))
    const found = await numbers(one, two, one)
    expect(found).toMatchObject({ records: 2, denials: 2, distinct: 1, cards: 1 })
    expect((await run(one, two)).err).toContain('3 records came again')
  })

  it('takes an empty event id for none: two denials stay two', async () => {
    const two = file('a.json', log(denial('', '2026-11-16T10:00:00Z'), denial('', '2026-11-16T10:01:00Z')))
    expect(await numbers(two)).toMatchObject({ records: 2, denials: 2, distinct: 1 })
  })

  it('counts a time that no record can have as of the first day', async () => {
    const times = ['2026-11-16T10:00:00Z', '+010000-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z']
    const path = file('a.json', log(...times.map((time, n) => denial(`e-${n}`, time))))
    expect(await numbers(path)).toMatchObject({
      ...{ records: 4, denials: 4, from: '2026-11-16T10:00:00Z', to: '2026-11-16T10:00:00Z' },
      byDay: [{ day: '2026-11-16', denials: 4, cards: 1 }],
    })
  })

  it('reads the output of lookup-events, EventBridge events and JSON Lines', async () => {
    const records = [1, 2, 3].map(at => denial(`e-${at}`, `2026-11-16T10:0${at}:00Z`))
    const lookup = { Events: records.map(each => ({ EventId: each.eventID, CloudTrailEvent: JSON.stringify(each) })) }
    const events = records.map(detail => JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', detail }))
    for (const text of [JSON.stringify(lookup, null, 2), events.join('\n'), JSON.stringify(records)]) {
      const found = await numbers(file('events.json', text))
      expect(found).toMatchObject({ records: 3, denials: 3, distinct: 1, cards: 1, unreadable: 0 })
    }
  })

  it('folds sessions, and keeps callers, actions and roles apart', async () => {
    const first = denial('e-1', '2026-11-16T10:00:00Z')
    const session = JSON.parse(JSON.stringify(first).replaceAll('/pipeline', '/other').replace('e-1', 'e-2'))
    const found = await numbers(file('a.json', log(first, session, denial('e-3', '2026-11-16T10:00:00Z', 1))))
    expect(found).toMatchObject({ denials: 3, distinct: 2 })
    expect(found.topPrincipals).toEqual([
      { arn: role('deployer-0'), denials: 2 },
      { arn: role('deployer-1'), denials: 1 },
    ])
    expect(found.topRoles[0]).toEqual({ arn: role('task-0'), denials: 2 })
  })

  it('takes days in UTC, whatever the order of the records, and a card on the day on which it is sent', async () => {
    const before = denial('e-1', '2026-11-16T23:59:30Z')
    const after = denial('e-2', '2026-11-17T00:00:10Z')
    const found = await numbers(file('a.json', log(after, before)))
    expect(found).toMatchObject({ from: '2026-11-16T23:59:30Z', to: '2026-11-17T00:00:10Z', cards: 1 })
    expect(found.byDay).toEqual([
      { day: '2026-11-16', denials: 1, cards: 0 },
      { day: '2026-11-17', denials: 1, cards: 1 },
    ])
  })

  it('sends another card once the first expired, and none while it is open', async () => {
    const account = file('account.json', pairedAccount(1))
    const at = (...times: readonly string[]) =>
      file('a.json', log(...times.map((time, index) => denial(`e-${index}`, `2026-11-${time}Z`))))
    expect(await numbers(at('16T10:00:00', '16T17:00:00'), '--account', account)).toMatchObject({ cards: 1 })
    expect(await numbers(at('16T10:00:00', '16T18:10:00'), '--account', account)).toMatchObject({ cards: 2 })
    const longer = file('config.json', JSON.stringify({ approvalExpiryHours: 24 }))
    const path = at('16T10:00:00', '16T18:10:00')
    expect(await numbers(path, '--account', account, '--config', longer)).toMatchObject({ cards: 1 })
    const text = (await run(path, '--account', account)).out
    expect(text).toContain('1 of the cards are for a denial that had one before')
    expect(text).toContain('approvalExpiryHours 24 (now 8): 1 card instead of 2')
  })

  it('makes a storm list of the cards beyond the setting', async () => {
    const records = Array.from({ length: 12 }, (_, at) => denial(`e-${at}`, '2026-11-16T10:01:00Z', at))
    const found = await numbers(file('a.json', log(...records)))
    expect(found).toMatchObject({ cards: 12, cardsOnBusiestDay: 12, stormLists: 1 })
    const many = file('config.json', JSON.stringify({ digestAfterCards: 12 }))
    // With a change to approve, each has a card of its own; without, two of a cause have.
    const account = file('account.json', pairedAccount(12))
    const log12 = file('a.json', log(...records))
    expect(await numbers(log12, '--config', many, '--account', account)).toMatchObject({ cards: 12, stormLists: 0 })
    expect(await numbers(log12, '--config', many)).toMatchObject({ cards: 12, stormLists: 1 })
  })

  it('counts for the mode approve, and says what to observe the busiest account would save', async () => {
    const other = JSON.parse(JSON.stringify(denial('e-2', '2026-11-16T10:00:00Z')).replaceAll(ACCOUNT, '444455556666'))
    const records = [denial('e-1', '2026-11-16T10:00:00Z'), denial('e-3', '2026-11-16T11:00:00Z', 1), other]
    const observe = file('config.json', JSON.stringify({ mode: 'observe' }))
    const path = file('a.json', log(...records))
    expect(await numbers(path, '--config', observe)).toMatchObject({ cards: 3 })
    const { out } = await run(path)
    expect(out).toContain(`accounts.${ACCOUNT}.mode observe (now approve): 1 card instead of 3`)
    expect(out).toContain(
      `accounts.${ACCOUNT}.channel its own channel (now the channel of all): 2 on the busiest day of a channel instead of 3`,
    )
  })

  it('counts no card for what the policies allow', async () => {
    const account = JSON.parse(pairedAccount(1))
    account.RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement.push({
      ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource: role('task-0') },
    })
    const path = file('a.json', log(denial('e-1', '2026-11-16T10:00:00Z')))
    const found = await numbers(path, '--account', file('account.json', JSON.stringify(account)))
    expect(found).toMatchObject({ denials: 1, cards: 0, byCause: { 'already-allowed': 1 } })
    expect(found.calibration).toMatchObject({ deniedCalls: 1, evaluatedDenied: 0, unknown: 0 })
    expect(found.calibration?.disagreements).toEqual([
      { eventId: 'e-1', aws: 'denied', rolemedic: 'allowed', why: expect.stringContaining('may have changed since') },
    ])
  })

  it('says unknown without accounts, and has no calibration', async () => {
    const found = await numbers(file('a.json', log(denial('e-1', '2026-11-16T10:00:00Z'))))
    expect(found).toMatchObject({ byVerdict: { 'not-enough-evidence': 1 }, byRisk: {}, calibration: null })
  })

  it('takes records of other accounts and Regions, and several account files', async () => {
    const other = JSON.parse(
      JSON.stringify(denial('e-2', '2026-11-16T10:00:00Z'))
        .replaceAll(ACCOUNT, '444455556666')
        .replace('eu-west-1', 'us-east-1'),
    )
    const path = file('a.json', log(denial('e-1', '2026-11-16T10:00:00Z'), other))
    const one = file('one.json', pairedAccount(1))
    const two = file('two.json', pairedAccount(1).replaceAll(ACCOUNT, '444455556666'))
    expect(await numbers(path, '--account', one)).toMatchObject({
      ...{ distinct: 2, byVerdict: { proved: 1, 'not-enough-evidence': 1 } },
      calibration: { deniedCalls: 2, evaluatedDenied: 1, unknown: 1, disagreements: [] },
    })
    expect(await numbers(path, '--account', one, '--account', two)).toMatchObject({
      ...{ byVerdict: { proved: 2 }, calibration: { evaluatedDenied: 2, unknown: 0 } },
    })
  })

  it('answers again for another address or session only where a policy asks for it', async () => {
    const { errorCode, errorMessage, ...allowed } = denial('e-0', '2026-11-16T10:00:00Z')
    const from = (id: string, sourceIPAddress: string, session: string) =>
      JSON.parse(
        JSON.stringify({ ...allowed, eventID: id, sourceIPAddress }).replaceAll(/([:/])pipeline/g, `$1${session}`),
      )
    const path = file('a.json', log(from('e-1', '198.51.100.7', 'a'), from('e-2', '203.0.113.9', 'b')))
    const withPolicy = (Condition: object) => {
      const account = JSON.parse(pairedAccount(1))
      const statements = account.RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement
      statements.push({ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*', Condition })
      return file('account.json', JSON.stringify(account))
    }
    const differing = async (Condition: object) => {
      const { calibration } = await numbers(path, '--account', withPolicy(Condition))
      return calibration?.disagreements.map(({ eventId }) => eventId)
    }
    expect(await differing({ IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } })).toEqual(['e-2'])
    expect(await differing({ StringLike: { 'aws:userid': '*:b' } })).toEqual(['e-1'])
    expect(await differing({ Bool: { 'aws:ViaAWSService': 'false' } })).toEqual([])
  })

  it('answers again for another service, and for another answer of AWS', async () => {
    const { errorCode, errorMessage, ...passed } = denial('e-1', '2026-11-16T10:00:00Z')
    const toLambda = {
      ...{ ...passed, eventID: 'e-2', eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
      requestParameters: { functionName: 'orders', role: role('task-0') },
    }
    const assumed = {
      ...{ ...passed, eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' },
      requestParameters: null,
    }
    const message = `User: ${passed.userIdentity.arn} is not authorized to perform: sts:AssumeRole on resource: ${role('task-0')}`
    const account = JSON.parse(pairedAccount(1))
    account.RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement.push({
      ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' },
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    })
    account.RoleDetailList[1].AssumeRolePolicyDocument.Statement.push({
      ...{ Effect: 'Allow', Principal: { AWS: role('deployer-0') }, Action: 'sts:AssumeRole' },
    })
    const path = file(
      'a.json',
      log(
        ...[passed, toLambda],
        { ...assumed, eventID: 'e-3', requestParameters: { roleArn: role('task-0') } },
        { ...assumed, eventID: 'e-4', errorCode: 'AccessDenied', errorMessage: message },
      ),
    )
    const { calibration } = await numbers(path, '--account', file('account.json', JSON.stringify(account)))
    // For the denied call, a session policy may be the cause, which was not read.
    expect(calibration).toMatchObject({ allowedCalls: 3, evaluatedAllowed: 2, deniedCalls: 1, unknown: 1 })
    expect(calibration?.disagreements.map(({ eventId, aws }) => [eventId, aws])).toEqual([['e-2', 'allowed']])
  })

  it('does not take a role or a caller that was deleted since for a disagreement', async () => {
    const { errorCode, errorMessage, ...allowed } = denial('e-1', '2026-11-16T10:00:00Z')
    const gone = (id: string, from: string, to: string) =>
      JSON.parse(JSON.stringify({ ...allowed, eventID: id }).replaceAll(from, to))
    const path = file(
      'a.json',
      log(gone('e-1', 'task-0', 'gone'), gone('e-2', 'deployer-0', 'gone'), gone('e-3', 'AROADEPLOYER0', 'AROANEW')),
    )
    const found = await numbers(path, '--account', file('account.json', pairedAccount(1)))
    expect(found.calibration).toEqual({
      ...{ allowedCalls: 3, evaluatedAllowed: 0, deniedCalls: 0, evaluatedDenied: 0, unknown: 3, disagreements: [] },
    })
  })
})

describe('what cannot be read', () => {
  const good = log(denial('e-1', '2026-11-16T10:00:00Z'))

  it('names each damaged file, reads the others, and ends with 0', async () => {
    const whole = log(...Array.from({ length: 300 }, (_, at) => denial(`m-${at}`, '2026-11-16T10:00:00Z', at)))
    file('trail/a.json', good)
    file('trail/cut.json', whole.slice(0, -400))
    file('trail/cut.json.gz', gzipSync(whole).subarray(0, 2_000))
    file('trail/html.json', '<!doctype html>')
    file('trail/broken.json', '{"eventName":"x","eventSource":"y","errorCode":"AccessDenied","z":tru}')
    const { code, out, err } = await run(join(folder, 'trail'), '--json')
    expect(code).toBe(0)
    // Of the truncated file, only the last record is lost; the others are complete.
    expect(JSON.parse(out)).toMatchObject({ unreadable: 4 })
    expect(JSON.parse(out).denials).toBeGreaterThanOrEqual(300)
    expect(err).toContain('cut.json: cut: it ends inside a value')
    expect(err).toContain('cut.json.gz: damaged gzip: it is cut')
    expect(err).toContain('html.json: not JSON: text at byte 0')
    expect(err).toContain('broken.json: 1 record of it cannot be read')
  })

  it('names a folder that may not be listed', async () => {
    file('trail/a.json', good)
    file('trail/closed/b.json', good)
    chmodSync(join(folder, 'trail/closed'), 0)
    try {
      const { code, err } = await run(join(folder, 'trail'), '--json')
      expect(code).toBe(0)
      // Root may list everything.
      if (process.getuid?.() !== 0) expect(err).toContain('closed: permission denied')
    } finally {
      chmodSync(join(folder, 'trail/closed'), 0o700)
    }
  })

  it('steps over digests, Insights and snapshots of AWS Config, and reads a folder that links to itself once', async () => {
    file('trail/CloudTrail/eu-west-1/a.json', good)
    file('trail/CloudTrail-Digest/eu-west-1/d.json.gz', 'no gzip')
    file('trail/CloudTrail-Insight/eu-west-1/i.json.gz', 'no gzip')
    file('trail/Config/eu-west-1/1_Config_eu-west-1_ConfigSnapshot_2.json.gz', 'no gzip')
    file('trail/notes.txt', 'text')
    symlinkSync(join(folder, 'trail'), join(folder, 'trail/again'))
    const insight = { ...denial('i-1', '2026-11-16T10:00:00Z'), insightDetails: {} }
    appendFileSync(join(folder, 'trail/CloudTrail/eu-west-1/a.json'), `\n${JSON.stringify(insight)}`)
    const found = await numbers(join(folder, 'trail'))
    expect(found).toMatchObject({ records: 1, unreadable: 0 })
    expect(found.notRead.map(one => one.file.replace(/^.*[/\\]/, ''))).toEqual([
      'i.json.gz',
      '1_Config_eu-west-1_ConfigSnapshot_2.json.gz',
      'notes.txt',
    ])
  })

  it('knows a log file by its name, also with the separators of Windows', () => {
    expect(isLogFile('C:\\trail\\CloudTrail\\eu-west-1\\x.json.gz')).toBe(true)
    expect(isDigest('C:\\trail\\CloudTrail-Digest\\eu-west-1\\x.json.gz')).toBe(true)
    expect(isDigest('C:\\trail\\CloudTrail\\eu-west-1\\x.json.gz')).toBe(false)
    expect(isBesideLogs('C:\\trail\\CloudTrail-Insight\\eu-west-1\\x.json.gz')).toBe(true)
    expect(isWriteTest('C:\\trail\\aws-logs-write-test')).toBe(true)
    expect(isWriteTest('C:\\aws-logs-write-test\\x.json')).toBe(false)
    expect(isLogFile('trail/x.txt')).toBe(false)
  })

  it('counts one as one, and thousands with a comma', async () => {
    const one = await run(file('a.json', log(denial('e-1', '2026-11-16T10:00:00Z'))))
    expect(one.out).toMatch(
      /^1 record of 1 day, .*\n1 denial of a passed or assumed role, 1 different\n\n1 card: 1 a day/,
    )
    const times = Array.from({ length: 1_200 }, (_, n) => denial(`e-${n}`, '2026-11-16T10:00:00Z'))
    const many = await run(file('b.json', log(...times)))
    expect(many.out).toMatch(/^1,200 records of 1 day, .*\n1,200 denials of a passed/)
  })

  it('writes every large number with a comma, also an average', () => {
    const summary: Summary = {
      output: {
        ...{ schema: 'rolemedic.backtest/1', records: 9_000, unreadable: 1_500, denials: 9_000, distinct: 9_000 },
        notRead: [],
        ...{ from: '2026-11-16T00:00:00Z', to: '2026-11-17T00:00:00Z', cards: 8_001, cardsOnBusiestDay: 8_000 },
        ...{
          solvedThemselves: 0,
          stormLists: 1_008,
          byDay: [],
          byCause: {},
          byVerdict: {},
          byRisk: {},
          calibration: null,
        },
        ...{ topPrincipals: [], topRoles: [] },
      },
      ...{ days: 2, cardsAgain: 0, cardsInLists: 7_000, noise: 0, explained: 6_000, quietHours: 8, effects: [] },
      sent: { cards: 8_001, messages: 2_009, busiest: 1_000 },
    }
    const text = backtestText(summary, { colour: false })
    expect(text).toContain('8,001 cards: 4,000.5 a day, 8,000 on the busiest day')
    expect(text).toContain('7,000 of the cards are in the threads of 1,008 storm lists')
    expect(text).toContain('1,500 files not read to the end')
    expect(backtestPage(summary)).toContain('<p>6,000 different denials whose cause the card names')
    expect(backtestPage(summary)).toContain('; 1,500 files not read to the end')
  })

  it('says what to do when nothing holds a record', async () => {
    mkdirSync(join(folder, 'empty'))
    const empty = await run(join(folder, 'empty'))
    expect(empty).toMatchObject({ code: 3, out: '' })
    expect(empty.err).toContain('no CloudTrail record in 0 files: give CloudTrail log files (aws s3 sync')
    expect(await run(file('empty.json', ''))).toMatchObject({ code: 2, err: expect.stringContaining('it is empty') })
    expect(await run(file('none.json', '{"Records":[]}'))).toMatchObject({ code: 3 })
    expect(await run(file('digest.json', '{"digestStartTime":"2026-11-16T10:00:00Z"}'))).toMatchObject({ code: 3 })
    expect(await run(file('text.json', 'hello'))).toMatchObject({ code: 2, out: '' })
  })

  it('ends with 3 when no record is about a role, and still prints the numbers', async () => {
    const { errorCode, errorMessage, ...allowed } = denial('e-1', '2026-11-16T10:00:00Z')
    const path = file('a.json', log({ ...allowed, eventName: 'ListClusters', requestParameters: null }))
    const { code, out, err } = await run(path, '--json')
    expect({ code, records: JSON.parse(out).records }).toEqual({ code: 3, records: 1 })
    expect(err).toContain('no card would have been sent')
  })

  it.each([
    [[], 'give a PATH'],
    [['missing.json'], 'missing.json: no such file or folder'],
    [['s3://bucket/prefix'], 'add --live'],
    [['--live', 'x.json'], '--live is for s3://bucket/prefix'],
    [['--region', 'eu-west-1', 'x.json'], 'need --live'],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, out, err } = await run(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })
})

describe('the report', () => {
  const HOSTILE = '</code><img src=x onerror=alert(1)>"\u202e'
  const hostile = () => {
    const record = denial('<b>id</b>', '2026-11-16T10:00:00Z')
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/x/${HOSTILE}`
    return {
      ...record,
      errorMessage: `User: ${arn} is not authorized to perform: iam:PassRole on resource: ${role('task-0')}`,
      userIdentity: { type: 'FederatedUser', arn, principalId: HOSTILE, accountId: ACCOUNT, userName: HOSTILE },
    }
  }

  it('is one page without network, in which text of records is text', async () => {
    const path = file('a.json', log(hostile(), denial('e-2', '2026-11-18T10:00:00Z')))
    const page = join(folder, 'report.html')
    const account = file('account.json', pairedAccount(1))
    const { code, err } = await run(path, '--account', account, '--out', page)
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('report.html') })
    const text = readFileSync(page, 'utf8')
    const { document } = parseHTML(text)
    expect(document.querySelectorAll('img, iframe, link, object, base')).toHaveLength(0)
    expect(document.querySelectorAll('script')).toHaveLength(1)
    expect([...document.querySelectorAll('*')].some(one => one.hasAttribute('onerror'))).toBe(false)
    expect(text).not.toMatch(/(?:src|href|url\()\s*=?\s*["'(]?https?:/)
    expect(document.querySelector('meta[http-equiv]')?.getAttribute('content')).toContain("default-src 'none'")
    expect(document.querySelectorAll('svg.days rect')).toHaveLength(3)
    expect(document.querySelector('#saved')?.textContent).toBe('0.3')
    expect(text).toContain('Assuming 20 min each')
    expect(text).toContain('prefers-color-scheme: dark')
    expect(text).toContain('@media print')
  })

  it('keeps control characters off the terminal', async () => {
    const { out } = await run(file('a.json', log(hostile())))
    expect(out).not.toContain('\u202e')
    expect(out).toContain('onerror')
  })

  it('says before it reads anything what is wrong with a file that cannot be written', async () => {
    const path = file('a.json', log(denial('e-1', '2026-11-16T10:00:00Z')))
    for (const page of [resolve(folder, 'no/such/report.html'), folder, join(path, 'report.html')]) {
      const { code, out, err } = await run(path, '--out', page)
      expect({ page, code, out }).toEqual({ page, code: 2, out: '' })
      expect(err).toContain(page)
    }
  })

  it('is not written over what it reads', async () => {
    const [path, account, config] = [
      file('trail/a.json', log(denial('e-1', '2026-11-16T10:00:00Z'))),
      file('account.txt', pairedAccount(1)),
      file('settings', '{}'),
    ]
    const link = join(folder, 'link.html')
    symlinkSync(account, link)
    const before = [path, account, config].map(name => readFileSync(name, 'utf8'))
    for (const page of [path, account, config, link, join(folder, 'trail/new.json.gz')]) {
      const { code, out, err } = await run(
        join(folder, 'trail'),
        ...['--account', account, '--config', config],
        ...['--out', page],
      )
      expect({ page, code, out }).toEqual({ page, code: 2, out: '' })
      expect(err).toContain(page)
    }
    expect([path, account, config].map(name => readFileSync(name, 'utf8'))).toEqual(before)
  })
})
