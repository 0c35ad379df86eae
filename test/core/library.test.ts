import { describe, expect, it } from 'vitest'
import {
  denialFromRecord,
  denialFromText,
  diagnose,
  evaluate,
  parsePolicy,
  prove,
  readAccounts,
  requestOf,
  snapshotFor,
} from '../../core/index.ts'
import { DEFAULT_SETTINGS } from '../../core/settings/settings.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { analysisOf, CASE_FILES, caseFile, denialOf, inputOf, NOW_MS } from '../case-run.ts'

const ACCOUNT = JSON.stringify({
  UserDetailList: [{ Arn: 'arn:aws:iam::111122223333:user/jane', UserName: 'jane' }],
  GroupDetailList: [],
  RoleDetailList: [
    { Arn: 'arn:aws:iam::111122223333:role/orders', RoleName: 'orders', AssumeRolePolicyDocument: '{"Statement": []}' },
  ],
  Policies: [],
})
const SENTENCE =
  'User: arn:aws:iam::111122223333:user/jane is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/orders'

describe('the library', () => {
  it('finds in every recorded case what the product finds', async () => {
    let compared = 0
    for (const name of CASE_FILES) {
      const file = caseFile(name)
      for (const one of file.cases) {
        const input = inputOf(file, one)
        // An error text alone gets further next steps, and the library has no reader for AWS's own evaluation.
        if (input.event === null || input.aws !== undefined) continue
        const { diagnosis, patch, verification, snapshot: whole } = await analysisOf(file, one)
        const denial = denialOf(input)
        const organization = input.org === null ? undefined : { name: 'org.json', text: input.org }
        const accounts = readAccounts(input.accounts, organization)
        const options = { nowMs: NOW_MS, config: configSchema.parse(input.config), filesOf: accounts.accountIds }
        const snapshot = snapshotFor(denial, accounts)
        const found = diagnose(denial, snapshot, options)
        expect([name, one.name, found.verdict, found.cause, found.evidence]).toEqual([
          ...[name, one.name, diagnosis.verdict, diagnosis.cause, diagnosis.evidence],
        ])
        if (patch !== null)
          expect(prove(patch, { ...options, denial, snapshot: whole }).proof).toEqual(verification?.proof)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(100)
  })

  it('has the defaults of the configuration', () => {
    expect(configSchema.parse({ mode: 'approve' })).toMatchObject(DEFAULT_SETTINGS)
  })

  it('says what is wrong with its input', () => {
    expect(denialFromRecord(null)).toEqual({
      kind: 'unreadable',
      why: 'not a CloudTrail record: it lacks eventSource or eventName',
    })
    const record = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied' }
    const circular: Record<string, unknown> = { ...record, errorMessage: SENTENCE }
    circular['requestParameters'] = circular
    expect(denialFromRecord(circular)).toEqual({
      kind: 'unreadable',
      why: 'no CloudTrail record: it holds itself, or is nested too deeply',
    })
    expect(denialFromText('all is well')).toMatchObject({ kind: 'not-ours' })
    for (const message of [undefined, null, 5, {}, []])
      expect(denialFromText(message as unknown as string)).toEqual({ kind: 'unreadable', why: 'not a text' })
    expect(parsePolicy('{')).toEqual({ ok: false, error: 'the policy is not JSON' })
    expect(() => readAccounts([{ name: 'orders.json', text: '{' }])).toThrow(/^orders\.json: is not JSON$/)
    expect(() => readAccounts([{ name: 'orders.json', text: ACCOUNT }], { name: 'org.json', text: '[]' })).toThrow(
      /^org\.json: /,
    )
  })

  it('asks a denial and its request the same of the accounts', () => {
    const parsed = denialFromText(SENTENCE)
    if (parsed.kind !== 'denial') throw new Error(parsed.why)
    const accounts = readAccounts([{ name: 'orders.json', text: ACCOUNT }])
    const request = requestOf(parsed.denial)
    const snapshot = snapshotFor(parsed.denial, accounts)
    expect(snapshotFor(request, accounts)).toEqual(snapshot)
    expect(evaluate(request, snapshot).answer).toBe('denied')
    expect(accounts.accountIds).toEqual(['111122223333'])
  })
})
