/** Patches that allow more than their denial needs, made from drafts. Each kind has one mistake. */
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import { found, known } from '../../../core/base/fact.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import {
  type ConditionBlock,
  type ConditionValue,
  list,
  type PolicyDocument,
  type Statement,
} from '../../../core/iam/policy/policy-document.ts'
import { changeDigest, changesTrust, type Patch, type PolicyChange, patchDigest } from '../../../core/patch/patch.ts'
import { applyToSnapshot } from '../../../core/patch/verification/apply-to-snapshot.ts'
import { ACCOUNT } from '../../fixtures/patches.ts'

export type Overbroad = {
  readonly kind: string
  readonly patch: Patch
  readonly snapshot: AccessSnapshot
  /** The draft that this widens. */
  readonly drafted: PolicyChange
  readonly edited: PolicyChange
}

type Widening = (statement: Statement) => Statement | readonly Statement[] | null

const OTHER = `arn:aws:iam::${ACCOUNT}:role/somebody-else`
const ELSEWHERE = 'arn:aws:iam::444455556666:role/somebody-else'
const CLAIM = /:(sub|aud)$/

const inCondition = (
  { Condition = {}, ...rest }: Statement,
  edit: (operator: string, key: string, values: readonly string[]) => ConditionBlock | null,
): Statement => {
  const blocks = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, value]): readonly ConditionBlock[] => {
      const edited = edit(operator, key, list(value).map(String))
      return edited === null ? [] : [edited]
    }),
  )
  const merged: { [operator: string]: { readonly [key: string]: ConditionValue } } = {}
  for (const block of blocks)
    for (const [operator, keys] of Object.entries(block)) merged[operator] = { ...merged[operator], ...keys }
  return { ...rest, ...(Object.keys(merged).length === 0 ? {} : { Condition: merged }) }
}

const renamed =
  (rename: (operator: string) => string): Widening =>
  statement =>
    Object.keys(statement.Condition ?? {}).some(operator => rename(operator) !== operator)
      ? inCondition(statement, (operator, key, values) => ({ [rename(operator)]: { [key]: values } }))
      : null

const claims =
  (edit: (operator: string, key: string, values: readonly string[]) => ConditionBlock | null): Widening =>
  statement =>
    Object.values(statement.Condition ?? {}).some(keys => Object.keys(keys).some(key => CLAIM.test(key)))
      ? inCondition(statement, edit)
      : null

/** Widens statements that a draft adds to policies of the caller. */
const ON_CALLER: { readonly [kind: string]: Widening } = {
  'any action of IAM': statement => ({ ...statement, Action: 'iam:*' }),
  'any action': statement => ({ ...statement, Action: '*' }),
  'an action more': statement => ({ ...statement, Action: [...list(statement.Action), 'iam:PutRolePolicy'] }),
  'all but one action': ({ Action: _, ...rest }) => ({ ...rest, NotAction: 's3:GetObject' }),
  'any role': statement => ({ ...statement, Resource: '*' }),
  'any role of the account': statement => ({ ...statement, Resource: `arn:aws:iam::${ACCOUNT}:role/*` }),
  'a prefix one shorter': statement => ({
    ...statement,
    Resource: list(statement.Resource).map(one => `${one.replace(/\*$/, '').slice(0, -1)}*`),
  }),
  'another role': statement => ({ ...statement, Resource: [...list(statement.Resource), OTHER] }),
  'a role of another account': statement => ({ ...statement, Resource: [...list(statement.Resource), ELSEWHERE] }),
  'all but one role': ({ Resource: _, ...rest }) => ({ ...rest, NotResource: OTHER }),
  'a role by a variable': statement => ({
    ...statement,
    Resource: [...list(statement.Resource), `arn:aws:iam::${ACCOUNT}:role/\${aws:PrincipalTag/team}`],
  }),
  'a Principal': statement => ({ ...statement, Principal: '*' }),
  'a service more': statement =>
    hasKey(statement, 'iam:PassedToService')
      ? inCondition(statement, (operator, key, values) => ({
          [operator]: { [key]: [...values, 'events.amazonaws.com'] },
        }))
      : null,
}

/** Widens statements of both sides. */
const ON_BOTH: { readonly [kind: string]: Widening } = {
  'without its conditions': ({ Condition, ...rest }) => (Condition === undefined ? null : rest),
  'a pattern that any value meets': statement => inCondition(statement, (_, key) => ({ StringLike: { [key]: '*' } })),
  'a negated operator': renamed(operator => operator.replace(/(String|Arn)(Equals|Like)/, '$1Not$2')),
  'also without the key': renamed(operator =>
    /IfExists$|^ForAllValues/.test(operator) ? operator : `${operator}IfExists`,
  ),
  'for all values, also none': renamed(operator =>
    /^For|IfExists$/.test(operator) ? operator : `ForAllValues:${operator}`,
  ),
  'only whether the key is there': statement => inCondition(statement, (_, key) => ({ Null: { [key]: 'false' } })),
  'a key in two spellings': statement =>
    inCondition(statement, (operator, key, values) => ({
      [operator]: { [key]: values, [key.toUpperCase()]: ['*'] },
    })),
  'a second statement': statement => [
    statement,
    { ...statement, Sid: 'Rolemedic0badf00d', Action: unasked(statement) },
  ],
  'a second statement without conditions': ({ Condition, ...rest }) =>
    Condition === undefined || isNameOnly(Condition)
      ? null
      : [
          { ...rest, Condition },
          { ...rest, Sid: 'Rolemedic0badf00d' },
        ],
  'an end that nobody can read': statement => ({
    ...statement,
    Condition: { ...statement.Condition, DateLessThan: { 'aws:CurrentTime': '1900000000' } },
  }),
}

const ON_TRUST: { readonly [kind: string]: Widening } = {
  'a whole account': statement => ({ ...statement, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }),
  'another account': statement => ({ ...statement, Principal: { AWS: '444455556666' } }),
  everybody: statement => ({ ...statement, Principal: '*' }),
  'everybody of AWS': statement => ({ ...statement, Principal: { AWS: '*' } }),
  'another principal': statement => ({ ...statement, Principal: { AWS: OTHER } }),
  'a principal more': statement => ({
    ...statement,
    Principal:
      typeof statement.Principal === 'object'
        ? { ...statement.Principal, AWS: [...list(statement.Principal['AWS']), OTHER] }
        : '*',
  }),
  'a service': statement => ({ ...statement, Principal: { Service: 'ec2.amazonaws.com' } }),
  'all but one principal': ({ Principal: _, ...rest }) => ({ ...rest, NotPrincipal: { AWS: OTHER } }),
  'any action of STS': statement => ({ ...statement, Action: 'sts:*' }),
  'an action of a session more': statement => ({
    ...statement,
    Action: [...list(statement.Action), 'sts:SetContext', 'sts:TagSession', 'sts:AssumeRole'],
  }),
  'a Resource': statement => ({ ...statement, Resource: '*' }),
  'another provider': statement =>
    typeof statement.Principal === 'object' && statement.Principal['Federated'] !== undefined
      ? { ...statement, Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` } }
      : null,
  'a subject more': claims((operator, key, values) => ({
    [operator]: { [key]: key.endsWith(':sub') ? [...values, 'repo:octo-org/evil:ref:refs/heads/main'] : values },
  })),
  'subjects by a pattern': claims((operator, key, values) =>
    key.endsWith(':sub')
      ? { StringLike: { [key]: [...values, 'repo:octo-org/*'] } }
      : { [operator]: { [key]: values } },
  ),
  'without the subject': claims((operator, key, values) =>
    key.endsWith(':sub') ? null : { [operator]: { [key]: values } },
  ),
  'without the audience': claims((operator, key, values) =>
    key.endsWith(':aud') ? null : { [operator]: { [key]: values } },
  ),
}

/** An action that was not denied and that this side can allow. */
function unasked({ Principal, Action }: Statement): string {
  if (Principal === undefined) return 'iam:CreateUser'
  return list(Action).includes('sts:SetContext') ? 'sts:SetSourceIdentity' : 'sts:SetContext'
}

/** A statement that names one role needs no condition on its name. */
const isNameOnly = (condition: ConditionBlock): boolean =>
  Object.values(condition).every(keys => Object.keys(keys).every(key => key === 'aws:PrincipalArn'))

const hasKey = ({ Condition = {} }: Statement, wanted: string): boolean =>
  Object.values(Condition).some(keys => Object.keys(keys).includes(wanted))

/** Every possible widening of the drafted patch. */
export function overbroadPatches(patch: Patch, snapshot: AccessSnapshot): readonly Overbroad[] {
  return patch.changes.flatMap((change, at) => {
    const wider: Wider = (kind, edited, seen = snapshot) =>
      canonicalJson(edited.after) === canonicalJson(change.after) &&
      canonicalJson(edited.target) === canonicalJson(change.target) &&
      canonicalJson(edited.before) === canonicalJson(change.before)
        ? []
        : [{ kind, patch: withChange(patch, at, edited), snapshot: seen, drafted: change, edited }]
    return [...ofStatements(change, wider), ...ofDocuments(change, snapshot, wider)]
  })
}

type Wider = (kind: string, edited: PolicyChange, seen?: AccessSnapshot) => readonly Overbroad[]

function ofStatements(change: PolicyChange, wider: Wider): readonly Overbroad[] {
  const old = new Set((change.before?.Statement ?? []).map(canonicalJson))
  const widenings = { ...ON_BOTH, ...(changesTrust(change) ? ON_TRUST : ON_CALLER) }
  return change.after.Statement.flatMap((statement, index) =>
    old.has(canonicalJson(statement))
      ? []
      : Object.entries(widenings).flatMap(([kind, widen]) => {
          const made = widen(statement)
          if (made === null) return []
          const Statement = change.after.Statement.toSpliced(
            index,
            1,
            ...(Array.isArray(made) ? made : [made as Statement]),
          )
          return wider(kind, { ...change, after: { ...change.after, Statement } })
        }),
  )
}

function ofDocuments(change: PolicyChange, snapshot: AccessSnapshot, wider: Wider): readonly Overbroad[] {
  const { target, before, after } = change
  const isTrust = changesTrust(change)
  const who = isTrust ? { Principal: { AWS: '*' } } : { Resource: '*' }
  const action = isTrust ? 'sts:*' : 'iam:*'
  const deny: Statement = {
    Sid: 'Guard',
    Effect: 'Deny',
    Action: action,
    ...who,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
  const open: Statement = { Sid: 'Rolemedic0badf00d', Effect: 'Allow', Action: action, ...who }
  const with_ = (document: PolicyDocument, ...more: Statement[]) => ({
    ...document,
    Statement: [...document.Statement, ...more],
  })
  const start: PolicyDocument = before ?? { Version: '2012-10-17', Statement: [] }
  const holding = (document: PolicyDocument) => applyToSnapshot(snapshot, [{ target, after: document }])
  const guarded = holding(with_(start, deny))
  return [
    ...wider('a statement that allows everything', { ...change, after: with_(after, open) }),
    ...wider('a Deny that is gone', { ...change, before: with_(start, deny), after }, guarded),
    ...wider(
      'a Deny that is narrower',
      { ...change, before: with_(start, deny), after: with_(after, { ...deny, Action: 'iam:CreateUser' }) },
      guarded,
    ),
    ...wider(
      'a Deny with one more condition',
      {
        ...change,
        before: with_(start, deny),
        after: with_(after, {
          ...deny,
          Condition: { ...deny.Condition, StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
        }),
      },
      guarded,
    ),
    ...wider('a place with another name', { ...change, target: { ...target, name: 'somebody-else' } }),
    ...wider('a place in another account', { ...change, target: { ...target, accountId: '444455556666' } }),
    ...wider('another version', { ...change, after: { ...after, Version: '2008-10-17' } }),
    ...wider('a document that was not read so', { ...change, before: with_(start, open), after: with_(after, open) }),
    ...(isTrust
      ? wider(
          'the trust of another role',
          { ...change, target: { ...target, arn: OTHER, name: 'somebody-else' } },
          { ...snapshot, targets: [...snapshot.targets, ...trustedLike(snapshot, target.arn)] },
        )
      : wider('a policy of another principal', {
          ...change,
          target: { ...target, kind: 'role-inline-policy', arn: OTHER, name: 'somebody-else', policyName: 'rolemedic' },
          before: null,
        })),
  ]
}

const trustedLike = (snapshot: AccessSnapshot, arn: string): AccessSnapshot['targets'] =>
  snapshot.targets.flatMap(target => {
    if (target.arn !== arn || target.role.kind !== 'found') return []
    const { trust } = target.role.value
    const value = {
      ...target.role.value,
      arn: OTHER,
      name: 'somebody-else',
      trust: trust.known ? known(trust.value) : trust,
    }
    return [{ ...target, arn: OTHER, role: found(value) }]
  })

function withChange(patch: Patch, at: number, edited: PolicyChange): Patch {
  const changes = patch.changes.with(at, { ...edited, digest: changeDigest(edited) })
  return { changes, digest: patchDigest(changes) }
}
