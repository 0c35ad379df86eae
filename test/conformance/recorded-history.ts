/**
 * Runs the real records of a corpus through `rolemedic backtest`, with accounts in which everybody may do everything: every
 * call that AWS allowed must be allowed. The real policies are unknown, so denials are only counted.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dispatch } from '../../cli/dispatch.ts'
import { readBytes, streamsTo } from '../../cli/io.ts'
import { backtest } from '../../cli/outputs/backtest.ts'

export type RecordedHistory = {
  readonly line: string
  readonly isGood: boolean
}

const ENTITY = /arn:(aws[a-z-]*):iam::(\d{12}):(role|user)\/([\w+=,.@/-]{1,200})/g

export async function recordedHistory(folder: string): Promise<RecordedHistory> {
  const events = join(folder, 'events')
  const temporary = mkdtempSync(join(tmpdir(), 'rolemedic-history-'))
  try {
    const accounts = openAccounts(events).map(([accountId, text]) => {
      const file = join(temporary, `${accountId}.json`)
      writeFileSync(file, text)
      return ['--account', file]
    })
    let out = ''
    const code = await dispatch(['backtest', events, ...accounts.flat(), '--json'], {
      readFile: async path => readFileSync(path, 'utf8'),
      readBytes,
      stdinIsTerminal: false,
      stdoutIsTerminal: false,
      exists: async () => false,
      ask: null,
      fileNames: async () => [],
      ...streamsTo({
        out: text => {
          out += text
        },
        err: () => {},
      }),
      progress: () => {},
      colour: false,
      nowMs: Date.now,
      env: {},
    })
    const { records, denials, unreadable, calibration } = backtest.parse(JSON.parse(out))
    const {
      allowedCalls = 0,
      evaluatedAllowed = 0,
      deniedCalls = 0,
      unknown = 0,
      disagreements = [],
    } = calibration ?? {}
    const wrong = disagreements.filter(({ aws }) => aws === 'allowed')
    const line = `backtest   ${records} records, ${denials} denials; ${evaluatedAllowed} of ${allowedCalls} allowed calls allowed, ${deniedCalls} denied ones, ${unknown} unknown${wrong.map(one => `; WRONG ${one.eventId}: ${one.why}`).join('')}`
    const isGood =
      code === 0 && unreadable === 0 && wrong.length === 0 && evaluatedAllowed > 0 && deniedCalls === denials
    return { line, isGood }
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

type Entity = { readonly arn: string; readonly kind: string; readonly name: string; readonly path: string }

/** Every role and user that the records name, in one file per account. */
function openAccounts(folder: string): readonly (readonly [accountId: string, text: string])[] {
  const accounts = new Map<string, Map<string, Entity>>()
  for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [arn, , accountId = '', kind = '', whole = ''] of text.matchAll(ENTITY)) {
      const entities = accounts.get(accountId) ?? new Map<string, Entity>()
      accounts.set(accountId, entities)
      const name = whole.slice(whole.lastIndexOf('/') + 1)
      if (name !== '')
        entities.set(`${kind}/${name.toLowerCase()}`, { arn, kind, name, path: `/${whole.slice(0, -name.length)}` })
    }
  }
  return [...accounts].map(([accountId, entities]) => [accountId, detailsOf([...entities.values()])])
}

const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const ANYBODY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*', Federated: '*', Service: '*' }, Action: 'sts:*' }],
}

function detailsOf(entities: readonly Entity[]): string {
  const of = (wanted: string) => entities.filter(({ kind }) => kind === wanted)
  return JSON.stringify({
    UserDetailList: of('user').map(({ arn, name, path }) => ({
      ...{ UserName: name, Path: path, Arn: arn, GroupList: [], AttachedManagedPolicies: [], Tags: [] },
      UserPolicyList: [{ PolicyName: 'all', PolicyDocument: ANYTHING }],
    })),
    GroupDetailList: [],
    RoleDetailList: of('role').map(({ arn, name, path }) => ({
      ...{ RoleName: name, Path: path, Arn: arn, AttachedManagedPolicies: [], InstanceProfileList: [], Tags: [] },
      AssumeRolePolicyDocument: ANYBODY,
      RolePolicyList: [{ PolicyName: 'all', PolicyDocument: ANYTHING }],
    })),
    Policies: [],
  })
}
