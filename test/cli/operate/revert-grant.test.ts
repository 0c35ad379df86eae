import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addedBy,
  type IamOperator,
  type RevertQuestion,
  revertGrant,
} from '../../../cli/use-cases/operate/revert-grant.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { keyOf, type MemoryIam, memoryIam } from '../../fakes/memory-iam.ts'
import { NOON } from '../../fakes/sample-proposal.ts'
import { DEPLOYMENT } from '../../fakes/signing.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../../fakes/two-sided.ts'
import { leftByBot } from '../../verify/left-by-bot.ts'
import { others } from '../../verify/verify-fixture.ts'
import { memoryIo } from '../memory-io.ts'
import { stateOf } from './state-of-grant.ts'

const { accountId } = IDENTITY_CHANGE.target
const withExternalId = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  Statement: document.Statement.map(one => ({ ...one, Condition: { StringEquals: { 'sts:ExternalId': 'a-secret' } } })),
})
const standing = leftByBot({ isReverted: false })
let state: string
let iam: MemoryIam

beforeEach(async () => {
  state = stateOf(await standing)
  iam = memoryIam()
  for (const { target, after } of [IDENTITY_CHANGE, TRUST_CHANGE]) iam.documents.set(keyOf(target), after)
})
afterEach(() => rmSync(state, { recursive: true }))

function reverting(question: Partial<RevertQuestion> = {}, operator: Partial<IamOperator> = {}) {
  const asked = { id: 'p-1', from: join(state, 'audit'), keys: null, dryRun: false, ...question }
  return revertGrant(asked, {
    ...memoryIo({ nowMs: NOON + 3_600_000 }),
    operator: async () => ({ accountId, writer: iam, ...operator }),
    sleep: async () => {},
  })
}

const outcomes = async (...asked: Parameters<typeof reverting>) =>
  (await reverting(...asked)).changes.map(({ target, outcome }) => `${target.kind} ${outcome}`)

describe('rolemedic revert', () => {
  it('takes away exactly what was added, trust first', async () => {
    expect(await outcomes()).toEqual(['role-trust-policy taken-away', 'role-inline-policy taken-away'])
    expect(iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    expect(iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  it('keeps what others have added since', async () => {
    iam.documents.set(keyOf(IDENTITY_CHANGE.target), others(IDENTITY_CHANGE.after))
    expect(await outcomes()).toContain('role-inline-policy taken-away')
    expect(iam.documents.get(keyOf(IDENTITY_CHANGE.target))?.Statement).toEqual([
      { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ])
  })

  it('leaves a statement that somebody edited, and says so', async () => {
    const [own] = IDENTITY_CHANGE.after.Statement
    const edited = { ...IDENTITY_CHANGE.after, Statement: own === undefined ? [] : [{ ...own, Resource: '*' }] }
    iam.documents.set(keyOf(IDENTITY_CHANGE.target), edited)
    const { changes } = await reverting()
    expect(changes.map(({ outcome }) => outcome)).toEqual(['taken-away', 'left'])
    expect(changes[1]?.why).toMatch(/was edited/)
    expect(iam.documents.get(keyOf(IDENTITY_CHANGE.target))).toEqual(edited)
  })

  it('writes nothing where nothing of it is there any more, also a second time', async () => {
    await reverting()
    iam.writes.length = 0
    expect(await outcomes()).toEqual(['role-trust-policy nothing-left', 'role-inline-policy nothing-left'])
    expect(iam.writes).toEqual([])
  })

  it('writes nothing with --dry-run, and shows each statement', async () => {
    const { changes } = await reverting({ dryRun: true })
    expect(changes.map(({ outcome }) => outcome)).toEqual(['planned', 'planned'])
    expect(changes[1]?.statements).toEqual(IDENTITY_CHANGE.after.Statement)
    expect(iam.writes).toEqual([])
    iam.documents.clear()
    iam.documents.set(keyOf(TRUST_CHANGE.target), TRUST_CHANGE.before ?? TRUST_CHANGE.after)
    expect(await outcomes({ dryRun: true })).toEqual([
      'role-trust-policy nothing-left',
      'role-inline-policy nothing-left',
    ])
  })

  it('shows no external id', async () => {
    const shown = withExternalId(TRUST_CHANGE.after)
    const added = addedBy({ ...TRUST_CHANGE, after: shown })
    expect(JSON.stringify(added)).toContain('sts:ExternalId')
    expect(JSON.stringify(added)).not.toContain('a-secret')
  })

  it('names the account of what other credentials have to take away', async () => {
    const { changes } = await reverting({}, { accountId: '444455556666' })
    expect(changes.map(({ outcome }) => outcome)).toEqual(['other-account', 'other-account'])
    expect(changes[0]?.why).toBe(`these are credentials of 444455556666: use a profile of ${accountId}`)
    expect(iam.writes).toEqual([])
  })

  it('says what AWS answered where it refused', async () => {
    iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'AccessDenied', message: 'lacks iam:GetRole', retry: false })
    const { changes } = await reverting()
    expect(changes.map(({ outcome, why }) => [outcome, why])).toEqual([
      ['left', 'lacks iam:GetRole'],
      ['taken-away', null],
    ])
  })

  it('says that it is left where AWS goes on throttling', async () => {
    iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'Throttling', message: 'Rate exceeded', retry: true })
    const { changes } = await reverting()
    expect(changes.map(({ outcome, why }) => [outcome, why])).toEqual([
      ['left', 'Rate exceeded'],
      ['taken-away', null],
    ])
  })

  it('says that the bot had taken it away, and still takes away what is there', async () => {
    rmSync(state, { recursive: true })
    state = stateOf(await leftByBot())
    const output = await reverting()
    expect(output.isOver).toBe(true)
    expect(output.changes.map(({ outcome }) => outcome)).toEqual(['taken-away', 'taken-away'])
  })
})

describe('nothing is taken away', () => {
  it('for an id that nothing signed names', async () => {
    await expect(reverting({ id: 'p-2' })).rejects.toThrow('p-2: nothing beside')
    await expect(reverting({ id: '../p-1' })).rejects.toThrow('nothing beside')
  })

  it('by what somebody changed or copied to another name', async () => {
    const spent = join(state, 'spent', DEPLOYMENT, 'p-1')
    const text = readFileSync(spent, 'utf8')
    writeFileSync(join(state, 'spent', DEPLOYMENT, 'p-2'), text)
    await expect(reverting({ id: 'p-2' })).rejects.toThrow('is of another place')
    writeFileSync(spent, text.replaceAll(':role/', ':role/a'))
    await expect(reverting()).rejects.toThrow('somebody changed it, or the keys are of another deployment')
    expect(iam.writes).toEqual([])
  })

  it('with the keys of another deployment', async () => {
    const keys = { name: 'keys.json', text: readFileSync(join(state, 'keys/public-keys.json'), 'utf8') }
    const [first] = JSON.parse(keys.text)
    await expect(reverting({ keys: { name: 'keys.json', text: JSON.stringify([first]) } })).rejects.toThrow(
      'the keys are of another deployment',
    )
  })

  it('from a copy of the log alone', async () => {
    for (const name of ['spent', 'written', 'outcomes', 'ended', 'rejected', 'deployment-id'])
      rmSync(join(state, name), { recursive: true, force: true })
    await expect(reverting()).rejects.toThrow('no audit log with what write keeps beside it (--from names it')
  })
})
