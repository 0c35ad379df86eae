import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { OUTPUT_NAMES, OUTPUTS, type OutputName, outputSchemaText } from '../../cli/outputs/outputs.ts'
import { type CanaryCalls, runCanary } from '../../cli/use-cases/canary/canary.ts'
import { listPasskeys } from '../../cli/use-cases/operate/passkeys.ts'
import { redriveQueues } from '../../cli/use-cases/operate/redrive-queues.ts'
import { revertGrant } from '../../cli/use-cases/operate/revert-grant.ts'
import { stopGranting } from '../../cli/use-cases/operate/stop-granting.ts'
import { outputDeclarations, typeName } from '../../packaging/declarations.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { memoryQueues } from '../cli/operate/memory-queues.ts'
import { stateOf } from '../cli/operate/state-of-grant.ts'
import { enrollWorld } from '../fakes/enroll-world.ts'
import { memoryIam } from '../fakes/memory-iam.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { sampleNotices } from '../fakes/noticed-log.ts'
import { leftByBot } from '../verify/left-by-bot.ts'

const root = resolve(import.meta.dirname, '../..')
const events = join(root, 'events')
const ACCOUNT = join(events, 'accounts/orders-dev.json')
const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'

let folder: string
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-outputs-'))
  const args = ['start', '--once', '--state', join(folder, 'state'), '--approve-as', 'U0ONCALL1', '--revert']
  spawnSync(process.execPath, [join(root, 'cli/main.ts'), ...args], { cwd: root })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function outputsOf(args: readonly string[]): Promise<readonly unknown[]> {
  // An event is no output of a command: its sample is what jobs send.
  if (args[0] === 'notice') return (await sampleNotices()).map(({ detail }) => detail).filter(isOfSchema(args[1] ?? ''))
  if (args[0] === 'event') return [JSON.parse(readFileSync(args[1] ?? '', 'utf8')).detail]
  if (args[0] === 'redrive') return [await redriveQueues(null, memoryQueues({ 'rolemedic-intake-dead': 2 }))]
  if (args[0] === 'canary') {
    const calls = { deny: async () => 'it was allowed' } as unknown as CanaryCalls
    const deps = { calls, nowMs: Date.now, sleep: async () => {}, waitMs: 0, id: '0a1b' }
    const place = { accountId: '111122223333', region: 'eu-west-1' }
    return [{ schema: 'rolemedic.canary/1', canaries: [await runCanary(place, deps)] }]
  }
  if (args[0] === 'stop')
    return [await stopGranting('incident', { region: 'eu-west-1', by: 'user/ada', store: memoryStore() }, Date.now())]
  if (args[0] === 'passkeys') {
    const world = enrollWorld()
    await world.enrolled('U0ADA')
    return [await listPasskeys(() => world.list())]
  }
  if (args[0] === 'revert') return [await sampleRevert()]
  const io = memoryIo({ nowMs: Date.now() })
  await dispatch(args, io)
  const { out } = io.captured
  return args[0] === 'patterns' || args[0] === 'config'
    ? [JSON.parse(out)]
    : out
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line))
}

const audit = () => ['--from', join(folder, 'state/audit'), '--json']
const template = () =>
  file(
    'template.yaml',
    `Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      TaskRoleArn: ${ROLE}\n`,
  )
/** A folder whose code makes the role of the event, or one that makes another. */
const code = (name: 'orders' | 'other') => {
  const made = join(folder, name)
  mkdirSync(made, { recursive: true })
  const role = name === 'orders' ? 'pipeline-deploy' : 'another'
  writeFileSync(
    join(made, 'main.tf'),
    `resource "aws_iam_role" "deploy" {\n  name = "${role}"\n  path = "/deploy/"\n}\n`,
  )
  return made
}
const policy = () =>
  file(
    'policy.json',
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }),
  )

/** Without AWS: a dry run over one grant. */
async function sampleRevert(): Promise<unknown> {
  const state = stateOf(await leftByBot({ isReverted: false }))
  const operator = async () => ({ accountId: '111122223333', writer: memoryIam() })
  const question = { id: 'p-1', from: join(state, 'audit'), keys: null, dryRun: true }
  try {
    return await revertGrant(question, { ...memoryIo(), operator, sleep: async () => {} })
  } finally {
    rmSync(state, { recursive: true })
  }
}

const isOfSchema = (name: string) => (detail: object) => 'schema' in detail && detail.schema === `rolemedic.${name}/1`

/** Commands whose output is checked, for each schema. */
const REAL: { readonly [name in OutputName]: () => readonly (readonly string[])[] } = {
  diagnosis: () => [
    ...readdirSync(events)
      .filter(name => name.endsWith('.json'))
      .map(name => ['diagnose', join(events, name), '--account', ACCOUNT, '--json']),
    [
      'diagnose',
      '--message',
      `User: arn:aws:iam::111122223333:user/x is not authorized to perform: iam:PassRole on resource: ${ROLE}`,
      '--json',
    ],
  ],
  hint: () => [
    [
      'diagnose',
      '--message',
      'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
      '--json',
    ],
  ],
  preflight: () => [
    [
      'preflight',
      template(),
      '--as',
      'arn:aws:iam::111122223333:role/deploy/pipeline-deploy',
      '--account',
      ACCOUNT,
      '--json',
    ],
    ['preflight', template(), '--as', 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy', '--json'],
  ],
  'explain-deploy': () => [
    [
      ...['explain-deploy', '--stack-events', join(events, 'deploys/stack-events/mailer.json')],
      ...['--template', join(events, 'deploys/templates/mailer.yaml'), '--account', ACCOUNT, '--json'],
    ],
    ['explain-deploy', '--log', file('failed.log', 'Error: BucketAlreadyExists'), '--json'],
  ],
  'job-event': () => [['event', join(events, 'deploys/job-failed.json')]],
  'patch-code': () => [
    ['patch-code', code('orders'), join(events, 'ecs-register-task-definition.json'), '--account', ACCOUNT, '--json'],
    ['patch-code', code('other'), join(events, 'ecs-register-task-definition.json'), '--account', ACCOUNT, '--json'],
  ],
  backtest: () => [
    ['backtest', events, '--json'],
    ['backtest', events, '--account', ACCOUNT, '--json'],
  ],
  policy: () => [['explain-policy', policy(), '--action', 'iam:PassRole', '--role', ROLE, '--json']],
  status: () => [['status', ...audit()]],
  'audit-record': () => [['audit', 'list', ...audit()]],
  'audit-verify': () => [['audit', 'verify', ...audit()]],
  'audit-grants': () => [['audit', 'grants', ...audit()]],
  'audit-report': () => [['audit', 'report', '--out', join(folder, 'report.html'), ...audit()]],
  'notice-approved': () => [['notice', 'notice-approved']],
  'notice-applied': () => [['notice', 'notice-applied']],
  'notice-reverted': () => [['notice', 'notice-reverted']],
  'notice-expired': () => [['notice', 'notice-expired']],
  'notice-break-glass': () => [['notice', 'notice-break-glass']],
  'notice-ratified': () => [['notice', 'notice-ratified']],
  'notice-not-ratified': () => [['notice', 'notice-not-ratified']],
  'notice-forged': () => [['notice', 'notice-forged']],
  revert: () => [['revert']],
  redrive: () => [['redrive']],
  passkeys: () => [['passkeys']],
  stop: () => [['stop']],
  canary: () => [['canary']],
  doctor: () => [['doctor', '--json']],
  match: () => [['match', join(events, 'assume-role-root.json'), '--json']],
  patterns: () => [['patterns']],
  'config-check': () => [['config', 'check', file('config.json', '{"aprovers": {}}'), '--json']],
}

const withoutLooseness = (name: OutputName) => name !== 'audit-record' && name !== 'audit-verify'

describe.each(OUTPUT_NAMES)('the output %s', name => {
  it('holds what its schema says, in an independent validator, and nothing besides', async () => {
    const validate = new AjvJsonSchemaValidator().getValidator(JSON.parse(outputSchemaText(name)))
    let checked = 0
    for (const args of REAL[name]())
      for (const output of await outputsOf(args)) {
        expect(validate(output)).toMatchObject({ valid: true })
        // zod drops what a schema does not list.
        if (withoutLooseness(name)) expect(OUTPUTS[name].schema.parse(output)).toEqual(output)
        checked += 1
      }
    expect(checked).toBeGreaterThan(0)
  })

  it('fails its schema with a member of another type', async () => {
    const validate = new AjvJsonSchemaValidator().getValidator(JSON.parse(outputSchemaText(name)))
    expect(validate(['not an object'])).toMatchObject({ valid: false })
  })

  it('has its schema in schemas/ (npm run reference)', () => {
    expect(readFileSync(join(root, `schemas/${name}.json`), 'utf8')).toBe(outputSchemaText(name))
  })

  it('has a version that its schema member repeats', () => {
    const schema = outputSchemaText(name)
    const named = /"const": "rolemedic\.[a-z-]+\/(\d+)"/.exec(schema)?.[1] ?? String(OUTPUTS[name].version)
    expect(named).toBe(String(OUTPUTS[name].version))
    expect(JSON.parse(schema).$id).toBe(`urn:rolemedic:${name}:${OUTPUTS[name].version}`)
  })
})

describe('a line of diagnose --json', () => {
  it('has the same members, whatever it is about', async () => {
    const lines = (await Promise.all(REAL.diagnosis().map(outputsOf))).flat()
    const members = lines.map(line => Object.keys(line as object).join(' '))
    expect([...new Set(members)]).toEqual([
      'schema line denial diagnosis next patches verification refusal suggestion timeline run',
    ])
    const suggested = lines.map(line => (line as { readonly suggestion: unknown }).suggestion)
    expect(suggested).toContain(null)
  })
})

describe('schemas/', () => {
  it('holds one file per output', () => {
    expect(readdirSync(join(root, 'schemas')).sort()).toEqual(OUTPUT_NAMES.map(name => `${name}.json`).sort())
  })
})

describe('the declared types', () => {
  it('accept real outputs and refuse others, for the compiler', async () => {
    file('outputs.d.ts', outputDeclarations())
    const lines: string[] = [`import type * as outputs from './outputs.d.ts'`]
    for (const name of OUTPUT_NAMES)
      for (const args of REAL[name]().slice(0, 1))
        for (const [index, output] of (await outputsOf(args)).entries())
          lines.push(`export const ${typeName(name)}${index}: outputs.${typeName(name)} = ${JSON.stringify(output)}`)
    lines.push('// @ts-expect-error', `export const wrong: outputs.StatusOutput = { schema: 'rolemedic.status/1' }`)
    lines.push('// @ts-expect-error', `export const other: outputs.DiagnosisOutput['diagnosis']['verdict'] = 'sure'`)
    file('use.ts', lines.join('\n'))
    const tsc = join(root, 'node_modules/.bin/tsc')
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--allowImportingTsExtensions', '--ignoreConfig']
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, join(folder, 'use.ts')], {
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })
})
