/**
 * `aws iam get-account-authorization-details --max-items` splits an account into pages. What is missing from some pages proves
 * nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { openSampleAccounts } from '../../simulator/sample-accounts.ts'
import { call, connected } from './mcp/client.ts'
import { memoryIo } from './memory-io.ts'

const ID = '111122223333'
const CALLER = `arn:aws:iam::${ID}:role/deployer`
const ROLE = `arn:aws:iam::${ID}:role/orders-task`
const EVENT = {
  ...{ eventVersion: '1.09', eventID: '0d1d7a52-6f8c-4a30-8a6a-4d4d0b2d3c11', eventTime: '2026-11-24T02:59:00Z' },
  ...{ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331', awsRegion: 'eu-west-1' },
  ...{ eventType: 'AwsApiCall', recipientAccountId: ID, errorCode: 'AccessDenied' },
  userIdentity: {
    ...{ type: 'AssumedRole', principalId: 'AROADEPLOYER:ci', accountId: ID },
    arn: `arn:aws:sts::${ID}:assumed-role/deployer/ci`,
    sessionContext: { sessionIssuer: { type: 'Role', principalId: 'AROADEPLOYER', arn: CALLER, accountId: ID } },
  },
  errorMessage: `User: arn:aws:sts::${ID}:assumed-role/deployer/ci is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
  requestParameters: { functionName: 'orders', role: ROLE },
}

const trust = (Principal: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
})
const roleEntry = (arn: string, Principal: object) => ({
  ...{ Path: '/', RoleName: arn.slice(arn.lastIndexOf('/') + 1), RoleId: `AROA${arn.slice(-8)}`, Arn: arn },
  ...{ CreateDate: '2026-01-01T00:00:00Z', AssumeRolePolicyDocument: trust(Principal) },
  ...{ InstanceProfileList: [], RolePolicyList: [], AttachedManagedPolicies: [], Tags: [] },
})
const PAGE = { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [] }
const FIRST = { ...PAGE, RoleDetailList: [roleEntry(CALLER, { AWS: `arn:aws:iam::${ID}:root` })] }
const SECOND = { ...PAGE, RoleDetailList: [roleEntry(ROLE, { Service: 'lambda.amazonaws.com' })] }
/** The last page of an account often contains only AWS managed policies, which name no account. */
const OF_AWS = { ...PAGE, Policies: [{ Arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess', PolicyVersionList: [] }] }
const NEXT = { NextToken: 'eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==' }

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-pages-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const event = file('event.json', EVENT)
const template = file(
  'template.yaml',
  `Resources:\n  Orders:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: ${ROLE}\n`,
)

const WAYS: { readonly [way: string]: { readonly pages: readonly string[]; readonly whole: boolean } } = {
  'one page that NextToken cuts': { pages: [file('cut.json', { ...FIRST, ...NEXT })], whole: false },
  'one page that IsTruncated cuts': {
    pages: [file('truncated.json', { ...FIRST, IsTruncated: true, Marker: 'm' })],
    whole: false,
  },
  'two pages, of which the last is cut': {
    pages: [file('a1.json', { ...FIRST, ...NEXT }), file('a2.json', { ...OF_AWS, ...NEXT })],
    whole: false,
  },
  'one page that a marker cuts': { pages: [file('marker.json', { ...FIRST, Marker: 'm' })], whole: false },
  'one page twice': {
    pages: [file('h1.json', { ...FIRST, ...NEXT }), file('h2.json', { ...FIRST, ...NEXT })],
    whole: false,
  },
  'all pages, the last one first': {
    pages: [file('b2.json', OF_AWS), file('b1.json', { ...FIRST, ...NEXT })],
    whole: true,
  },
  'three pages in another order': {
    pages: [
      file('i1.json', { ...FIRST, ...NEXT }),
      file('i3.json', OF_AWS),
      file('i2.json', {
        ...PAGE,
        ...NEXT,
        RoleDetailList: [roleEntry(`${ROLE}-2`, { Service: 'ec2.amazonaws.com' })],
      }),
    ],
    whole: true,
  },
  'all pages': {
    pages: [
      file('c1.json', { ...FIRST, ...NEXT }),
      file('c2.json', { ...OF_AWS, IsTruncated: false, NextToken: null }),
    ],
    whole: true,
  },
  'one file that is whole': { pages: [file('whole.json', { ...FIRST, IsTruncated: false })], whole: true },
}
/** With a name beside it that is nearly the same, the role is likely another one. */
const GONE: readonly string[] = ['role-gone', 'role-not-found']

const accountOf = (pages: readonly string[]) => pages.flatMap(page => ['--account', page])

async function run(...args: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  const code = await dispatch(args, io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

describe.each(Object.entries(WAYS))('an account given as %s', (_, { pages, whole }) => {
  it('says that a role does not exist only where it is whole: diagnose', async () => {
    const { out } = await run('diagnose', event, ...accountOf(pages), '--json')
    const { refusal } = JSON.parse(out) as { refusal: { code: string } | null }
    expect(GONE.includes(refusal?.code ?? '')).toBe(whole)
  })

  it('the same: preflight', async () => {
    const { out } = await run('preflight', template, '--as', CALLER, ...accountOf(pages), '--json')
    const { needs } = JSON.parse(out) as { needs: { diagnosis: { cause: string; verdict: string } }[] }
    const absent = needs.filter(({ diagnosis }) => diagnosis.cause === 'role-not-found')
    expect(absent.some(({ diagnosis }) => diagnosis.verdict === 'proved')).toBe(whole)
  })

  it('the same: patch-code', async () => {
    const { err } = await run('patch-code', folder, event, ...accountOf(pages))
    expect(/[Rr]ole orders-task does not exist/.test(err)).toBe(whole)
  })

  it('the same: backtest', async () => {
    const records = file('records.json', { Records: [EVENT] })
    const { out } = await run('backtest', records, ...accountOf(pages), '--json')
    // A patch has a risk: there is none for a role that is known to be gone.
    const { byRisk } = JSON.parse(out) as { byRisk: object }
    expect(Object.keys(byRisk).length === 0).toBe(whole)
  })

  it('the same: the tools for agents', async () => {
    const client = await connected(accountOf(pages), folder)
    try {
      const { structured } = await call(client, 'diagnose', { record: JSON.stringify(EVENT) })
      expect(GONE.some(code => JSON.stringify(structured).includes(`"${code}"`))).toBe(whole)
    } finally {
      await client.close()
    }
  })
})

describe('the pages of an account', () => {
  const all = [file('d1.json', { ...FIRST, ...NEXT }), file('d2.json', SECOND)]

  it('are one account: what is on any of them is found', async () => {
    const { out } = await run('diagnose', event, ...accountOf(all), '--json')
    expect(JSON.parse(out)).toMatchObject({
      diagnosis: { cause: 'identity-gap', verdict: 'proved' },
      patches: [{ target: { name: 'deployer' } }],
    })
  })

  it('are one account for the bot on this machine too', async () => {
    const accounts = openSampleAccounts({ files: all, folder: join(folder, 'state') })
    expect(accounts.all().map(({ id }) => id)).toEqual([ID])
    for (const name of ['deployer', 'orders-task'])
      expect(await accounts.reader.role({ accountId: ID, name })).toMatchObject({ kind: 'found' })
    expect(await accounts.reader.role({ accountId: ID, name: 'nobody' })).toEqual({ kind: 'absent' })
  })

  it('stay cut without the last one when the bot on this machine copies them', async () => {
    const [first = ''] = all
    const second = file('j.json', { ...SECOND, ...NEXT })
    const cut = openSampleAccounts({ files: [second, first], folder: join(folder, 'cut-state') })
    expect(await cut.reader.role({ accountId: ID, name: 'nobody' })).toMatchObject({ kind: 'unreadable' })
  })

  it('are whole in any order for the bot on this machine too', async () => {
    const accounts = openSampleAccounts({ files: all.toReversed(), folder: join(folder, 'whole-state') })
    expect(await accounts.reader.role({ accountId: ID, name: 'nobody' })).toEqual({ kind: 'absent' })
  })

  it('of two accounts: a page without an account id belongs to the one that ends in the middle', async () => {
    const other = {
      ...PAGE,
      RoleDetailList: [roleEntry('arn:aws:iam::444455556666:role/x', { Service: 'ec2.amazonaws.com' })],
    }
    const pages = [file('k1.json', other), file('k2.json', { ...FIRST, ...NEXT }), file('k3.json', OF_AWS)]
    const { out } = await run('diagnose', event, ...accountOf(pages), '--json')
    expect(JSON.parse(out)).toMatchObject({ refusal: { code: 'role-gone' } })
    const unclear = await run('diagnose', event, ...accountOf(pages.toReversed()))
    expect(unclear).toMatchObject({ code: 2, err: expect.stringContaining('contains no account id') })
  })

  it('are refused where two of them say that they are the whole account', async () => {
    const { code, err } = await run('diagnose', event, ...accountOf([file('e1.json', FIRST), file('e2.json', SECOND)]))
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/e2\.json: account 111122223333 is already in .*e1\.json/),
    })
  })

  it('need an account id where no page before says which account it is', async () => {
    const { code, err } = await run('diagnose', event, '--account', file('f.json', OF_AWS))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('contains no account id') })
  })

  it('have a token that is a text', async () => {
    const { code, err } = await run('diagnose', event, '--account', file('g.json', { ...FIRST, NextToken: 5 }))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('NextToken') })
  })
})
