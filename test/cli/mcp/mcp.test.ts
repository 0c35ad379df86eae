import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../cli/commands.ts'
import { dispatch } from '../../../cli/dispatch.ts'
import { memoryIo } from '../memory-io.ts'
import { call, connected } from './client.ts'

const root = resolve(import.meta.dirname, '../../..')
const ACCOUNT = join(root, 'events/accounts/orders-dev.json')
const ECS = readFileSync(join(root, 'events/ecs-register-task-definition.json'), 'utf8')
const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
const DEPLOYER = 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy'
const MESSAGE = `User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: ${ROLE}`
const TEMPLATE = `Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      TaskRoleArn: ${ROLE}
`
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Pass', Effect: 'Allow', Action: 'iam:PassRole', Resource: ROLE }],
})

let folder: string
let client: Client
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-mcp-'))
  spawnSync(
    process.execPath,
    [join(root, 'cli/main.ts'), 'start', '--once', '--state', 'state', '--approve-as', 'U0ONCALL1'],
    { cwd: folder },
  )
  client = await connected(['--account', ACCOUNT, '--audit', 'state/audit'], folder)
})
afterAll(async () => {
  await client.close()
  rmSync(folder, { recursive: true })
})

async function cli(args: readonly string[], stdin = '', nowMs = Date.now()) {
  const io = memoryIo({ stdin, nowMs })
  const code = await dispatch(args, io)
  return {
    code,
    objects: io.captured.out
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as unknown),
  }
}

/** What the tool answers, and what the command line says when it was asked and when it had answered: an age in hours may differ. */
async function diagnosed(input: { [member: string]: unknown }, args: readonly string[], stdin: string) {
  const askedMs = Date.now()
  const answer = await call(client, 'diagnose', input)
  const printed = [askedMs, Date.now()].map(nowMs =>
    cli(['diagnose', ...args, '--json', '--account', ACCOUNT], stdin, nowMs),
  )
  return { ...answer, printed: (await Promise.all(printed)).map(({ objects }) => objects) }
}

describe('rolemedic mcp', () => {
  it('tells what happened around a denial, from the trail that the server was given', async () => {
    const event = join(root, 'events/ecs-register-task-definition.json')
    const withTrail = await connected(['--account', ACCOUNT, '--trail', event], folder)
    const record = readFileSync(event, 'utf8')
    const { structuredContent } = await withTrail.callTool({ name: 'diagnose', arguments: { record } })
    await withTrail.close()
    expect(structuredContent).toMatchObject({
      diagnoses: [{ timeline: { covers: { accounts: ['111122223333'] }, solved: null }, run: { tool: 'codebuild' } }],
    })
  })

  it('lists five tools, each read-only and named in the help, with schemas of what goes in and out', async () => {
    const { tools } = await client.listTools()
    for (const { name } of tools) expect(COMMANDS.mcp.summary).toMatch(new RegExp(`\\b${name}\\b`))
    expect(tools.map(({ name }) => name)).toEqual([
      'diagnose',
      'preflight',
      'explain_deploy',
      'explain_policy',
      'status',
    ])
    for (const { annotations, inputSchema, outputSchema } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false })
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(outputSchema).toMatchObject({ type: 'object' })
    }
  })

  // https://docs.python.org/3/library/re.html knows no \p.
  it('has patterns that every client can check', async () => {
    const { tools } = await client.listTools()
    const patterns = [...JSON.stringify(tools).matchAll(/"pattern":"([^"]*)"/g)].map(([, pattern = '']) => pattern)
    expect(patterns.length).toBeGreaterThan(3)
    expect(patterns.filter(pattern => /\\p/i.test(pattern))).toEqual([])
  })

  it('reaches no code that approves, applies or reverts', () => {
    const seen = new Set<string>()
    const waiting = ['cli/mcp/server.ts', 'cli/commands/mcp.ts']
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue
      seen.add(file)
      const text = readFileSync(join(root, file), 'utf8')
      for (const [, path = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g))
        waiting.push(join(dirname(file), path))
    }
    expect(seen.size).toBeGreaterThan(100)
    expect(
      [...seen].filter(file =>
        /functions\/(apply|decide|propose|sweep)\/|iam-writer|signing|simulator\/bot/.test(file),
      ),
    ).toEqual([])
  })

  it.each([
    ['a message', { message: MESSAGE }, ['--message', MESSAGE], ''],
    ['a record', { record: ECS }, ['-'], ECS],
    ['a log', { log: `1\n2\nError: ${MESSAGE}\n` }, ['--log', '-'], `1\n2\nError: ${MESSAGE}\n`],
  ])('diagnoses %s as the command line does', async (_, input, args, stdin) => {
    const { structured, text, printed } = await diagnosed(input, args, stdin)
    expect(printed[0]).toHaveLength(1)
    expect(printed).toContainEqual(structured?.['diagnoses'])
    expect(JSON.parse(text)).toEqual(structured)
  })

  it.each(readdirSync(join(root, 'events')).filter(name => name.endsWith('.json')))(
    'gives the result of the command line for events/%s',
    async name => {
      const record = readFileSync(join(root, 'events', name), 'utf8')
      const { structured, printed } = await diagnosed({ record }, ['-'], record)
      expect(printed).toContainEqual(structured?.['diagnoses'])
    },
  )

  it('explains a failed deploy as the command line does', async () => {
    const log =
      'Error: creating S3 Bucket (files): api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/1 is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files" because no identity-based policy allows the s3:CreateBucket action'
    const { structured } = await call(client, 'explain_deploy', { log })
    expect(structured?.['deploy']).toMatchObject({
      schema: 'rolemedic.explain-deploy/1',
      causes: [
        { kind: 'other-action', certainty: 'certain', action: 's3:CreateBucket', resource: 'arn:aws:s3:::files' },
      ],
      patches: [],
      otherReason: null,
    })
    const stackEvents = readFileSync(join(root, 'events/deploys/stack-events/mailer.json'), 'utf8')
    const stack = await call(client, 'explain_deploy', { stackEvents })
    expect(stack.structured?.['deploy']).toMatchObject({ causes: [{ kind: 'role-not-assumable' }] })
    const done = readFileSync(join(root, 'events/deploys/look-alikes/stack-complete.json'), 'utf8')
    expect((await call(client, 'explain_deploy', { event: done })).structured).toMatchObject({ deploy: null })
  })

  it('answers a preflight as the command line does, but for the name of the file', async () => {
    const { structured } = await call(client, 'preflight', { template: TEMPLATE, as: DEPLOYER })
    expect(structured?.['preflight']).toMatchObject({
      schema: 'rolemedic.preflight/1',
      principal: { arn: DEPLOYER, from: 'option' },
      needs: [
        {
          action: 'iam:PassRole',
          role: ROLE,
          service: 'ecs-tasks.amazonaws.com',
          where: { file: 'template', logicalId: 'Task' },
          answer: 'denied',
        },
        {
          action: 'sts:AssumeRole',
          by: 'ecs-tasks.amazonaws.com',
          role: ROLE,
          where: { file: 'template', logicalId: 'Task' },
          answer: 'allowed',
        },
      ],
      patches: [{ target: { kind: 'role-inline-policy', name: 'pipeline-deploy' } }],
    })
  })

  it('explains a policy as the command line does', async () => {
    const { structured } = await call(client, 'explain_policy', {
      policy: POLICY,
      action: 'iam:PassRole',
      role: ROLE,
      service: 'ec2.amazonaws.com',
    })
    const args = ['explain-policy', '-', '--action', 'iam:PassRole', '--role', ROLE, '--service', 'ec2.amazonaws.com']
    const { objects } = await cli([...args, '--json'], POLICY)
    expect(structured?.['policy']).toEqual(objects[0])
    expect(structured?.['policy']).toMatchObject({ answer: 'allows', statements: [{ sid: 'Pass', decides: true }] })
  })

  it('tells what happened to a denial as the command line does', async () => {
    const { structured } = await call(client, 'status', { id: ROLE })
    const { objects } = await cli(['status', ROLE, '--json', '--from', join(folder, 'state/audit')])
    expect(structured?.['status']).toEqual(objects[0])
    expect(structured?.['status']).toMatchObject({ intact: true, cases: [{ state: 'applied', resource: ROLE }] })
  })

  it('answers unusable input with an error that says why', async () => {
    expect((await call(client, 'diagnose', {})).text).toContain('give exactly one of text, message, record and log')
    expect((await call(client, 'diagnose', { record: '{' })).text).toContain('the text: nothing to diagnose')
    expect((await call(client, 'explain_policy', { policy: '[]', action: 'iam:PassRole', role: ROLE })).text).toContain(
      'policy: not a policy document',
    )
    expect((await call(client, 'preflight', { template: TEMPLATE })).text).toBe(
      'template names no role that deploys it: say who does with as',
    )
  })

  it('names what a policy question lacks as the tool does, not as an option of the command', async () => {
    const trust = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}'
    const asked = { policy: trust, action: 'sts:AssumeRole', role: ROLE }
    expect((await call(client, 'explain_policy', asked)).text).toBe(
      'a trust policy decides by who asks: give principal',
    )
    expect((await call(client, 'explain_policy', { ...asked, service: 'ec2.amazonaws.com' })).text).toBe(
      'service is for iam:PassRole, not for sts:AssumeRole',
    )
  })

  it('says that there is nothing of ours rather than failing', async () => {
    const { structured } = await call(client, 'diagnose', { log: 'all is well' })
    expect(structured).toEqual({ diagnoses: [], hints: [], notes: [expect.stringContaining('no denied iam:PassRole')] })
  })

  it('diagnoses the first twenty denials, and says how many there are', async () => {
    const texts = Array.from({ length: 23 }, (_, at) => `${MESSAGE}-${at}`)
    const { structured } = await call(client, 'diagnose', { log: texts.join('\n') })
    expect(structured?.['diagnoses']).toHaveLength(20)
    expect(structured?.['notes']).toContainEqual(expect.stringContaining('3 more denials of the input'))
    const all = await call(client, 'diagnose', { log: texts.slice(0, 20).join('\n') })
    expect(all.structured?.['diagnoses']).toHaveLength(20)
    expect(JSON.stringify(all.structured?.['notes'])).not.toContain('more denial')
  })

  it('leaves its own words of a hint', async () => {
    const { structured } = await call(client, 'diagnose', {
      text: 'An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired',
    })
    expect(JSON.stringify(structured?.['hints'])).toContain("The caller's session has expired.")
  })

  it('names the policy that it cannot read', async () => {
    const { text } = await call(client, 'explain_policy', { policy: 'x', action: 'iam:PassRole', role: ROLE })
    expect(text).toBe('policy: not JSON')
  })

  it.each([
    ['--account', '/no/such/file'],
    ['--trail', '/no/such/folder'],
    ['--audit', '/no/such/folder'],
    ['--config', ACCOUNT],
  ])('does not start with a file that cannot be read: %s %s', async (option, file) => {
    const { code } = await cli(['mcp', option, file])
    expect(code).toBe(2)
  })
})
