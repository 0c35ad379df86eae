import { describe, expect, it } from 'vitest'
import { type Harm, harms, parseHarm } from '../../../../core/patch/risk/table/catalog.ts'
import type { HARM_CLASSES } from '../../../../core/patch/risk/table/harms.ts'
import { RESOURCE_KINDS } from '../../../../core/patch/risk/table/resource-kinds.ts'
import { analyzeRisk, approversOf, type Mode, ordinaryCases } from '../../../fixtures/risk/risk-cases.ts'

type Json = { readonly [key: string]: unknown }

const [ordinary] = ordinaryCases()
const allow = (action: string, Resource: string, more: Json = {}): Json => ({
  Effect: 'Allow',
  Action: action,
  Resource,
  ...more,
})

/** One resource of the kind, as a policy names it. Null: only `*` is possible. */
function named({ need: { on } }: Harm): string | null {
  const { arn } = RESOURCE_KINDS[on[0]]
  if (arn === null) return null
  return arn.replaceAll('{region}', 'eu-west-1').replaceAll('{account}', '111122223333').replaceAll('{name}', 'shop')
}

async function judged(statements: readonly Json[], mode: Mode = 'pass') {
  const analysis = await analyzeRisk({ ...ordinary?.setup, role: 'shop-task', statements }, mode)
  const { verification } = analysis
  const found = verification?.guardrails.filter(({ id, outcome }) => outcome !== 'pass' && id !== 'unseen-layers') ?? []
  return { approvers: approversOf(analysis), risk: verification?.risk, found }
}

const LOW = { approvers: 1, risk: 'low' }
const answered = ({ approvers, risk }: Awaited<ReturnType<typeof judged>>) => ({ approvers, risk })

const all = harms().map(harm => [`${harm.need.action} on ${harm.need.on[0]}`, harm] as const)

describe('a role with one permission that hides or destroys', () => {
  it.each(all)('is never low: %s', async (_, harm) => {
    for (const mode of ['pass', 'assume'] as const) {
      const { approvers, risk, found } = await judged([allow(harm.need.action, '*')], mode)
      expect([approvers, risk === 'low']).toEqual([2, false])
      // A permission that also leads to administrator access reports that first.
      expect(found.map(({ id }) => id)).toContain(harm.harmClass)
    }
  })

  it.each(all.filter(([, harm]) => named(harm) !== null))('on a named resource: %s', async (_, harm) => {
    const answer = await judged([allow(harm.need.action, named(harm) ?? '')])
    expect(answered(answer), JSON.stringify(answer.found)).toEqual(
      harm.on === 'any' ? { approvers: 2, risk: 'elevated' } : LOW,
    )
  })

  it.each(all)(
    'stays low on something else, under a condition that is not met, and where it is denied: %s',
    async (_, { need: { action } }) => {
      const elsewhere = action.startsWith('s3:') ? 'arn:aws:sqs:eu-west-1:111122223333:docs' : 'arn:aws:s3:::docs/*'
      const unmet = { StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/somebody-else' } }
      for (const statements of [
        [allow(action, elsewhere)],
        [allow(action, '*', { Condition: unmet })],
        [allow(action, '*'), { Effect: 'Deny', Action: action, Resource: '*' }],
        [allow(action.replace(/:.*/, ':Describe*'), '*')],
      ]) {
        const answer = await judged(statements)
        expect(answered(answer), JSON.stringify([statements, answer.found])).toEqual(LOW)
      }
    },
  )

  it('has a page of AWS for each, says what it may do, and has each once', () => {
    expect(harms().filter(({ source }) => !/^https:\/\/docs\.aws\.amazon\.com\/[\w./-]+\.html$/.test(source))).toEqual(
      [],
    )
    expect(harms().filter(({ does }) => !/^[a-z][^.]+$/.test(does))).toEqual([])
    expect(harms().filter(({ does, need: { on } }) => does.includes('{it}') === (on[0] === 'none'))).toEqual([])
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length)
  })

  /** Taken from incident reports, not from the table. */
  it.each<[(typeof HARM_CLASSES)[number], readonly string[]]>([
    [
      'blind',
      [
        'cloudtrail:StopLogging',
        'cloudtrail:DeleteTrail',
        'cloudtrail:UpdateTrail',
        'cloudtrail:PutEventSelectors',
        'guardduty:DeleteDetector',
        'config:StopConfigurationRecorder',
        'securityhub:DisableSecurityHub',
        'logs:DeleteLogGroup',
        'ec2:DeleteFlowLogs',
      ],
    ],
    [
      'destroy',
      [
        'kms:ScheduleKeyDeletion',
        'kms:DisableKey',
        's3:DeleteBucket',
        'rds:DeleteDBInstance',
        'dynamodb:DeleteTable',
        'backup:DeleteBackupVault',
        'organizations:CloseAccount',
      ],
    ],
  ])('is of the class %s for what attackers use', (harmClass, actions) => {
    const own = new Set(
      harms().flatMap(harm => (harm.harmClass === harmClass && harm.on !== undefined ? [harm.need.action] : [])),
    )
    expect(actions.filter(action => !own.has(action))).toEqual([])
  })
})

describe('the words about it', () => {
  const detail = async (...statements: Json[]) => (await judged(statements)).found.map(one => one.detail)
  const TRAIL = 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit'

  it('name the class and the thing', async () => {
    expect(await detail(allow('cloudtrail:StopLogging', TRAIL))).toEqual([
      'Through shop-task deploy-pipeline could hide what is done: shop-task may stop the logging of the CloudTrail trail audit.',
    ])
    expect(await detail(allow('kms:ScheduleKeyDeletion', '*'))).toEqual([
      'Through shop-task deploy-pipeline could destroy what nobody can bring back: shop-task may delete any KMS key and so whatever it encrypts.',
    ])
  })

  it('name two and count the others', async () => {
    expect(await detail(allow('cloudtrail:*', TRAIL))).toEqual([
      'Through shop-task deploy-pipeline could hide what is done: shop-task may stop the logging of the CloudTrail trail audit, delete the CloudTrail trail audit, and 3 more of the kind.',
    ])
  })

  it('say as whom, where the role leads to another', async () => {
    const audit = {
      RoleName: 'auditor',
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:role/shop-task' }, Action: 'sts:AssumeRole' },
        ],
      },
      RolePolicyList: [{ PolicyName: 'p', PolicyDocument: { Statement: [allow('guardduty:DeleteDetector', '*')] } }],
    }
    const analysis = await analyzeRisk(
      { role: 'shop-task', statements: [], account: { RoleDetailList: [audit] } },
      'pass',
    )
    const found = analysis.verification?.guardrails.find(({ id }) => id === 'blind')
    expect([analysis.verification?.risk, found?.detail, found?.link]).toEqual([
      'elevated',
      'Through shop-task deploy-pipeline could hide what is done: shop-task may delete any GuardDuty detector as auditor.',
      'https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteDetector.html',
    ])
  })
})

describe('deletes on every resource', () => {
  it.each<[string, Json, number]>([
    ['with a tag only', { StringEquals: { 'aws:ResourceTag/team': 'shop' } }, 1],
    ['with a tag only, by the key of the service', { StringLike: { 'ec2:ResourceTag/team': '*' } }, 1],
    ['without a tag', { Null: { 'aws:ResourceTag/keep': 'true' } }, 2],
    ['in one Region', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }, 2],
  ])('%s', async (_, Condition, approvers) => {
    expect((await judged([allow('ec2:DeleteVolume', '*', { Condition })])).approvers).toBe(approvers)
  })

  it.each([
    ['arn:aws:dynamodb:eu-west-1:111122223333:table/*', 2],
    ['arn:aws:dynamodb:*:*:*', 2],
    ['arn:aws:dynamodb:eu-west-1:111122223333:table/shop-*', 1],
    ['arn:aws:dynamodb:eu-west-1:444455556666:table/*', 1],
  ])('are those on %s: %i', async (resource, approvers) => {
    expect(
      (await judged([allow('dynamodb:DeleteBackup', `${resource}/backup/*`), allow('dynamodb:DeleteItem', resource)]))
        .approvers,
    ).toBe(approvers)
  })
})

describe('a line of the table of harms', () => {
  it('is an action on a kind of resource, what it does and a source', () => {
    expect(parseHarm('kms:DisableKey on key | disable {it} | docs kms/x.html', 'destroy', 'any')).toEqual({
      harmClass: 'destroy',
      on: 'any',
      need: { action: 'kms:DisableKey', on: ['key'] },
      does: 'disable {it}',
      source: 'https://docs.aws.amazon.com/kms/x.html',
    })
  })

  it.each([
    ['two columns', 'kms:DisableKey on key | disable {it}', 'Not three columns'],
    ['four columns', 'kms:DisableKey on key | disable {it} | docs x | more', 'Not three columns'],
    ['an unknown kind', 'kms:DisableKey on keys | disable {it} | docs x', 'No kind of resource is called keys'],
  ])('is refused with %s', (_, line, message) => {
    expect(() => parseHarm(line, 'destroy', 'any')).toThrow(message)
  })
})
