/**
 * Compares what the handlers pass to the use cases with what the local bot passes to them. An optional dependency can be
 * missing in a handler unnoticed, so each is listed here, with whether the deployed bot has it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RolemedicError } from '../core/base/fault.ts'
import type { AuditEntry } from '../functions/domain/audit/audit-record.ts'
import { botConfigSchema } from '../functions/domain/config/config.ts'
import { writeConfigText } from '../functions/domain/config/write-config.ts'
import type { AuditLog } from '../functions/ports/audit-log.ts'
import { FUNCTIONS, type FunctionName } from '../infra/functions.ts'
import { startBot } from '../simulator/bot.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../simulator/sample-records.ts'
import { sampleProposal } from './fakes/sample-proposal.ts'

type Given = { readonly [name: string]: unknown }

/** The arguments of each called function by its name, last call last. */
const calls = vi.hoisted(() => new Map<string, Given[]>())
const noted = vi.hoisted(() => <Made>(name: string, made: Made) => (...given: readonly unknown[]): Made => {
  calls.set(name, [...(calls.get(name) ?? []), given.at(-1) as Given])
  return made
})

const counted = vi.hoisted(() => [] as string[])
/** Failures of the audit log, by the key of the entry. */
const failures = vi.hoisted(() => new Map<string, Error>())

vi.mock('../functions/intake/intake.ts', () => ({ makeIntake: noted('intake', async () => []) }))
vi.mock('../functions/propose/propose.ts', () => ({ makePropose: noted('propose', async () => null) }))
vi.mock('../functions/decide/decide.ts', () => ({
  makeDecide: noted('decide', async () => null),
  makeNotifyFailed: noted('notifyFailed', async () => {}),
}))
vi.mock('../functions/verify/verify.ts', () => ({ makeVerify: noted('verify', async () => 'busy') }))
vi.mock('../functions/write/write.ts', () => ({ makeWrite: noted('write', async () => null) }))
vi.mock('../functions/verify/revert.ts', () => ({ makeRevert: noted('revert', async () => 'busy') }))
vi.mock('../functions/sweep/sweep.ts', () => ({ makeSweep: noted('sweep', async () => null) }))
vi.mock('../functions/alert/alert.ts', () => ({ makeAlert: noted('alert', async () => null) }))
vi.mock('../functions/enroll/enroll.ts', async original => ({
  ...(await original<object>()),
  makeEnroll: noted('enroll', { asked: async () => null, confirmed: async () => null }),
}))
vi.mock('../functions/publish/publish.ts', () => ({ makePublish: noted('publish', async () => null) }))
vi.mock('../functions/workflows/denial/analyze-denial.ts', () => ({ analyze: noted('analyze', Promise.resolve(null)) }))
vi.mock('../functions/adapters/aws/observability/powertools.ts', () => ({
  powertools: (service: string) => ({
    log() {},
    count: (metric: string) => void counted.push(`${metric} of ${service}`),
    traced: (work: () => unknown) => work(),
  }),
}))
vi.mock('../functions/adapters/aws/audit-log/s3-audit-log.ts', () => ({
  s3AuditLog: ({ signing }: Given) => ({
    append: async (entry: { readonly key: string }) => {
      const failure = failures.get(entry.key)
      if (failure !== undefined) throw failure
      return { entry, signs: signing !== undefined }
    },
  }),
}))
vi.mock('../functions/adapters/aws/organizations/organizations.ts', () => ({
  organizationReader: noted('organizations', {}),
}))
vi.mock('../functions/adapters/aws/dynamodb/proposals-table.ts', async original => {
  const module = await original<typeof import('../functions/adapters/aws/dynamodb/proposals-table.ts')>()
  return {
    ...module,
    proposalsTable(options: Parameters<typeof module.proposalsTable>[0]) {
      noted('table', null)(options)
      return module.proposalsTable(options)
    },
  }
})

const ACCOUNT = '111122223333'
const SETTLE_SECONDS = 900
const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1'] },
  settleSeconds: SETTLE_SECONDS,
  approval: { passkey: 'elevated' },
})
const folder = mkdtempSync(join(tmpdir(), 'rolemedic-wiring-'))
const file = join(folder, 'config.json')
const writeFile = join(folder, 'write.json')
const CONFIG_TEXT = JSON.stringify({ ...CONFIG, $schema: undefined })
/** As the packaging makes it of the configuration. */
const WRITE_TEXT = writeConfigText(CONFIG_TEXT, CONFIG)
const WRITE_CONFIG = JSON.parse(WRITE_TEXT) as {
  readonly configDigest: string
  readonly approvedSets: readonly string[]
  readonly secondReadSeconds: number
}
const { denial } = sampleProposal()

/** By function, then by called function. */
const deployed = new Map<FunctionName, ReadonlyMap<string, readonly Given[]>>()
let local: ReadonlyMap<string, readonly Given[]> = new Map()

beforeAll(async () => {
  writeFileSync(file, CONFIG_TEXT)
  writeFileSync(writeFile, WRITE_TEXT)
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value)
  for (const name of FUNCTIONS) {
    calls.clear()
    await import(`../functions/${name}/handler.ts`)
    const analyze = calls.get(name)?.[0]?.['analyze'] as ((about: object, nowMs: number) => unknown) | undefined
    await analyze?.(denial, 0)
    deployed.set(name, new Map(calls))
  }
  calls.clear()
  const bot = await startBot({
    state: join(folder, 'state'),
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config: CONFIG,
    observer: { log() {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  await bot.analyze(denial)
  await bot.feedDeploy({}, {} as never, [])
  await bot.close()
  local = new Map(calls)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  TABLE_NAME: 'rolemedic',
  PROPOSE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/propose',
  LOOK_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/look',
  VERIFY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/verify.fifo',
  AUDIT_BUCKET: 'audit',
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:rolemedic',
  WRITE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/write.fifo',
  OUTCOME_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/outcome.fifo',
  DEPLOYMENT_ID: '11111111-2222-4333-8444-555555555555',
  WRITE_CONFIG_FILE: writeFile,
  DECISIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/decisions',
  ATTESTATIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/attestations',
  OUTCOMES_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/outcomes',
  ENROLLMENTS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/enrollments',
  AUDIT_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/audit',
  PASSKEY_ORIGIN: 'https://abc123.execute-api.eu-west-1.amazonaws.com',
  GIT_HOSTS_SECRET: 'rolemedic/git-hosts',
  SLACK_BOT_TOKEN_SECRET: 'token',
  SLACK_SIGNING_SECRET: 'signing',
  SLACK_TEAM_ID: 'T0TEAM',
  SLACK_APP_ID: 'A0APP',
  READER_ROLE_NAME: 'rolemedic-reader',
  WRITER_ROLE_NAME: 'rolemedic-writer',
  WRITER_EXTERNAL_ID: 'external-id',
  BOT_ROLE_ARNS: `arn:aws:iam::${ACCOUNT}:role/rolemedic-verify,arn:aws:iam::${ACCOUNT}:role/rolemedic-reader`,
  BOT_ACCOUNT_ID: ACCOUNT,
  MEMBERS_IN: 'account',
  MEMBER_REGIONS: 'eu-west-1',
  CONFIG_FILE: file,
  BOT_VERSION: 'test',
}

function given(name: FunctionName, to: string): Given {
  const found = deployed.get(name)?.get(to)?.at(-1)
  if (found === undefined) throw new Error(`${name} makes no ${to}`)
  return found
}

/** Members that a type in this file declares as optional. */
function optional(path: string, type: string): readonly string[] {
  const source = readFileSync(resolve(import.meta.dirname, '..', path), 'utf8')
  const [, body] = new RegExp(`type ${type} = [^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source) ?? []
  if (body === undefined) throw new Error(`${path} has no ${type}`)
  return [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name)
}

describe('what a verb can do without', () => {
  it.each([
    ['functions/intake/intake.ts', 'IntakeDeps', ['explanations']],
    ['functions/propose/propose.ts', 'ProposeDeps', ['chain', 'askTurn', 'showEveryMs']],
    ['functions/decide/decide.ts', 'DecideDeps', ['selfTest']],
    ['functions/verify/deps.ts', 'VerifyDeps', ['chain', 'configUnread']],
    ['functions/write/deps.ts', 'WriteDeps', []],
    ['functions/sweep/deps.ts', 'SweepDeps', []],
    ['functions/alert/investigate-deploy.ts', 'InvestigationDeps', []],
    ['functions/alert/harvest.ts', 'HarvestDeps', []],
    ['functions/workflows/denial/ingest-denial.ts', 'IngestDeps', []],
    [
      'functions/workflows/denial/analyze-denial.ts',
      'AnalysisOptions',
      [
        ...['explanations', 'secondOpinion', 'withGetRole', 'changesToday', 'asked', 'given', 'granted'],
        ...['life', 'trail', 'chain', 'hearsay', 'lost', 'earlierGrants'],
      ],
    ],
    ['functions/adapters/composition/denial-analysis.ts', 'Parts', ['explain']],
    ['functions/adapters/aws/dynamodb/proposals-table.ts', 'ProposalsTableOptions', ['settleGraceMs']],
    ['functions/adapters/aws/authorization-details/aws-explanations.ts', 'AwsExplanationsOptions', ['details']],
    ['functions/adapters/aws/iam/iam-reader.ts', 'LiveReaderDeps', ['versions', 'meter']],
  ])('is decided below for each member of %s, %s', (path, type, members) => {
    expect(optional(path, type)).toEqual(members)
  })

  it('is all given where a denial is examined first: AWS’s own words, its checks, the changes of the day', () => {
    const { explanations, ...rest } = given('propose', 'analyze')
    expect(Object.keys(rest).sort()).toEqual([
      'changesToday',
      'config',
      'earlierGrants',
      'hearsay',
      'nowMs',
      'reader',
      'secondOpinion',
    ])
    expect(Object.keys(Object(explanations)).sort()).toEqual(['authorizationDetails', 'decode'])
  })

  it('is given to verify alike, except AWS’s own words: they are kept with the denial', () => {
    expect(Object.keys(given('verify', 'analyze')).sort()).toEqual([
      'changesToday',
      'config',
      'earlierGrants',
      'hearsay',
      'nowMs',
      'reader',
      'secondOpinion',
    ])
  })

  it('is at least what the bot on one machine gives', () => {
    const here = Object.keys(local.get('analyze')?.at(-1) ?? {})
    expect(here.sort()).toEqual(['changesToday', 'config', 'earlierGrants', 'hearsay', 'nowMs', 'reader'])
    for (const name of ['propose', 'verify'] as const)
      expect(Object.keys(given(name, 'analyze'))).toEqual(expect.arrayContaining(here))
  })

  it('is given where a card is made, and again before a write: the records behind a session', () => {
    for (const name of ['propose', 'verify'] as const) {
      expect(given(name, name)['chain']).toBeTypeOf('function')
      expect(local.get(name)?.at(-1)?.['chain']).toBeTypeOf('function')
    }
  })

  it('is given to the deployed propose alone, of which many run at once: turns in a channel', () => {
    expect(given('propose', 'propose')['askTurn']).toBeTypeOf('function')
    expect(local.get('propose')?.at(-1)?.['askTurn']).toBeUndefined()
  })

  it('is given to the local propose alone, which has no limit of Slack to keep: how often counts show', () => {
    expect(given('propose', 'propose')['showEveryMs']).toBeUndefined()
    expect(local.get('propose')?.at(-1)?.['showEveryMs']).toBeGreaterThan(0)
  })

  it('is given to decide: what it tries of its own permissions', () => {
    expect(Object.keys(Object(given('decide', 'decide')['selfTest'])).sort()).toEqual(['trials', 'wake'])
  })

  it('is given to intake: EC2’s older denials are decoded there', () => {
    expect(Object.keys(Object(given('intake', 'intake')['explanations']))).toEqual(['decode'])
  })
})

describe('what every verb is given', () => {
  it('draws all that it draws on one machine', () => {
    for (const [name, methods] of Object.entries({
      propose: ['alert', 'card', 'code', 'evidence', 'form', 'home', 'lines', 'list', 'lists', 'notice', 'text'],
      decide: ['alert', 'card', 'evidence', 'form', 'home', 'lines', 'lists', 'notice', 'text'],
      verify: ['alert', 'card', 'evidence', 'form', 'home', 'lines', 'lists', 'notice', 'text'],
      sweep: ['alert', 'card', 'code', 'evidence', 'form', 'home', 'lines', 'list', 'lists', 'notice', 'text'],
    }))
      expect([name, Object.keys(Object(given(name as FunctionName, name)['renderer'])).sort()]).toEqual([name, methods])
  })

  it('leaves chat, notices and cards of a failed deploy to propose', () => {
    expect(Object.keys(given('alert', 'alert')).sort()).toEqual([
      'clock',
      'config',
      'explanations',
      'history',
      'judge',
      'observer',
      'ownRoleArns',
      'queue',
      'reader',
      'readerRole',
      'store',
      'suggest',
    ])
  })

  it('names the bot’s own roles, the workspace and the app', () => {
    for (const name of ['intake', 'alert'] as const)
      expect(given(name, name)['ownRoleArns']).toEqual(ENVIRONMENT.BOT_ROLE_ARNS.split(','))
    expect(given('decide', 'decide')).toMatchObject({
      workspace: { teamId: 'T0TEAM', enterpriseId: null },
      appId: 'A0APP',
    })
  })

  it('has the whole configuration', () => {
    for (const name of FUNCTIONS) if (name !== 'write') expect(given(name, name)['config']).toEqual(CONFIG)
  })

  it('is given to write as its digest and the two settings that write needs, made with the deployment', () => {
    const { own, secondReadSeconds } = given('write', 'write')
    const { configDigest, approvedSets, secondReadSeconds: seconds } = WRITE_CONFIG
    const passkeys = { needed: 'elevated', isDeviceBound: false, people: null, origin: ENVIRONMENT.PASSKEY_ORIGIN }
    expect(own).toEqual({ deploymentId: ENVIRONMENT.DEPLOYMENT_ID, configDigest, approvedSets, passkeys })
    for (const name of ['decide', 'enroll'] as const) expect(given(name, name)['passkeys']).toEqual(passkeys)
    expect(secondReadSeconds).toBe(seconds)
    expect(given('verify', 'verify')).toMatchObject({ configDigest, deploymentId: ENVIRONMENT.DEPLOYMENT_ID })
  })
})

describe('a record that the audit log does not take', () => {
  it('is counted by the function that would write it, and still fails', async () => {
    failures.set('broken', new RolemedicError('audit-broken', 'the audit log is broken'))
    failures.set('unread', new RolemedicError('audit-unread', 'the audit log cannot be read'))
    failures.set('denied', new Error('AccessDenied'))
    failures.set('taken', new RolemedicError('audit-conflict', 'says something else'))
    for (const name of ['propose', 'decide', 'verify', 'sweep'] as const) {
      const audit = given(name, name)['audit'] as AuditLog
      const append = (key: string) => audit.append({ key } as AuditEntry)
      counted.length = 0
      await append('written')
      expect(counted).toEqual([])
      await expect(append('broken')).rejects.toThrow('the audit log is broken')
      await expect(append('unread')).rejects.toThrow('cannot be read')
      await expect(append('denied')).rejects.toThrow('AccessDenied')
      await expect(append('taken')).rejects.toThrow('says something else')
      const metrics = ['AuditBroken', 'AuditUnread', 'AuditUnwritten', 'AuditConflict']
      expect(counted).toEqual(metrics.map(metric => `${metric} of ${name}`))
    }
    const { audit } = given('verify', 'revert')
    expect(audit).toBe(given('verify', 'verify')['audit'])
  })
})

describe('what is recorded', () => {
  it('is signed by verify, and by no other', async () => {
    for (const name of ['propose', 'decide', 'verify', 'sweep'] as const) {
      const audit = given(name, name)['audit'] as AuditLog
      expect([name, await audit.append({ key: 'written' } as AuditEntry)]).toMatchObject([
        name,
        { signs: name === 'verify' },
      ])
    }
  })
})

describe('the settle time of the configuration', () => {
  it('is waited for before a denial without a proposal counts as lost', () => {
    for (const name of FUNCTIONS) {
      // These have no table.
      if (name === 'write' || name === 'enroll') continue
      // publish reads only markers.
      const graceMs = name === 'publish' ? 0 : (SETTLE_SECONDS + 240) * 1000
      expect([name, given(name, 'table')['settleGraceMs']]).toEqual([name, graceMs])
    }
  })
})

describe('an account without an organization', () => {
  it('is known to have no guardrails of one, as the command line knows it', async () => {
    for (const name of ['propose', 'verify'] as const) {
      const ownAccountId = given(name, 'organizations')['ownAccountId'] as () => Promise<string | null>
      expect([name, await ownAccountId()]).toEqual([name, ACCOUNT])
    }
  })
})
