/** One denial, a trail of a million records and 5,000 IAM writes: is the write found, in what time, and in how much memory? */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { generatedHistory } from './backtest/generated-history.ts'
import { round } from './figures.ts'
import { atMost, exactly, type Report } from './report.ts'

const FEW = 250_000
const MANY = 1_000_000
const WRITES_PER_RECORD = 5_000 / MANY
const SEED = 20_261_129
const MAX_SECONDS = 60
const MAX_MEGABYTES = 400
/** For four times the records and writes. */
const MAX_RATIO = 5

const taken = z.object({ cpuSeconds: z.number(), peakMegabytes: z.number() })
const answer = z.object({
  timeline: z.object({ change: z.object({ outcome: z.string(), eventId: z.string().optional() }) }),
})

const HOME = '111122223333'
const ROLE = `arn:aws:iam::${HOME}:role/app/target`
const START_MS = Date.parse('2026-11-01T00:00:00Z')

type Measured = {
  readonly records: number
  readonly writes: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  readonly outcome: string
}

export async function trail(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-trail-'))
  try {
    return report([FEW, MANY].map(records => measure(records, folder)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measure(records: number, folder: string): Measured {
  const writes = Math.round(records * WRITES_PER_RECORD)
  const path = join(folder, 'trail.json')
  const file = openSync(path, 'w')
  let text = ''
  const put = (record: string) => {
    text += `${record}\n`
    if (text.length < BLOCK_CHARS) return
    writeSync(file, text)
    text = ''
  }
  for (const record of generatedHistory({ records, seed: SEED }).records()) put(record)
  for (let at = 0; at < writes; at += 1) put(JSON.stringify(written(at, writes)))
  const denied = denial(writes)
  put(JSON.stringify(denied))
  // So that no record until the reading can be late.
  const end = { ...base(writes + 15), eventSource: 'iam.amazonaws.com', eventName: 'ListUsers', readOnly: true }
  put(JSON.stringify({ ...end, requestParameters: null, responseElements: null }))
  writeSync(file, text)
  closeSync(file)
  const inFolder = (name: string): string => join(folder, `${name}.json`)
  const [event, account, org] = [inFolder('denial'), inFolder('account'), inFolder('org')]
  writeFileSync(event, JSON.stringify(denied))
  writeFileSync(account, JSON.stringify(accountAtEnd()))
  // Its policies do not restrict the management account.
  writeFileSync(org, JSON.stringify({ managementAccountId: HOME }))
  const command = join(import.meta.dirname, 'backtest/measured.ts')
  const read = ['--account', account, '--org', org, '--at', timeOf(writes)]
  const args = [command, 'diagnose', event, ...read, '--trail', path, '--json']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`rolemedic diagnose ended with ${status}: ${stderr}`)
  const { cpuSeconds, peakMegabytes } = taken.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''))
  const { change } = answer.parse(JSON.parse(stdout)).timeline
  return {
    ...{ records, writes, cpuSeconds: round(cpuSeconds), peakMegabytes: Math.round(peakMegabytes) },
    outcome: change.outcome === 'found' && change.eventId === idOf(DECISIVE) ? 'named' : change.outcome,
  }
}

const BLOCK_CHARS = 4_000_000
/** The third write takes it away, so that all the later ones have to be evaluated before it is found. */
const DECISIVE = 2

const idOf = (at: number): string => `0a0a0a0a-0000-4000-8000-${String(at).padStart(12, '0')}`
const timeOf = (at: number): string => new Date(START_MS + at * 60_000).toISOString().replace('.000Z', 'Z')

const base = (at: number) => ({
  ...{
    eventVersion: '1.11',
    eventID: idOf(at),
    eventTime: timeOf(at),
    awsRegion: 'us-east-1',
    recipientAccountId: HOME,
  },
  userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${HOME}:assumed-role/admin/run`, accountId: HOME },
})

const allow = (action: string, resource: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] })

/** A policy that decides nothing, a grant, its end, and many writes of the first one. */
function written(at: number, writes: number) {
  const isOther = at === 0 || at > DECISIVE
  const parameters = {
    ...{ roleName: 'deploy', policyName: isOther ? 'other' : 'grant' },
    policyDocument: isOther
      ? allow('s3:GetObject', `arn:aws:s3:::bucket-${at === writes - 1 ? 'last' : at}/*`)
      : allow('iam:PassRole', ROLE),
  }
  return {
    ...base(at),
    ...{ eventSource: 'iam.amazonaws.com', responseElements: null },
    ...(at === DECISIVE
      ? { eventName: 'DeleteRolePolicy', requestParameters: { roleName: 'deploy', policyName: 'grant' } }
      : { eventName: 'PutRolePolicy', requestParameters: parameters }),
  }
}

function denial(at: number) {
  const session = `arn:aws:sts::${HOME}:assumed-role/deploy/ci`
  return {
    ...base(at),
    ...{ awsRegion: 'eu-west-1', eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
    ...{
      errorCode: 'AccessDeniedException',
      requestParameters: { functionName: 'f', role: ROLE },
      responseElements: null,
    },
    userIdentity: { type: 'AssumedRole', arn: session, accountId: HOME, principalId: 'AROAEXAMPLEDEPLOY123:ci' },
    errorMessage: `User: ${session} is not authorized to perform: iam:PassRole on resource: ${ROLE}`,
  }
}

function accountAtEnd() {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
  }
  const role = (Arn: string, RoleName: string, policies: readonly unknown[]) => ({
    ...{ Arn, RoleName, RoleId: `AROAEXAMPLE${RoleName.toUpperCase()}123`, AssumeRolePolicyDocument: trust },
    ...{ RolePolicyList: policies, AttachedManagedPolicies: [] },
  })
  const other = {
    PolicyName: 'other',
    PolicyDocument: JSON.parse(allow('s3:GetObject', 'arn:aws:s3:::bucket-last/*')) as unknown,
  }
  return {
    ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
    RoleDetailList: [role(`arn:aws:iam::${HOME}:role/deploy`, 'deploy', [other]), role(ROLE, 'target', [])],
  }
}

function report(runs: readonly Measured[]): Report {
  const [few, many] = runs
  return {
    tables: [
      {
        title: 'One denial and its trail, in one file',
        columns: ['records', 'IAM writes', 'processor s', 'peak MB', 'the write'],
        rows: runs.map(one => [one.records, one.writes, one.cpuSeconds, one.peakMegabytes, one.outcome]),
      },
    ],
    ratios: {},
    notes: ['Both include everything, from the start of Node to the answer.'],
    gates: [
      exactly('runs that do not name the write', runs.filter(({ outcome }) => outcome !== 'named').length, 0),
      atMost('processor seconds for a million records', many?.cpuSeconds ?? 0, MAX_SECONDS),
      atMost('megabytes at most', many?.peakMegabytes ?? 0, MAX_MEGABYTES),
      atMost(
        'times the processor time for four times the trail',
        round((many?.cpuSeconds ?? 0) / (few?.cpuSeconds ?? 1)),
        MAX_RATIO,
      ),
    ],
  }
}
