import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { type Io, readBytes, streamsTo } from '../../cli/io.ts'

const root = new URL('../../', import.meta.url)

function terminal(input = '') {
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    readFile: async path => (path === '-' ? input : readFileSync(new URL(path, root), 'utf8')),
    readBytes,
    fileNames: async () => [],
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    exists: async () => false,
    ask: null,
    ...streamsTo({ out: text => void out.push(text), err: line => void err.push(line) }),
    progress: () => {},
    colour: false,
    nowMs: () => 0,
    env: {},
  }
  return { io, out: () => out.join(''), err }
}

describe('rolemedic match', () => {
  it('names the rule that matches an event', async () => {
    const { io, out } = terminal()
    expect(await dispatch(['match', 'events/ecs-register-task-definition.json'], io)).toBe(0)
    expect(out()).toMatch(/^by-message: ecs\.amazonaws\.com RegisterTaskDefinition [0-9a-f-]{36}\n$/)
  })

  it('names the rule that matches a failed deploy', async () => {
    const { io, out } = terminal()
    expect(await dispatch(['match', 'events/deploys/stack-rollback.json'], io)).toBe(0)
    expect(out()).toBe(
      'stack-failed: aws.cloudformation CloudFormation Stack Status Change 5b0c7a1e-9d34-4a5c-8f0e-1d2c3b4a5f60\n',
    )
    const other = terminal()
    expect(await dispatch(['match', 'events/deploys/look-alikes/build-stopped.json', '--json'], other.io)).toBe(3)
    expect(other.out()).toBe('{"id":"5b0cda1e-f734-4a5c-890e-172c354a5964","rules":[]}\n')
  })

  it('exits with 3 if no rule matches', async () => {
    const { io, out } = terminal()
    expect(await dispatch(['match', 'events/look-alikes/get-role-denied.json'], io)).toBe(3)
    expect(out()).toMatch(/^no rule: iam\.amazonaws\.com GetRole /)
  })

  it('reads many records from standard input, and prints JSON', async () => {
    const records = ['assume-role-root', 'look-alikes/get-role-denied'].map(
      name => JSON.parse(readFileSync(new URL(`events/${name}.json`, root), 'utf8')) as unknown,
    )
    const { io, out } = terminal(JSON.stringify({ Records: records }))
    expect(await dispatch(['match', '-', '--json'], io)).toBe(0)
    const lines = out()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { rules: string[] })
    expect(lines.map(({ rules }) => rules)).toEqual([['assume-role'], []])
  })

  it.each([[['match', '--json']], [['match', 'a', 'b']], [['match', '--bogus', 'a']], [['patterns', 'a']]])(
    'exits 2 in one line on %j',
    async args => {
      const { io, err } = terminal()
      expect(await dispatch(args, io)).toBe(2)
      expect(err).toHaveLength(1)
    },
  )

  it('says which line it did not read, and matches the others', async () => {
    const record = JSON.stringify(JSON.parse(readFileSync(new URL('events/assume-role-root.json', root), 'utf8')))
    const { io, out, err } = terminal(`${record}\n${record.slice(0, 200)}\n`)
    expect(await dispatch(['match', '-'], io)).toBe(0)
    expect(out()).toMatch(/^assume-role: /)
    expect(err).toEqual([expect.stringMatching(/^rolemedic: line 2 was not read: /)])
  })

  it('exits with 3 for a log file without records, like diagnose', async () => {
    for (const command of ['match', 'diagnose']) {
      const { io, out } = terminal('{"Records":[]}')
      expect(await dispatch([command, '-'], io)).toBe(3)
      expect(out()).toBe('')
    }
  })

  it('exits with 2 for anything but a record', async () => {
    const { io, err } = terminal('{"hello":"world"}')
    expect(await dispatch(['match', '-'], io)).toBe(2)
    expect(err[0]).toContain('holds no CloudTrail record')
  })
})

describe('rolemedic patterns', () => {
  it('prints every rule as JSON', async () => {
    const { io, out } = terminal()
    expect(await dispatch(['patterns'], io)).toBe(0)
    expect(Object.keys(JSON.parse(out()) as object)).toEqual([
      'by-message',
      'assume-role',
      'assume-role-elsewhere',
      'ec2-encoded',
      'stack-failed',
      'stack-resource-failed',
      'pipeline-failed',
      'build-failed',
      'deployment-failed',
      'service-deployment-failed',
      'amplify-deployment-failed',
      'stack-set-operation-failed',
      'job-failed',
      'heartbeat',
    ])
  })
})
