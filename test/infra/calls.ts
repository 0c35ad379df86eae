/** Compares the calls in the code of each function with the permissions of its role and of the roles that it assumes. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts'
import { deploy, EVERY_OPINION, ORGANIZATION } from './deployment.ts'
import { type FunctionText, functionText } from './function-text.ts'
import { allowed } from './statements.ts'

const root = resolve(import.meta.dirname, '../..')
const granted = allowed(deploy({ organization: ORGANIZATION }, EVERY_OPINION))
const unique = (values: readonly string[]) => [...new Set(values)].sort()

/** The IAM prefix of each client's service. */
const SERVICES: { readonly [client: string]: string } = {
  'client-accessanalyzer': 'access-analyzer',
  'client-cloudformation': 'cloudformation',
  'client-cloudtrail': 'cloudtrail',
  'client-cloudwatch-logs': 'logs',
  'client-codepipeline': 'codepipeline',
  'client-dynamodb': 'dynamodb',
  'client-iam': 'iam',
  'client-kms': 'kms',
  'client-organizations': 'organizations',
  'client-s3': 's3',
  'client-secrets-manager': 'secretsmanager',
  'client-sns': 'sns',
  'client-sqs': 'sqs',
  'client-sso-admin': 'sso',
  'client-sts': 'sts',
}

/** Calls for which IAM has another name than the SDK, or requires further actions. Bucket and topic are encrypted with the bot's key. */
const ACTIONS: { readonly [call: string]: readonly string[] } = {
  's3:GetObject': ['s3:GetObjectVersion', 'kms:Decrypt'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:PutObject': ['s3:PutObject', 'kms:Decrypt', 'kms:GenerateDataKey'],
  'sns:Publish': ['sns:Publish', 'kms:Decrypt', 'kms:GenerateDataKey'],
}

type Owner = 'own' | 'reader' | 'writer'
const WRITER_FILES = ['iam', 'permission-sets']
const READER_SERVICES = ['cloudformation', 'cloudtrail', 'codepipeline', 'iam', 'logs', 'sts']

function ownerOf(file: string, service: string): Owner {
  if (WRITER_FILES.includes(file)) return 'writer'
  return READER_SERVICES.includes(service) ? 'reader' : 'own'
}

/** A bundle contains an object of many methods as a whole. These commands are sent only if the method is called. */
const STORE: { readonly [command: string]: readonly string[] } = {
  Query: ['due', 'dueOccurrences', 'open', 'openSince', 'openIn', 'standing', 'limited', 'occurrencesBetween'],
  UpdateItem: ['increment'],
}
const INDEXES: { readonly [method: string]: string } = {
  due: 'due',
  dueOccurrences: 'due',
  open: 'open',
  openSince: 'open',
  openIn: 'place',
  standing: 'place',
  limited: 'place',
  occurrencesBetween: 'place',
}

/** Signed HTTP requests without a client, for AWS's explanation of an authorization id. */
const TOOLBOX = ['iam:GetRequestAuthorizationDetails', 'iam:GetRequestAuthorizationPolicy']

const BUILDS = ['codebuild:BatchGetBuilds']
const AMPLIFY = ['amplify:GetJob']
const RUNS = [
  ...['codedeploy:GetDeployment', 'codedeploy:ListDeploymentTargets', 'codedeploy:BatchGetDeploymentTargets'],
  ...['ecs:DescribeServices', 'ecs:ListTasks', 'ecs:DescribeTasks'],
]

type Calls = { readonly [owner in Owner]: readonly string[] }

async function callsOf(name: FunctionName): Promise<Calls> {
  const text = await functionText(name)
  const calls: { [owner in Owner]: string[] } = { own: [], reader: [], writer: [] }
  for (const [path, source] of text.files) {
    const file = path.split('/').at(-1)?.replace('.ts', '') ?? ''
    for (const command of commandsIn(source)) {
      const service = serviceOf(path, command.imported)
      if (!isSent(`${service}:${command.call}`, text)) continue
      const call = `${service}:${command.call}`
      calls[ownerOf(file, service)].push(...(ACTIONS[call] ?? [call]))
    }
  }
  if ([...text.files.keys()].some(path => path.endsWith('/iam-toolbox.ts'))) calls.reader.push(...TOOLBOX)
  if ([...text.files.keys()].some(path => path.endsWith('/deploy-tools/build-roles.ts'))) calls.reader.push(...BUILDS)
  if ([...text.files.keys()].some(path => path.endsWith('/deploy-tools/failed-parts.ts'))) calls.reader.push(...AMPLIFY)
  if ([...text.files.keys()].some(path => path.endsWith('/deploy-tools/run-parts.ts'))) calls.reader.push(...RUNS)
  if ([...text.files.keys()].some(path => path.endsWith('/deploy-tools/put-event.ts')))
    calls.own.push('events:PutEvents')
  // A library sends it with the function's own credentials.
  if (text.whole.includes('fromTemporaryCredentials(')) calls.own.push('sts:AssumeRole')
  if (/\bSourceIdentity:/.test(text.whole)) calls.own.push('sts:SetSourceIdentity', 'sts:TagSession')
  return calls
}

function commandsIn(source: string): readonly { readonly call: string; readonly imported: string }[] {
  const commands = [...source.matchAll(/\bnew (\w+)Command\(/g)].map(([, call = '']) => ({
    call,
    imported: `${call}Command`,
  }))
  const pages = [...source.matchAll(/\bpaginate(\w+)\(/g)].map(([, call = '']) => ({
    call,
    imported: `paginate${call}`,
  }))
  return [...commands, ...pages]
}

/** From the imports of the original file, because in a bundle they are next to each other. */
function serviceOf(path: string, imported: string): string {
  const source = readFileSync(resolve(root, path), 'utf8')
  const client = [...source.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/([a-z0-9-]+)'/g)].find(
    ([, names = '']) => names.split(',').some(name => name.trim() === imported),
  )?.[2]
  const service = SERVICES[client ?? '']
  if (service === undefined) throw new Error(`${path}: ${imported} is of no service that is known here`)
  return service
}

function isSent(call: string, { whole, files }: FunctionText): boolean {
  const methods = STORE[call.replace('dynamodb:', '')]
  if (call.startsWith('dynamodb:') && methods !== undefined) return methods.some(method => calls(files, method))
  // Only functions that send work have a queue to send it to.
  if (call === 'sqs:SendMessage') return /\bqueue\d*\.send\(/.test(whole)
  return true
}

/** Calls outside of the adapter with the method. */
function calls(files: FunctionText['files'], method: string): boolean {
  return [...files].some(
    ([path, source]) => !path.endsWith('/proposals-table.ts') && new RegExp(`\\.${method}\\(`).test(source),
  )
}

const actionsOf = (role: string) => unique(granted.filter(each => each.role === role).flatMap(({ actions }) => actions))

/** What Lambda itself does with the function's role: its log, its traces, and taking messages from its queue. */
const LAMBDA = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments']
const POLLER = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']
const WORKERS: readonly FunctionName[] = ['intake', 'propose', 'verify', 'write', 'alert', 'publish']

describe('the calls in the code of each function', () => {
  it.each(FUNCTIONS)('are what the role of %s allows, and nothing else is allowed', async name => {
    const { own } = await callsOf(name)
    const expected = unique([...own, ...LAMBDA, ...(WORKERS.includes(name) ? POLLER : [])])
    expect(actionsOf(`rolemedic-${name}`)).toEqual(expected)
  })

  it('that read an account are what the reader role allows', async () => {
    const reads = (await Promise.all(FUNCTIONS.map(callsOf))).flatMap(({ reader }) => reader)
    // A canary has to be denied.
    const denied = 'sts:AssumeRole'
    expect(reads).toContain(denied)
    expect(actionsOf('rolemedic-reader')).toEqual(unique(reads.filter(action => action !== denied)))
  })

  it('that write IAM are made by write alone, and are what the writer role allows', async () => {
    for (const name of FUNCTIONS) if (name !== 'write') expect((await callsOf(name)).writer).toEqual([])
    const { writer } = await callsOf('write')
    const inCenter = granted.filter(({ role }) => role === 'WritesPermissionSets').flatMap(({ actions }) => actions)
    expect(unique([...actionsOf('rolemedic-writer'), ...inCenter])).toEqual(unique(writer))
    expect(actionsOf('boundary rolemedic-writer-boundary')).toEqual(unique(writer))
  })

  it('query the index that the role names, and no other', async () => {
    for (const name of FUNCTIONS) {
      const { files } = await functionText(name)
      const queried = Object.entries(INDEXES).filter(([method]) => calls(files, method))
      const named = granted
        .filter(({ role, actions }) => role === `rolemedic-${name}` && actions.includes('dynamodb:Query'))
        .flatMap(({ resources }) =>
          [...JSON.stringify(resources).matchAll(/\/index\/([a-z]+)/g)].map(([, index]) => index ?? ''),
        )
      expect([name, unique(named)]).toEqual([name, unique(queried.map(([, index]) => index))])
    }
  })

  it('read the audit log by version alone, as the role allows no other read', async () => {
    for (const name of ['propose', 'decide', 'verify', 'write', 'sweep'] as const) {
      const { whole } = await functionText(name)
      const reads = [...whole.matchAll(/new GetObjectCommand\(\{([^}]*)\}/g)].map(([, given = '']) => given)
      expect(reads.length).toBeGreaterThan(0)
      for (const given of reads) expect(given).toContain('VersionId')
    }
  })

  it('assume the roles that the function’s own names', async () => {
    for (const name of FUNCTIONS) {
      const { files } = await functionText(name)
      const assumed = [
        ...(assumes(files, 'functions/adapters/aws/iam/account-access.ts') ? ['reader'] : []),
        ...(assumes(files, 'functions/write/writer-sessions.ts') ? ['writer'] : []),
      ]
      const named = granted
        .filter(({ role, actions }) => role === `rolemedic-${name}` && actions.includes('sts:AssumeRole'))
        .flatMap(({ resources }) =>
          [...JSON.stringify(resources).matchAll(/role\/rolemedic-([a-z]+)/g)].map(([, role]) => role),
        )
      expect([name, named]).toEqual([name, assumed])
    }
  })
})

function assumes(files: FunctionText['files'], file: string): boolean {
  return files.get(file)?.includes('fromTemporaryCredentials(') === true
}
