/** Which function may do what with which items. Evaluates the deployed policies with the bot's own evaluator. */
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFact, present } from '../../core/iam/conditions/context.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { accessTable } from '../../infra/access-table.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

const HUB = ORGANIZATION.hubAccountId
const TABLE = `arn:aws:dynamodb:eu-west-1:${HUB}:table/rolemedic`
const bot = inAccount(deploy({ organization: ORGANIZATION }).templates['rolemedic-bot'], HUB)

/** The table is in another stack, so its ARN is imported. */
function policiesOf(name: FunctionName): readonly SourcedPolicy[] {
  return bot.rolePolicies(`rolemedic-${name}`).map(document => {
    const text = JSON.stringify(document).replaceAll(/<rolemedic-state:[^>]*Proposals[^>]*Arn[^>]*>/g, TABLE)
    const policy = parsePolicy(text)
    if (!policy.ok) throw new Error(policy.error)
    return { type: 'identity', name, arn: null, attachedTo: name, document: policy.value }
  })
}

function mayCall(name: FunctionName, action: string, resource: string, keys: ContextFact): boolean {
  const arn = `arn:aws:iam::${HUB}:role/rolemedic-${name}`
  const role = {
    kind: 'role' as const,
    arn,
    accountId: HUB,
    name: `rolemedic-${name}`,
    path: '/',
    uniqueId: null,
    tags: {},
    unseen: [],
  }
  const snapshot = {
    caller: found({ ...role, policies: policiesOf(name), boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/rolemedic-${name}/session`
  const context = { 'dynamodb:leadingkeys': keys }
  const { layers } = evaluate({ action, resource, principalArn, roleArn: arn, context }, snapshot)
  // The table has no policy of its own, and the other layers only deny.
  const outcome = layers.find(({ type }) => type === 'identity')?.answer
  if (outcome !== 'allows' && outcome !== 'implicit-deny') throw new Error(`${name}, ${action}: ${outcome}`)
  return outcome === 'allows'
}

const whoMay = (action: string, resource: string, keys: ContextFact): string =>
  FUNCTIONS.filter(name => mayCall(name, action, resource, keys)).join(' ')

const DIGEST = '0123456789abcdef0123'
const ROLE = 'arn:aws:iam::111122223333:role/deployer'
/** Every kind of item, and the functions that read, write and increment it. */
const ITEMS: readonly (readonly [key: string, read: string, put: string, count: string])[] = [
  [`proposal#p-${DIGEST}`, 'propose decide verify sweep alert', 'propose decide verify sweep', ''],
  [`sighting#${DIGEST}`, 'intake propose decide verify sweep alert', 'intake propose alert', ''],
  [`note#first-look/p-${DIGEST}`, 'propose decide verify sweep', 'propose sweep', ''],
  [`note#notice/p-${DIGEST}`, 'propose', 'propose', ''],
  [`note#p-${DIGEST}/result/applied`, 'propose verify sweep', 'propose verify sweep', ''],
  [`note#renewed/p-${DIGEST}/applied`, 'verify sweep', 'verify sweep', ''],
  [`note#record/${DIGEST}`, 'propose', 'propose', ''],
  [`note#lock#${ROLE}#role-inline-policy#deploy`, 'verify', 'verify', ''],
  [`note#card-place/p-${DIGEST}`, 'propose sweep', 'propose sweep', ''],
  ['note#digest/C0ROLEMEDIC/12', 'propose sweep', 'propose sweep', ''],
  ['note#first-run/C0ROLEMEDIC', 'propose sweep', 'propose sweep', ''],
  ['note#observed/C0ROLEMEDIC/20781', 'propose sweep', 'propose', ''],
  ['note#observed-posted/C0ROLEMEDIC/20781', 'sweep', 'sweep', ''],
  [`note#harvested/${DIGEST}`, 'intake alert', 'alert', ''],
  [`note#deploy/${DIGEST}`, 'propose verify sweep alert', 'propose verify sweep alert', ''],
  ['note#deploys/111122223333/eu-west-1', 'propose alert', 'propose alert', ''],
  [`note#deploys-by/${DIGEST}`, 'propose verify sweep alert', 'propose alert', ''],
  ['note#approved-by/U0ONCALL1', 'decide verify sweep', 'verify sweep', ''],
  ['note#stopped', 'verify', '', ''],
  ['note#audit#head', 'propose decide verify sweep', 'propose decide verify sweep', ''],
  [`note#audit#key#p-${DIGEST}/approved`, 'propose decide verify sweep', 'propose decide verify sweep', ''],
  ['note#heard/111122223333', 'intake verify sweep alert', 'intake', ''],
  ['note#heard-accounts', 'intake propose verify sweep alert', 'intake', ''],
  ['note#last-config', 'intake propose decide verify sweep alert publish', 'sweep', ''],
  ['note#self-test', 'intake propose decide verify sweep alert publish', 'decide sweep', ''],
  ['note#self-test/intake', 'intake sweep', 'intake', ''],
  ['note#self-test/verify', 'verify sweep', 'verify', ''],
  ['note#self-test/write', 'verify sweep', 'verify', ''],
  ['note#self-test/other', 'sweep', '', ''],
  ['note#canary/111122223333', 'verify sweep', 'verify', ''],
  ['note#silence', 'sweep', 'sweep', ''],
  ['note#records-noticed', 'sweep', 'sweep', ''],
  [`note#pull/p-${DIGEST}`, 'sweep publish', 'publish', ''],
  ['counter#cards/C0ROLEMEDIC/12', 'propose', '', 'propose sweep'],
  [`counter#changes/${ROLE}/20781`, 'propose verify', '', 'verify'],
  ['counter#grant-questions/C0ROLEMEDIC/20781', '', '', 'propose'],
  [`counter#look/${DIGEST}/29925000`, '', '', 'intake alert'],
  [`counter#look-again/p-${DIGEST}/498750`, 'propose', '', 'propose'],
  [`counter#resend/${DIGEST}/5985000`, '', '', 'sweep'],
  // Of no kind.
  ['note#other', '', '', ''],
  ['note#', '', '', ''],
  ['proposals', '', '', ''],
  [`Proposal#p-${DIGEST}`, '', '', ''],
  ['p', '', '', ''],
  ['*', '', '', ''],
]

describe('the items of the table', () => {
  it.each(ITEMS)('%s: who reads it, who puts it, who raises it', (key, read, put, count) => {
    const who = (call: string) => whoMay(`dynamodb:${call}`, TABLE, present(key))
    expect({ read: who('GetItem'), put: who('PutItem'), count: who('UpdateItem') }).toEqual({ read, put, count })
  })

  /** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
  it.each([
    'BatchGetItem',
    'BatchWriteItem',
    'ConditionCheckItem',
    'DeleteItem',
    'DeleteTable',
    'ExportTableToPointInTime',
    'GetRecords',
    'PartiQLDelete',
    'PartiQLInsert',
    'PartiQLSelect',
    'PartiQLUpdate',
    'PutResourcePolicy',
    'Query',
    'RestoreTableFromBackup',
    'Scan',
    'UpdateTable',
    'UpdateTimeToLive',
  ])('are out of reach of %s, with whatever key and without one', call => {
    for (const keys of [ABSENT_KEY, present(), ...ITEMS.map(([key]) => present(key))])
      expect(whoMay(`dynamodb:${call}`, TABLE, keys)).toBe('')
  })

  it('are out of reach of a call that names no key, for which ForAllValues alone would hold', () => {
    for (const call of ['GetItem', 'PutItem', 'UpdateItem'])
      for (const keys of [ABSENT_KEY, present()])
        expect([call, whoMay(`dynamodb:${call}`, TABLE, keys)]).toEqual([call, ''])
  })

  it('are out of reach together with an item that the function may not write, as in a transaction', () => {
    const both = present(`sighting#${DIGEST}`, `proposal#p-${DIGEST}`)
    expect(whoMay('dynamodb:PutItem', TABLE, both)).toBe('propose')
    expect(whoMay('dynamodb:PutItem', TABLE, present(`proposal#p-${DIGEST}`, `counter#changes/${ROLE}/1`))).toBe('')
  })

  it('of another table are nobody’s', () => {
    for (const call of ['GetItem', 'PutItem', 'UpdateItem'])
      expect(whoMay(`dynamodb:${call}`, `${TABLE}-of-another`, present(`proposal#p-${DIGEST}`))).toBe('')
  })
})

describe('the indexes of the table', () => {
  it.each([
    ['due', 'proposal', 'sweep'],
    ['due', 'draft', 'sweep'],
    ['due', 'card', 'sweep'],
    ['due', 'sighting', 'decide sweep'],
    ['due', 'other', ''],
    ['open', 'open', 'decide verify sweep'],
    ['open', 'proposal', ''],
    ['place', '111122223333#eu-west-1', 'alert'],
    ['place', '-#-', 'alert'],
    ['place', 'proposal', ''],
    ['place', 'open', ''],
    ['place', 'standing', 'decide'],
    ['place', 'limited', 'decide'],
    ['place', 'open/111122223333', 'decide'],
    ['open', 'standing', ''],
  ])('%s, at %s: who queries it', (index, key, who) => {
    expect(whoMay('dynamodb:Query', `${TABLE}/index/${index}`, present(key))).toBe(who)
  })

  it('are scanned by nobody, and queried by nobody without a key', () => {
    for (const index of ['due', 'open', 'place', '*']) {
      const resource = `${TABLE}/index/${index}`
      expect(whoMay('dynamodb:Query', resource, ABSENT_KEY)).toBe('')
      for (const keys of [ABSENT_KEY, present('open'), present('proposal')])
        expect(whoMay('dynamodb:Scan', resource, keys)).toBe('')
    }
  })
})

describe('the table that the synthesis prints', () => {
  const { templates } = deploy({ organization: ORGANIZATION })
  const lines = accessTable(templates['rolemedic-bot'] ?? {})
    .split('\n')
    .map(line => line.replace(/ +/g, ' '))

  it('shows who signs, who verifies, and who puts proposals', () => {
    expect(lines).toContain('kms:Sign DecisionsKey decide')
    expect(lines).toContain('kms:Sign AttestationsKey verify')
    expect(lines).toContain('kms:Sign OutcomesKey write')
    expect(lines.filter(line => line.startsWith('kms:Sign AuditKey'))).toEqual([])
    expect(lines).toContain('dynamodb:PutItem proposal#* decide propose sweep verify')
    expect(lines).toContain('dynamodb:UpdateItem counter#changes/* verify')
    expect(lines.filter(line => line.includes('Proposals'))).toEqual([])
  })
})
