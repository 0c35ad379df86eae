/**
 * Every request that could distinguish two versions of a document: all combinations of the actions, roles, principals and
 * values that they name, of similar ones, and of missing keys. Slow, but finds every widening.
 */
import { ACTIONS, evaluate, passesRoles } from '../../../core/actions/actions.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../../core/iam/conditions/context.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { list, type PolicyDocument, type Statement } from '../../../core/iam/policy/policy-document.ts'
import { ACCOUNT, allow, identity, inline, role, trusting, snapshot as world } from '../../fixtures/patches.ts'
import { naively } from './naively.ts'

const BESIDE = 'somebody-beside'
const OTHER_ACTIONS = ['iam:GetRole', 'iam:CreateUser', 'iam:PutRolePolicy', 's3:ListBucket', 'sts:SetContext']
const SERVICE = 'iam:passedtoservice'
/** Every request has this key, with the time of the request. */
const TIME = 'aws:currenttime'

type Documents = { readonly narrow: PolicyDocument; readonly wide: PolicyDocument }

/**
 * A request that AWS can receive, and that the wide document allows and the narrow one does not. Null: there is none. `asked`:
 * provides the caller and the time. `trusted`: the documents are trust policies of this role. Null: policies of the caller.
 */
export function openedBy(
  { narrow, wide }: Documents,
  asked: AccessRequest,
  trusted: string | null,
): AccessRequest | null {
  const statements = [...narrow.Statement, ...wide.Statement]
  const answer = trusted === null ? byCaller : byTrust
  for (const request of trusted === null ? callersRequests(statements, asked) : others(statements, asked, trusted))
    if (answer(request, wide) === 'allowed' && answer(request, narrow) === 'denied') return request
  return null
}

function byCaller(request: AccessRequest, { Version = '2008-10-17', Statement }: PolicyDocument): string {
  const caller = request.roleArn ?? request.principalArn
  const policy = { ...inline(caller, 'p'), document: { Version, Statement } }
  const trust = trusting({ AWS: `arn:aws:iam::${caller.split(':')[4]}:root` }, { Action: 'sts:*' })
  return naively(request, world(identity(caller, [policy]), [role(request.resource, trust)]))
}

function byTrust(request: AccessRequest, { Version = '2008-10-17', Statement }: PolicyDocument): string {
  const { principalArn } = request
  const trust = [role(request.resource, { Version, Statement })]
  // The naive evaluator supports no services and no tokens.
  if (!isEntity(principalArn)) return evaluate(request, world(null, trust)).answer
  return naively(request, world(identity(principalArn, [inline(principalArn, 'p', allow('*', '*'))]), trust))
}

function* callersRequests(statements: readonly Statement[], asked: AccessRequest): Generator<AccessRequest> {
  const roles = named(statements, ['Resource', 'NotResource']).filter(text => text.includes(':role/'))
  const resources = new Set([...roles, ...roles.flatMap(beside), asked.resource])
  const contexts = everyContext(statements, asked.context)
  for (const action of actionsOf(statements))
    for (const resource of resources)
      for (const context of contexts)
        if (passesRoles(action) || (context[SERVICE]?.state ?? 'absent') === 'absent')
          yield { ...asked, action, resource, context }
}

function* others(statements: readonly Statement[], asked: AccessRequest, trusted: string): Generator<AccessRequest> {
  const own = /^aws:(principal|userid|username)/
  const context = Object.fromEntries(Object.entries(asked.context).filter(([key]) => !own.test(key)))
  const names = statements.flatMap(({ Principal, NotPrincipal, Condition = {} }) => [
    ...[Principal, NotPrincipal].flatMap(block =>
      typeof block === 'object' ? Object.values(block).flatMap(list) : [],
    ),
    ...Object.values(Condition).flatMap(block => list(block['aws:PrincipalArn']).map(String)),
  ])
  const callers = names.flatMap(readings).filter(name => !/^\d+$|:root$/.test(name))
  const contexts = everyContext(statements, context)
  for (const principalArn of new Set([...callers, ...callers.filter(isEntity).flatMap(beside), ...beside(trusted)])) {
    const isToken = principalArn.includes('-provider/')
    for (const action of actionsOf(statements))
      for (const one of contexts)
        if (callsWith(principalArn) === callerOf(action) && (isToken || !hasClaims(one)))
          yield { action, resource: trusted, principalArn, roleArn: null, context: one }
  }
}

const isEntity = (name: string): boolean => /:(role|user)\//.test(name)

/** Assertions are sent only with AssumeRoleWithSAML, tokens only with AssumeRoleWithWebIdentity. */
const callsWith = (name: string): string =>
  name.includes(':saml-provider/') ? 'saml' : name.includes('-provider/') ? 'web-identity' : 'principal'

const callerOf = (action: string): string => ACTIONS.find(({ name }) => name === action)?.caller ?? 'principal'

/** Only a token has claims. */
const hasClaims = (context: ContextFacts): boolean =>
  Object.entries(context).some(([key, { state }]) => /:(sub|aud)$/.test(key) && state === 'present')

const actionsOf = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set([...named(statements, ['Action', 'NotAction']), ...ACTIONS.map(({ name }) => name), ...OTHER_ACTIONS])

const named = (
  statements: readonly Statement[],
  elements: readonly ('Action' | 'NotAction' | 'Resource' | 'NotResource')[],
): readonly string[] =>
  statements.flatMap(statement => elements.flatMap(element => list(statement[element]).flatMap(readings)))

/** Texts that a pattern matches, with and without characters for each wildcard. */
const readings = (text: string): readonly string[] =>
  ['', BESIDE].map(filled => text.replace(/\*|\$\{[^}]*\}/g, filled).replaceAll('?', 'x'))

const beside = (arn: string): readonly string[] => [
  arn.slice(0, -1),
  `${arn}2`,
  `arn:aws:iam::${ACCOUNT}:role/${BESIDE}`,
  arn.replace(/\d{12}/, '444455556666'),
]

function everyContext(statements: readonly Statement[], context: ContextFacts): readonly ContextFacts[] {
  const values = new Map<string, Set<string>>()
  for (const { Condition = {} } of statements)
    for (const block of Object.values(Condition))
      for (const [name, value] of Object.entries(block)) {
        const key = name.toLowerCase()
        if (key !== TIME && key !== 'aws:principalarn')
          values.set(key, new Set([...(values.get(key) ?? [BESIDE]), ...list(value).map(String).flatMap(readings)]))
      }
  return [...values].reduce<readonly ContextFacts[]>(
    (all, [key, each]) =>
      all.flatMap(one =>
        [...[...each].map(value => present(value)), ABSENT_KEY].map(fact => ({ ...one, [key]: fact })),
      ),
    [context],
  )
}
