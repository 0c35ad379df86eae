/**
 * Whether the roles of an account trust the bot's functions and nobody else. Evaluates their trust policies: assuming the roles
 * would need the functions' own credentials, and a refused attempt would look like an attack.
 */

import { GetRoleCommand, IAMClient, type Role } from '@aws-sdk/client-iam'
import { evaluate } from '../../../core/actions/index.ts'
import { ABSENT, found, known } from '../../../core/base/index.ts'
import {
  ABSENT_KEY,
  type Answer,
  type ContextFacts,
  list,
  type PolicyDocument,
  parsePolicy,
  present,
  principalsOf,
} from '../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { SESSION_TAGS } from '../../../functions/domain/authority/index.ts'
import { agoInWords } from '../../../functions/domain/members/index.ts'
import type { FunctionName } from '../../../infra/functions.ts'
import { PREFIX, READER_ROLE, READERS, WRITER, WRITER_ROLE } from '../../../infra/names.ts'
import { type Check, failedCheck, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

export type TrustedBy = {
  readonly partition: string
  readonly hubAccountId: string
  /** Null: a single account. */
  readonly organizationId: string | null
  /** The path of the hub's roles; `/` if there is none. */
  readonly rolePath: string
  readonly externalId: string
}

export type SeenRole = { readonly arn: string; readonly trust: string; readonly lastUsedMs: number | null }

export function readerCheck(where: string, role: SeenRole | null, by: TrustedBy, nowMs: number): Check {
  const name = 'reader'
  if (role === null) return failedCheck(name, `${where}: there is no role ${READER_ROLE}: deploy rolemedic-roles there`)
  const trust = documentOf(role)
  if (trust === null) return failedCheck(name, `${where}: the trust policy of ${role.arn} cannot be parsed`)
  const lets = (by_: string, over: ContextFacts = {}) => mayAssume(role.arn, trust, by, by_, { ...NO_SESSION, ...over })
  const kept = READERS.filter(one => lets(one) !== 'allowed')
  if (kept.length > 0)
    return failedCheck(name, `${where}: ${role.arn} does not let in ${kept.map(own).join(', ')} of the hub`)
  const others = [...outsiders(by, lets), ...namedBesides(trust, READERS, by)]
  if (others.length > 0) return failedCheck(name, `${where}: ${role.arn} lets in ${others.join(', ')}`)
  return okCheck(name, `${where}: lets in the hub's functions alone; ${used(role, nowMs)}`)
}

export function writerCheck(where: string, role: SeenRole | null, by: TrustedBy, nowMs: number): Check {
  const name = 'writer'
  if (role === null)
    return warning(
      name,
      `${where}: there is no role ${WRITER_ROLE}: nothing can be applied there, which is right where the account is only observed`,
    )
  const trust = documentOf(role)
  if (trust === null) return failedCheck(name, `${where}: the trust policy of ${role.arn} cannot be parsed`)
  const session: ContextFacts = {
    'sts:externalid': present(by.externalId),
    'sts:sourceidentity': present('U0ONCALL1'),
    'aws:tagkeys': present(...SESSION_TAGS),
    ...Object.fromEntries(SESSION_TAGS.map(tag => [`aws:requesttag/${tag}`, present('doctor')])),
  }
  const lets = (function_: string, over: ContextFacts = {}) =>
    mayAssume(role.arn, trust, by, function_, { ...session, ...over })
  if (lets(WRITER) !== 'allowed')
    return failedCheck(
      name,
      `${where}: ${role.arn} does not let in ${own(WRITER)} with the external id of the settings: deploy rolemedic-roles there, or correct writerExternalId`,
    )
  const open = [
    ...outsiders(by, lets),
    ...namedBesides(trust, [WRITER], by),
    ...(lets(WRITER, { 'sts:externalid': ABSENT_KEY }) === 'denied' ? [] : [`${WRITER} without an external id`]),
    ...(lets(WRITER, { 'sts:externalid': present(`not-${by.externalId}`) }) === 'denied'
      ? []
      : [`${WRITER} with another external id`]),
    ...(lets(WRITER, { 'sts:sourceidentity': ABSENT_KEY }) === 'denied' ? [] : [`${WRITER} without a source identity`]),
    ...(['decide', 'propose', 'verify'] as const).filter(one => lets(one) !== 'denied').map(own),
  ]
  if (open.length > 0)
    return failedCheck(name, `${where}: ${role.arn} lets in ${open.join(', ')}: deploy rolemedic-roles there`)
  const lacking = BESIDES.filter(action => mayAssume(role.arn, trust, by, WRITER, session, action) !== 'allowed')
  if (lacking.length > 0)
    return failedCheck(
      name,
      `${where}: ${role.arn} lets in ${own(WRITER)} without ${lacking.join(' and ')}, so that it can write nothing: deploy rolemedic-roles there`,
    )
  return okCheck(name, `${where}: lets in ${WRITER} alone, with external id and source identity; ${used(role, nowMs)}`)
}

/** The writer session names its approver and the approval, so its trust policy must allow these actions too. */
const BESIDES = ['sts:SetSourceIdentity', 'sts:TagSession'] as const

const own = (name: string): string => `${PREFIX}-${name}`

const NO_SESSION: ContextFacts = { 'sts:externalid': ABSENT_KEY, 'sts:sourceidentity': ABSENT_KEY }

/** Callers that must not be trusted, whatever context they bring. */
function outsiders(by: TrustedBy, lets: (name: string, over?: ContextFacts) => Answer): readonly string[] {
  const admin = lets('of-nobody') === 'denied' ? [] : ['any role of the hub']
  if (by.organizationId === null) return admin
  const outside = lets(WRITER, { 'aws:principalorgid': present('o-0000000000') })
  return outside === 'denied' ? admin : [...admin, 'the hub after it has left the organization']
}

/**
 * Principals in a trust policy besides the hub and these functions. Tests cannot try every account, so everything that the
 * templates do not contain is an outsider, even under conditions that exclude it today.
 */
function namedBesides(
  { Statement }: PolicyDocument,
  functions: readonly FunctionName[],
  { partition, hubAccountId, rolePath }: TrustedBy,
): readonly string[] {
  const iam = `arn:${partition}:iam::${hubAccountId}`
  const right = [hubAccountId, `${iam}:root`, ...functions.map(name => `${iam}:role${rolePath}${own(name)}`)]
  const named = Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(statement => [
    ...principalsOf(statement).map(({ name }) => name),
    ...principalsOf({ Effect: 'Allow', Principal: statement.NotPrincipal ?? {} }).map(({ name }) => `all but ${name}`),
    ...Object.values(statement.Condition ?? {}).flatMap(keys =>
      Object.entries(keys).flatMap(([key, value]) => (key.toLowerCase() === 'aws:principalarn' ? list(value) : [])),
    ),
  ])
  return [...new Set(named.map(String))].filter(name => !right.includes(name))
}

function mayAssume(
  arn: string,
  trust: PolicyDocument,
  { partition, hubAccountId, organizationId, rolePath }: TrustedBy,
  name: string,
  session: ContextFacts,
  action: 'sts:AssumeRole' | (typeof BESIDES)[number] = 'sts:AssumeRole',
): Answer {
  const accountId = arn.split(':')[4] ?? ''
  const caller = `arn:${partition}:iam::${hubAccountId}:role${rolePath}${own(name)}`
  const role = { kind: 'role' as const, path: '/', uniqueId: null, tags: {}, unseen: [], boundary: ABSENT }
  const context: ContextFacts = {
    'aws:principalarn': present(caller),
    'aws:principalorgid': organizationId === null ? ABSENT_KEY : present(organizationId),
    ...session,
  }
  const document = parsePolicy({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: arn }],
  })
  const allow = document.ok
    ? [{ type: 'identity' as const, name, arn: null, attachedTo: name, document: document.value }]
    : []
  return evaluate(
    {
      action,
      resource: arn,
      principalArn: `arn:${partition}:sts::${hubAccountId}:assumed-role/${own(name)}/doctor`,
      roleArn: caller,
      context,
    },
    {
      caller: found({ ...role, arn: caller, accountId: hubAccountId, name: own(name), policies: allow }),
      targets: [
        {
          arn,
          near: known([]),
          role: found({
            ...role,
            arn,
            accountId,
            name: arn.split('/').at(-1) ?? '',
            policies: [],
            trust: known(trust),
          }),
        },
      ],
      organization: known({ id: organizationId, managementAccountId: null }),
      scps: known([]),
      rcps: known([]),
      session: known([]),
      vpce: known([]),
    },
  ).answer
}

function documentOf({ trust }: SeenRole): PolicyDocument | null {
  const read = parsePolicy(trust)
  return read.ok ? read.value : null
}

/** IAM reports the last use of a role within 400 days. */
const used = ({ lastUsedMs }: SeenRole, nowMs: number): string =>
  lastUsedMs === null ? 'never used yet' : `last used ${agoInWords(nowMs - lastUsedMs)} ago`

export async function readSeenRole(
  { credentials }: MemberAccess,
  region: string,
  name: string,
): Promise<SeenRole | null> {
  const client = new IAMClient({ region, credentials, ...LONG_TIMEOUTS })
  try {
    const { Role: role } = await client.send(new GetRoleCommand({ RoleName: name }))
    return role === undefined ? null : seenRole(role)
  } catch (error) {
    if (error instanceof Error && /^NoSuchEntity/.test(error.name)) return null
    throw error
  }
}

function seenRole({ Arn: arn = '', AssumeRolePolicyDocument: trust = '', RoleLastUsed: used }: Role): SeenRole {
  return { arn, trust: decodeURIComponent(trust), lastUsedMs: used?.LastUsedDate?.getTime() ?? null }
}
