import * as z from 'zod'
import { actionNamed } from '../actions/index.ts'
import { fail, ok, type Result } from '../base/index.ts'
import { type ContextFact, type ContextFacts, present } from '../iam/index.ts'
import type { AwsEvaluation, DecodedEvaluation } from './denial.ts'

/** AWS's own evaluation of a denied request, from a decoded EC2 message or the authorization details. */

const text = z.string().check(z.maxLength(20_000))
const maybe = z.optional(text)
const items = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item).check(z.maxLength(2_000)) })

/** The members of a `sts:DecodeAuthorizationMessage` result that affect a decision. */
const decodedMessage = z.object({
  allowed: z.boolean(),
  explicitDeny: z.boolean(),
  matchedStatements: z.optional(items(z.object({ statementId: maybe, effect: maybe }))),
  context: z.object({
    action: text,
    resource: maybe,
    principal: z.catch(z.optional(z.object({ arn: maybe })), undefined),
    conditions: z.optional(items(z.object({ key: text, values: items(z.object({ value: text })) }))),
  }),
})

export function evaluationInDecoded(message: string): Result<DecodedEvaluation, string> {
  const parsed = decodedMessage.safeParse(jsonOf(message))
  if (!parsed.success) return fail('the decoded message does not have the form that AWS documents')
  const { allowed, explicitDeny, matchedStatements, context } = parsed.data
  const conditions = context.conditions?.items ?? []
  return ok({
    source: 'decoded-message',
    allowed,
    explicitDeny,
    action: context.action,
    resource: context.resource ?? null,
    ...(context.principal?.arn === undefined ? {} : { principal: context.principal.arn }),
    matchedStatements: (matchedStatements?.items ?? []).map(({ statementId, effect }) => ({
      policy: null,
      sid: statementId ?? null,
      effect: effectOf(effect),
    })),
    context: factsOf(conditions.map(({ key, values }) => [key, values.items.map(({ value }) => value)])),
    policies: [],
  })
}

export const withoutPrincipal = ({ principal: _, ...evaluation }: DecodedEvaluation): AwsEvaluation => evaluation

const contextMap = z.optional(z.record(z.string(), z.unknown()))

/** One page of `GetRequestAuthorizationDetails`. https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html */
const detailsPage = z.object({
  requestContext: contextMap,
  evaluations: z.optional(
    z.array(
      z.object({
        action: text,
        resource: text,
        context: contextMap,
        evaluatedEffect: maybe,
        matchedPolicies: z.optional(
          z.array(
            z.object({
              uri: text,
              matchedStatements: z.optional(z.array(z.object({ sid: maybe, evaluatedEffect: maybe }))),
            }),
          ),
        ),
      }),
    ),
  ),
  // Details of the policies that the evaluations reference.
  policies: z.catch(
    z.optional(
      z.array(
        z.object({
          uri: text,
          type: maybe,
          attachedTo: z.optional(z.array(z.object({ arn: maybe }))),
        }),
      ),
    ),
    undefined,
  ),
  nextToken: z.nullish(text),
})

export type DetailsPage = z.infer<typeof detailsPage>

export function detailsPageIn(body: string): Result<DetailsPage, string> {
  const parsed = detailsPage.safeParse(jsonOf(body))
  return parsed.success ? ok(parsed.data) : fail('the authorization details do not have the form that AWS documents')
}

/** The evaluation that denied one of rolemedic's actions. */
export function decidingIn(pages: readonly DetailsPage[]) {
  const evaluations = pages.flatMap(page => page.evaluations ?? [])
  const denied = evaluations.filter(({ evaluatedEffect }) => evaluatedEffect?.endsWith('DENY') === true)
  return denied.find(({ action }) => isOurs(action)) ?? denied[0] ?? evaluations.find(one => isOurs(one.action))
}

/** Without the policies, each of which needs an API call. */
export function evaluationInDetails(pages: readonly DetailsPage[]): Result<AwsEvaluation, string> {
  const evaluation = decidingIn(pages)
  if (evaluation === undefined)
    return fail('the authorization details hold no evaluation of a role being passed or assumed')
  const { action, resource, context, evaluatedEffect, matchedPolicies } = evaluation
  // An evaluation's own keys override those of the request.
  const members = [
    ...pages.flatMap(page => Object.entries(page.requestContext ?? {})),
    ...Object.entries(context ?? {}),
  ]
  return ok({
    source: 'authorization-details',
    allowed: evaluatedEffect === 'ALLOW',
    explicitDeny: evaluatedEffect === 'EXPLICIT_DENY',
    action,
    resource: resource === '' ? null : resource,
    matchedStatements: (matchedPolicies ?? []).flatMap(policy =>
      (policy.matchedStatements ?? []).map(statement => ({
        // For an inline policy, `uri` is an opaque id, which tells a reader nothing.
        policy: policy.uri.startsWith('arn:') ? policy.uri : null,
        sid: statement.sid ?? null,
        effect: effectOf(statement.evaluatedEffect),
      })),
    ),
    context: factsOf(members.map(([key, value]) => [key, textsOf(value)])),
    policies: [],
  })
}

function isOurs(action: string): boolean {
  return actionNamed(action) !== null
}

const effectOf = (effect: string | undefined): string => (effect?.toUpperCase() === 'DENY' ? 'Deny' : 'Allow')

/** Skips names that are not condition keys, and keys without a comparable value: they stay unknown. */
function factsOf(keys: readonly (readonly [key: string, values: readonly string[]])[]): ContextFacts {
  const facts: [string, ContextFact][] = keys
    .filter(([key, values]) => /^[A-Za-z0-9.-]+:\S+$/.test(key) && values.length > 0)
    .map(([key, values]) => [key.toLowerCase(), present(...values)])
  return Object.fromEntries(facts)
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value === 'string') return [value]
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
