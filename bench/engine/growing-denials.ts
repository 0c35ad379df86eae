/** Denials in accounts that grow in one dimension at a time, and policies that are slow to match. */
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import {
  ACCOUNT,
  deniedAssumption,
  deniedRegistration,
  deniedTargets,
  detail,
  managedPolicy,
  role,
} from './generated-account.ts'

/** The input of one diagnosis. */
export type Question = { readonly record: string; readonly account: string; readonly org?: string }

export type Growth = {
  readonly what: string
  /** True: the size affects the answer, so time may grow in proportion. False: time must not grow. */
  readonly affects: boolean
  readonly sizes: readonly number[]
  readonly at: (size: number) => Question
}

const SIZES = [25, 100, 400, 1_600]
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)
const allow = (Action: string | readonly string[], Resource: string): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
})

const REGISTRATION = JSON.stringify(deniedRegistration({ id: 'growth' }))
const TARGET = detail('orders-task', 'ecs-tasks.amazonaws.com', [
  allow('sqs:SendMessage', `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders`),
])

type Entities = {
  readonly own?: readonly Statement[]
  readonly managed?: readonly (readonly Statement[])[]
  readonly others?: readonly object[]
  readonly target?: object | null
}

/** The account of `deployer`, which may not pass `orders-task`. */
function accountWith({ own = [], managed = [], others = [], target = TARGET }: Entities): string {
  const policies = managed.map((Statement, at) => managedPolicy(`more-${at}`, Statement))
  const caller = {
    ...detail('deployer', 'codebuild.amazonaws.com', [allow(['ecs:*', 'ecr:*'], '*'), ...own]),
    AttachedManagedPolicies: policies.map(({ Arn, PolicyName }) => ({ PolicyArn: Arn, PolicyName })),
  }
  const RoleDetailList = [...others, caller, ...(target === null ? [] : [target])]
  return JSON.stringify({ UserDetailList: [], GroupDetailList: [], RoleDetailList, Policies: policies })
}

const passing = (at: number): Statement => allow('iam:PassRole', role(`team-${at}-job`))
const otherService = (at: number): Statement => allow(['s3:GetObject', 's3:PutObject'], `arn:aws:s3:::bucket-${at}/*`)
const otherRole = (at: number, statements = 2): object =>
  detail(
    `service-${at}`,
    'lambda.amazonaws.com',
    range(statements).map(one => allow('dynamodb:GetItem', `arn:aws:dynamodb:*:*:table/t${at}-${one}`)),
  )

/** Fits into the 6,144 characters of a managed policy. */
const FULL = range(60).map(at => allow('iam:PassRole', `arn:aws:iam::*:role/app/*-team-${at}-*`))

export const GROWTH: readonly Growth[] = [
  {
    what: 'statements of the caller about passing other roles',
    affects: true,
    sizes: SIZES,
    at: size => ({ record: REGISTRATION, account: accountWith({ managed: [range(size).map(passing)] }) }),
  },
  {
    what: 'values of a condition',
    affects: true,
    sizes: SIZES,
    at: size => {
      const regions = [...range(size).map(at => `region-${at}`), 'eu-west-1']
      const Condition = { StringNotEquals: { 'aws:RequestedRegion': regions } }
      return {
        record: REGISTRATION,
        account: accountWith({ managed: [[{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*', Condition }]] }),
      }
    },
  },
  {
    what: 'attached policies of 6,000 characters about passing other roles',
    affects: true,
    sizes: [1, 2, 5, 10, 20],
    at: size => ({ record: REGISTRATION, account: accountWith({ managed: range(size).map(() => FULL) }) }),
  },
  {
    what: 'statements of the trust policy',
    affects: true,
    sizes: SIZES,
    at: size => ({
      record: JSON.stringify(deniedAssumption({ id: 'growth' })),
      account: accountWith({
        target: trusting([...range(size).map(at => role(`team-${at}`)), `arn:aws:iam::${ACCOUNT}:root`]),
      }),
    }),
  },
  {
    what: 'service control policies',
    affects: true,
    sizes: [5, 20, 80, 320],
    at: size => ({ record: REGISTRATION, account: accountWith({}), org: organizationWith(size) }),
  },
  {
    what: 'roles that the call passes',
    affects: true,
    sizes: [5, 20, 50, 100],
    at: size => {
      const names = range(size).map(at => `target-${at}`)
      const others = names.map(name => detail(name, 'events.amazonaws.com', [allow('sqs:SendMessage', '*')]))
      return {
        record: JSON.stringify(deniedTargets({ id: 'growth', targets: names })),
        account: accountWith({ others }),
      }
    },
  },
  {
    what: 'roles in the account',
    affects: false,
    sizes: [10, 100, 1_000, 10_000],
    at: size => ({ record: REGISTRATION, account: accountWith({ others: range(size).map(at => otherRole(at)) }) }),
  },
  {
    what: 'roles in the account, where the role does not exist',
    affects: false,
    sizes: [10, 100, 1_000, 10_000],
    at: size => ({
      record: REGISTRATION,
      account: accountWith({ others: range(size).map(at => otherRole(at)), target: null }),
    }),
  },
  {
    what: 'statements of the caller about other services',
    affects: false,
    sizes: SIZES,
    at: size => ({ record: REGISTRATION, account: accountWith({ managed: [range(size).map(otherService)] }) }),
  },
  {
    what: 'statements of each of 50 other roles',
    affects: false,
    sizes: [2, 10, 50, 250],
    at: size => ({ record: REGISTRATION, account: accountWith({ others: range(50).map(at => otherRole(at, size)) }) }),
  },
]

function trusting(principals: readonly string[]): object {
  const Statement = principals.map(AWS => ({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }))
  return { ...TARGET, AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } }
}

function organizationWith(policies: number): string {
  const document = (at: number) => ({
    Version: '2012-10-17',
    Statement: [
      allow('*', '*'),
      { Effect: 'Deny', Action: 'iam:PassRole', Resource: `arn:aws:iam::*:role/protected-${at}-*` },
    ],
  })
  const serviceControlPolicies = range(policies).map(at => ({ name: `scp-${at}`, arn: null, document: document(at) }))
  const path = [{ id: 'r-root', serviceControlPolicies, resourceControlPolicies: [] }]
  return JSON.stringify({
    organizationId: 'o-example',
    managementAccountId: '444455556666',
    accounts: { [ACCOUNT]: { path } },
  })
}

/** The longest path and name of a role, which nearly match each of these patterns. */
const LONG_PATH = `${'a'.repeat(500)}/`
const LONG_NAME = `${'a'.repeat(63)}b`

const PATTERNS: readonly { readonly what: string; readonly patternOf: (length: number) => string }[] = [
  { what: '*a*a*a…', patternOf: length => '*a'.repeat(length / 2) },
  { what: '?*?*?*…', patternOf: length => '?*'.repeat(length / 2) },
  { what: '*?a*?a…', patternOf: length => '*?a'.repeat(length / 3) },
  { what: '????…*', patternOf: length => `${'?'.repeat(length)}*` },
  { what: '**a**a…', patternOf: length => '**a'.repeat(length / 3) },
  { what: '*b?a?a…*', patternOf: length => `*b${'?a'.repeat(length / 2)}*` },
  { what: '*a?a…ba?a…*', patternOf: length => `*${'a?'.repeat(length / 4)}b${'a?'.repeat(length / 4)}*` },
]

/** Twenty managed policies of 6,144 characters with patterns that are slow to match. */
export const PATHOLOGICAL: readonly { readonly what: string; readonly question: Question }[] = PATTERNS.flatMap(
  ({ what, patternOf }) =>
    [60, 260, 5_700].map(length => {
      const head = 'arn:aws:iam::*:role/'
      const count = Math.max(1, Math.floor(6_000 / (length + 80)))
      const managed = range(20).map(at =>
        range(count).map(one => allow('iam:PassRole', `${head}${patternOf(length)}*c${at}${one}*`)),
      )
      const target = {
        ...detail(LONG_NAME, 'ecs-tasks.amazonaws.com', [allow('sqs:SendMessage', '*')]),
        Path: `/app/${LONG_PATH}`,
        Arn: role(LONG_PATH + LONG_NAME),
      }
      return {
        what: `${what}, ${length.toLocaleString('en')} characters each`,
        question: {
          record: JSON.stringify(deniedRegistration({ id: 'hard', target: LONG_PATH + LONG_NAME })),
          account: accountWith({ managed, target }),
        },
      }
    }),
)
