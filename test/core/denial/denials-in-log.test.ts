import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { cpuMs } from '../../cpu-time.ts'

const WHO = 'arn:aws:sts::111122223333:assumed-role/deployer/ci'
const role = (name: string) => `arn:aws:iam::111122223333:role/app/${name}`
const denied = (name: string) =>
  `User: ${WHO} is not authorized to perform: iam:PassRole on resource: ${role(name)} because no identity-based policy allows the iam:PassRole action`

/** Line, repeated lines, and role. */
const found = (text: string) =>
  denialsInLog(text).denials.map(({ denial, line, again }) => [line, again, denial.resource?.split('/').at(-1)])

describe('denials in a log', () => {
  it('are each listed once, with the line where they start and the lines that repeat them', () => {
    const log = ['start', denied('a'), 'Error: it failed', denied('b'), '', denied('a'), denied('c')].join('\n')
    expect(found(log)).toEqual([
      [2, [6], 'a'],
      [4, [], 'b'],
      [7, [], 'c'],
    ])
  })

  it('name a line once, however often it repeats the denial', () => {
    const twice = `${denied('a')} | ${denied('a')}`
    expect(found([twice, twice].join('\n'))).toEqual([[1, [2], 'a']])
  })

  it('are read through the colours and frames of Terraform, also where a line or a name is broken', () => {
    const edge = '\u001b[31m│\u001b[0m \u001b[0m'
    const log = [
      '\u001b[0m\u001b[1maws_lambda_function.worker: Creating...\u001b[0m',
      `${edge}\u001b[0m\u001b[1mError: \u001b[0mcreating Lambda Function (worker): operation error Lambda: CreateFunction, https response`,
      `${edge}error StatusCode: 403, api error AccessDeniedException: User: ${WHO} is not`,
      `${edge}authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/wor`,
      `${edge}ker because no identity-based policy allows the iam:PassRole action`,
      `${edge}`,
      `${edge}  with aws_lambda_function.worker,`,
    ].join('\r\n')
    expect(found(log)).toEqual([[3, [], 'worker']])
    const [first] = denialsInLog(log).denials
    expect(first?.denial).toMatchObject({
      action: 'iam:PassRole',
      reason: 'no-identity-policy',
      principal: { name: 'deployer' },
    })
  })

  /** SAM's output without a terminal: four columns of 22 characters. */
  const SAM = `
-------------------------------------------------------------------------------------------------
ResourceStatus           ResourceType             LogicalResourceId        ResourceStatusReason
-------------------------------------------------------------------------------------------------
CREATE_IN_PROGRESS       AWS::IAM::Role           Role                     Resource creation
                                                                           Initiated
CREATE_FAILED            AWS::Lambda::Function    WorkerFunctionOfOrders   Resource handler
                                                  2                        returned message:
                                                                           "User: arn:aws:sts::11
                                                                           1122223333:assumed-
                                                                           role/deployer/ci is
                                                                           not authorized to
                                                                           perform: iam:PassRole
                                                                           on resource: arn:aws:i
                                                                           am::111122223333:role/
                                                                           app/orders-task
                                                                           because no identity-
                                                                           based policy allows
                                                                           the iam:PassRole
                                                                           action (Service:
                                                                           Lambda, Status Code:
                                                                           403)"
UPDATE_ROLLBACK_IN_PRO   AWS::CloudFormation::S   orders                   The following
GRESS                    tack                                              resource(s) failed to
                                                                           create: [Worker].
-------------------------------------------------------------------------------------------------

Error: Failed to create/update the stack: orders
User: arn:aws:iam::111122223333:user/jane is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/other`

  it.each([
    ['on a screen', ''],
    ['in GitHub Actions', '2026-11-24T02:47:31.1234567Z '],
    ['in CodeBuild', '[Container] 2026/11/24 02:47:31.204518 '],
  ])('are put together from the narrow columns of SAM %s, and what comes after is left as it is', (_, stamp) => {
    const log = SAM.split('\n')
      .map(line => stamp + line)
      .join('\n')
    expect(found(log)).toEqual([
      [7, [], 'orders-task'],
      [29, [], 'other'],
    ])
    expect(denialsInLog(log).denials[0]?.denial).toMatchObject({
      principal: { arn: WHO },
      resource: role('orders-task'),
      reason: 'no-identity-policy',
    })
  })

  it.each([
    ['GitHub Actions', '2026-11-24T02:47:31.1234567Z '],
    ['GitLab', '2026-11-24T02:47:31.123456Z 01O '],
    ['GitHub, as gh run view --log tells them', 'deploy\tApply the plan\t2026-11-24T02:47:31.1234567Z '],
    ['Jenkins', '[2026-11-24T02:47:31.123Z] '],
    ['Azure DevOps', '2026-11-24T02:47:31.1234567Z ##[error]'],
    ['Buildkite', '\u001b_bk;t=1700000000000\u0007'],
    ['CodeBuild', '[Container] 2026/11/24 02:47:31.204518 '],
  ])('are read through the time stamps of %s', (_, stamp) => {
    const words = denied('task').split(' ')
    // Wrapped after “not”, “perform:” and “on”.
    const lines = [words.slice(0, 4), words.slice(4, 7), words.slice(7, 9), words.slice(9)].map(
      part => `${stamp}${part.join(' ')}`,
    )
    expect(found(['run', ...lines, 'end'].join('\n'))).toEqual([[2, [], 'task']])
  })

  it('end where the log goes on with something else', () => {
    const [only] = denialsInLog(`${denied('a')}\nCleaning up project directory\nmore`).denials
    expect(only?.denial.message).toBe(denied('a'))
  })

  it('are none in words that only resemble them', () => {
    const log = [
      'copying authorized_keys',
      'unauthorized',
      'You are not authorized to view this page',
      `User: ${WHO} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::orders/x`,
      `Error: ${role('a')} may be passed by iam:PassRole`,
    ].join('\n')
    expect(denialsInLog(log)).toEqual({ denials: [], encodedOnly: [], unread: null })
  })

  it('name the line of a message that only its decoder can read', () => {
    const log = `x\nYou are not authorized to perform this operation. Encoded authorization failure message: aBc_1-2`
    expect(denialsInLog(log)).toEqual({ denials: [], encodedOnly: [2], unread: null })
  })

  it('stay separate when the role goes to two services, and merge when only one of them names the call', () => {
    const by = (service: string, call: string) => `operation error ${service}: ${call}, api error AccessDenied: `
    const log = [
      denied('a'),
      `Error: ${by('Lambda', 'CreateFunction')}${denied('a')}`,
      `Error: ${by('SFN', 'CreateStateMachine')}${denied('a')}`,
    ].join('\n')
    expect(found(log)).toEqual([
      [1, [2], 'a'],
      [3, [], 'a'],
    ])
    expect(denialsInLog(log).denials.map(({ denial }) => denial.call.eventName)).toEqual([
      'CreateFunction20150331',
      'CreateStateMachine',
    ])
  })

  it('have the reason that only another line has', () => {
    const [before = ''] = denied('a').split(' because ')
    const { denials } = denialsInLog([before, denied('a')].join('\n'))
    expect(denials.map(one => [one.line, one.again, one.denial.reason])).toEqual([[1, [2], 'no-identity-policy']])
  })

  it('take little time where the words of a resource before each of them never end', () => {
    const piece = `Error: creating ${'Abcdefgh'.repeat(4)} Runner Service Aaaaaaaa Bbbbbbbb Cccccccc Dddddddd ${denied('a')}\n`
    const text = piece.repeat(500)
    const before = process.threadCpuUsage()
    expect(found(text)).toHaveLength(1)
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(600)
  })

  it.each(['not authorized to perform ', 'authorized', '\u001b[31mnot ', 'User: arn:aws:iam::'])(
    'take time in proportion to the length of "%s" over and over',
    piece => {
      const timeContext = (bytes: number) => {
        const text = piece.repeat(bytes / piece.length)
        const startedMs = cpuMs()
        denialsInLog(text)
        return cpuMs() - startedMs
      }
      timeContext(100_000)
      expect(timeContext(2_000_000)).toBeLessThan(2_000)
    },
  )

  it('take no longer for one row of SAM that never ends', () => {
    const header = 'ResourceStatus   ResourceType     LogicalResourceId   ResourceStatusReason\n'
    const row = `${'CREATE_FAILED'.padEnd(54)}arn:aws:iam::1\n`
    const log = header + row + `${' '.repeat(54)}aaaaaaaaaaaaaa\n`.repeat(60_000)
    const startedMs = cpuMs()
    denialsInLog(log)
    expect(cpuMs() - startedMs).toBeLessThan(2_000)
  })
})

describe('a log with more beginnings of denials than can be read', () => {
  const name = (index: number) => `q${index.toString(36)}`
  const onNothing = (caller: string) =>
    `User: arn:aws:sts::111122223333:assumed-role/${caller} is not authorized to perform: iam:PassRole on resource: `
  const flood = (line: (index: number) => string) =>
    Array.from({ length: 12_000 }, (_, index) => line(index)).join('\n')

  it.each<[string, (index: number) => string]>([
    ['of one caller', () => onNothing('a/b')],
    ['of many callers', index => onNothing(`${name(index)}/b`)],
    ['on parts of ARNs', index => `not authorized to perform: iam:PassRole on resource: arn:aws:iam::${name(index)} `],
    ['of services', index => `The service was unable to assume the role ${name(index)}`],
    ['of kubectl', () => 'could not get token: AccessDenied'],
  ])('hides no denial between, after, or at the end of a flood %s', (_, line) => {
    const log = [flood(line), denied('between'), flood(line), denied('after'), flood(line), denied('last')].join('\n')
    const { denials, unread } = denialsInLog(log)
    const roles = denials.flatMap(({ denial }) => denial.resource?.split('/').at(-1) ?? [])
    expect(roles.filter(role => ['between', 'after', 'last'].includes(role))).toEqual(['between', 'after', 'last'])
    expect(denials.find(({ denial }) => denial.resource?.endsWith('/last'))?.line).toBe(36_003)
    // Of 36,000 places, at most a few thousand are read; the rest is counted.
    expect(unread?.places).toBeGreaterThan(30_000)
    expect(unread?.firstLine).toBeGreaterThan(1)
    expect(unread?.lastLine).toBeLessThanOrEqual(36_002)
  })

  it('is read whole if it repeats one denial, and shows its first lines', () => {
    const log = flood(index => `2026-11-24T02:00:00Z ${index} ${denied('orders')}`)
    const { denials, unread } = denialsInLog(`${log}\n${denied('other')}`)
    expect(unread).toBeNull()
    expect(denials.map(({ line, denial }) => [line, denial.resource?.split('/').at(-1)])).toEqual([
      [1, 'orders'],
      [12_001, 'other'],
    ])
  })

  it('has a thousand different denials, and all of them are found', () => {
    const log = Array.from({ length: 1_000 }, (_, index) => denied(name(index))).join('\n')
    const { denials, unread } = denialsInLog(log)
    expect([denials.length, unread]).toEqual([1_000, null])
  })

  it('does not lose the service that a later occurrence names, or another caller in a broken line', () => {
    const user = (caller: string) =>
      `User: arn:aws:sts::111122223333:assumed-role/${caller}/ci\n is not authorized to perform: iam:PassRole on resource: ${role('a')} because no identity-based policy allows the iam:PassRole action`
    const log = Array.from({ length: 40 }, (_, index) => user(name(index))).join('\n\n')
    expect(denialsInLog(log).denials).toHaveLength(40)
  })
})
