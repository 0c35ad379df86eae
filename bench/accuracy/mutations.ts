/** Variants of a denial, each with its correct label. Null: the variant does not apply to the case. */
import { type CaseInput, denialOf } from '../../test/case-run.ts'
import type { Label, LabelledDenial } from './label.ts'

type Variant = Pick<LabelledDenial, 'input' | 'label'>
type Mutation = (one: LabelledDenial) => Variant | null
type Json = { readonly [key: string]: unknown }

export const MUTATIONS: { readonly [name: string]: Mutation } = {
  'other partition': one =>
    inAllTexts(one, text =>
      /arn:aws-/.test(text)
        ? null
        : text
            .replaceAll('arn:aws:', 'arn:aws-us-gov:')
            .replaceAll('eu-west-1', 'us-gov-west-1')
            .replace(/(eu|us|ap)-(west|east|central|southeast)-\d/g, 'us-gov-east-1'),
    ),
  'other accounts': one =>
    inAllTexts(one, text => text.replaceAll('111122223333', '210987654321').replaceAll('444455556666', '330011223344')),
  'roles under a path': underPath,
  'actions in another case': one => inPolicies(one, recased),
  'values as lists': one => inPolicies(one, asLists),
  'documents as IAM sends them': one => inDocuments(one, document => encodeURIComponent(JSON.stringify(document))),
  'everything in reverse order': one => inPolicies(one, reversed),
  'decoys around it': one => changedAccounts(one, withDecoys),
  'a policy that is not in the snapshot': one => {
    const variant = changedAccounts(one, withUnseenPolicy)
    if (variant === null) return null
    const changes = isDecidedByReasonText(one.input) || isForeignCaller(one.input) ? one.label.changes : []
    return { ...variant, label: { ...one.label, cause: null, changes, mayRefuse: true } }
  },
  'no snapshot at all': ({ input, label }) =>
    input.accounts.length === 0
      ? null
      : { input: { ...input, accounts: [], org: null }, label: { ...label, cause: null, changes: [] } },
}

/** Applies the same replacement to the input and the label. */
function inAllTexts({ input, label }: LabelledDenial, replace: (text: string) => string | null): Variant | null {
  const text = replace(JSON.stringify({ input, label }))
  return text === null ? null : (JSON.parse(text) as { input: CaseInput; label: Label })
}

/** Only roles without a path. Names with a meaning to AWS or the CDK are unchanged. */
function underPath(one: LabelledDenial): Variant | null {
  const bare = /:role\/(?![\w+=,.@-]*\/)(?=[\w+=,.@*-]+)/g
  if (/role-not-found|role-name-mismatch|reserved-role/.test(one.label.cause ?? '')) return null
  if (one.input.event === null || /cdk-|aws-service-role|AWSReserved/.test(JSON.stringify(one.input))) return null
  const variant = inAllTexts(one, text => text.replace(bare, ':role/team/'))
  const move = (role: Json): Json => ({ ...role, Path: /:role\/team\/[^/]+$/.test(`${role['Arn']}`) ? '/team/' : '/' })
  return variant === null ? null : changedAccounts(variant, account => inList(account, 'RoleDetailList', move))
}

/** IAM ignores the case of actions and of names of condition keys. */
function recased(value: unknown): unknown {
  if (typeof value === 'string') return /^(iam|sts):\w+$/i.test(value) ? otherCase(value) : value
  if (Array.isArray(value)) return value.map(recased)
  if (!isJson(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.includes(':') ? otherCase(key) : key, recased(member)]),
  )
}

function otherCase(name: string): string {
  const [prefix = '', ...rest] = name.split(':')
  return [prefix, rest.join(':').toLowerCase()].join(':').replace(/^(iam|sts|aws)/i, text => text.toUpperCase())
}

/** `"Action": "x"` and `"Action": ["x"]` are the same policy. */
function asLists(document: unknown): unknown {
  return eachStatement(document, statement =>
    Object.fromEntries(
      Object.entries(statement).map(([key, value]) => [
        key,
        /^(Not)?(Action|Resource)$/.test(key) && typeof value === 'string' ? [value] : value,
      ]),
    ),
  )
}

function reversed(document: unknown): unknown {
  if (!isJson(document) || !Array.isArray(document['Statement'])) return document
  return { ...document, Statement: document['Statement'].toReversed() }
}

const DECOYS = ['billing-export', 'log-shipper', 'night-batch', 'image-builder', 'audit-reader']

/** Adds unrelated roles, and an unrelated policy with the same actions to every identity. */
function withDecoys(account: Json): Json {
  const id = accountOf(account)
  if (id === null) return account
  const arn = (name: string) => `arn:${partitionOf(account)}:iam::${id}:role/decoys/${name}`
  const decoy = {
    PolicyName: 'zz-decoy',
    PolicyDocument: policy([
      // Not `logs:*`: deleting any log group hides actions, which needs two approvers.
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 'logs:CreateLogStream', 'logs:Put*', 'logs:Describe*'],
        Resource: '*',
      },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: arn('billing-export') },
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `${arn('night')}-*` },
      { Effect: 'Deny', Action: 'iam:PassRole', Resource: arn('audit-reader') },
    ]),
  }
  const roles = DECOYS.map(name => ({
    RoleName: name,
    Path: '/decoys/',
    Arn: arn(name),
    AssumeRolePolicyDocument: policy([
      { Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]),
    RolePolicyList: [],
  }))
  const add = (list: string) => (entity: Json) =>
    isOfAws(entity) ? entity : { ...entity, [list]: [...listIn(entity, list), decoy] }
  const users = inList(account, 'UserDetailList', add('UserPolicyList'))
  const own = inList(users, 'RoleDetailList', add('RolePolicyList'))
  return { ...own, RoleDetailList: [...listIn(own, 'RoleDetailList'), ...roles] }
}

/** The unread policy may deny, so only AWS's own reason proves anything. */
function withUnseenPolicy(account: Json): Json {
  const id = accountOf(account)
  const unseen = {
    PolicyName: 'unseen',
    PolicyArn: `arn:${partitionOf(account)}:iam::${id}:policy/unseen`,
  }
  const add = (entity: Json) =>
    isOfAws(entity)
      ? entity
      : { ...entity, AttachedManagedPolicies: [...listIn(entity, 'AttachedManagedPolicies'), unseen] }
  return inList(inList(account, 'UserDetailList', add), 'RoleDetailList', add)
}

/** True when AWS names the policy type without an allow, so that no identity policy denies. */
const isDecidedByReasonText = (input: CaseInput): boolean =>
  /because no .* allows/.test(JSON.stringify([input.event, input.message])) || input.aws !== undefined
/** True when the caller cannot have this policy: AWS itself, a federated user, or a role that AWS owns. */
function isForeignCaller(input: CaseInput): boolean {
  return ['service', 'web-identity', 'saml', 'sso-role', 'service-linked-role'].includes(denialOf(input).principal.kind)
}
const isOfAws = ({ Arn }: Json): boolean => /aws-reserved|aws-service-role/.test(String(Arn))

function changedAccounts({ input, label }: Variant, change: (account: Json) => Json): Variant | null {
  if (input.accounts.length === 0) return null
  const accounts = input.accounts.map(({ name, text }) => ({
    name,
    text: JSON.stringify(change(JSON.parse(text) as Json)),
  }))
  return { input: { ...input, accounts }, label }
}

function inPolicies(one: Variant, change: (document: unknown) => unknown): Variant | null {
  return inDocuments(one, document => change(document))
}

function inDocuments(one: Variant, change: (document: Json) => unknown): Variant | null {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (!isJson(value)) return value
    if ('Statement' in value) return change(value)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]))
  }
  return changedAccounts(one, account => walk(account) as Json)
}

function eachStatement(document: unknown, change: (statement: Json) => Json): unknown {
  if (!isJson(document)) return document
  const { Statement } = document
  return { ...document, Statement: Array.isArray(Statement) ? Statement.map(one => change(one as Json)) : Statement }
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const listIn = (entity: Json, key: string): readonly Json[] => (entity[key] ?? []) as readonly Json[]
const inList = (account: Json, key: string, change: (entity: Json) => Json): Json => ({
  ...account,
  [key]: listIn(account, key).map(change),
})
const accountOf = (account: Json): string | null => /:iam::(\d{12}):/.exec(JSON.stringify(account))?.[1] ?? null
const partitionOf = (account: Json): string => /"arn:(aws[a-z-]*):iam:/.exec(JSON.stringify(account))?.[1] ?? 'aws'
const policy = (Statement: readonly Json[]): Json => ({ Version: '2012-10-17', Statement })
