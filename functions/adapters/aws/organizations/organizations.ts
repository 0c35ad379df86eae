/**
 * An account's path in its organization, with the SCPs and RCPs on that path. Cached for minutes: they rarely change, and
 * Organizations throttles early.
 */

import type { OrganizationsClient, PolicyType } from '@aws-sdk/client-organizations'
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
} from '@aws-sdk/client-organizations'
import { ABSENT, type Fact, found, known, type Read, unknown, unreadable } from '../../../../core/base/index.ts'
import { type GuardrailLevel, type Organization, parseArn } from '../../../../core/iam/index.ts'
import { guardrailLevels, type RawLevel } from '../../../../core/snapshots/index.ts'
import type { Clock } from '../../../ports/clock.ts'
import { answerCache } from '../clients/answer-cache.ts'
import type { Ask } from '../iam/read-calls.ts'

export type OrganizationReader = {
  organization(ask: Ask): Promise<Fact<Organization>>
  /** The levels from the root down. */
  levels(accountId: string, type: 'scp' | 'rcp', ask: Ask): Promise<Fact<readonly GuardrailLevel[]>>
}

const KEEP_MS = 5 * 60_000
/**
 * Organizations allows five levels of nested units.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
const MAX_LEVELS = 10
export const NOT_IN_IT = 'not-in-it'

/** The path from the root to the account. `depth`: the depth of the last request for it. */
type Place = { readonly path: readonly string[]; readonly organization: Organization; readonly depth: number }

export function organizationReader(deps: {
  readonly client: OrganizationsClient
  readonly clock: Clock
  /** The account of the credentials, which may belong to no organization. */
  readonly ownAccountId: (ask: Ask) => Promise<string | null>
}): OrganizationReader {
  const { client, clock, ownAccountId } = deps
  const places = answerCache<Read<Place>>(clock, KEEP_MS)
  const targets = answerCache<Read<readonly RawLevel['policies'][number][]>>(clock, KEEP_MS)
  const documents = answerCache<Read<string>>(clock, KEEP_MS)
  const described = answerCache<Fact<Organization>>(clock, KEEP_MS)

  const organizationOf = (depth: number, ask: Ask) => described('', () => describe(client, depth, ask))
  const placeOf = (accountId: string, ask: Ask) =>
    places(accountId, async () => {
      const place = await readPlace(client, accountId, ask)
      if (place !== NOT_IN_IT) return place
      const organization = await organizationOf(2, ask)
      const standsAlone = organization.known && organization.value.id === null
      return standsAlone ? ABSENT : unreadable(`account ${accountId} is not in the organization of these credentials`)
    })

  const documentOf = (id: string, depth: number, ask: Ask) =>
    documents(id, async () => {
      const answer = await ask(depth, 'organizations:DescribePolicy', () =>
        client.send(new DescribePolicyCommand({ PolicyId: id })),
      )
      return answer.kind === 'found' ? found(answer.value.Policy?.Content ?? '') : answer
    })

  const policiesOn = (target: string, type: PolicyType, depth: number, ask: Ask) =>
    targets(`${type} ${target}`, async () => {
      const summaries = await listPolicies(client, target, type, depth, ask)
      if (summaries.kind !== 'found') return summaries
      const policies = await Promise.all(
        summaries.value.map(async ({ Id: id = '', Name: name = id, Arn: arn }) => {
          const document = await documentOf(id, summaries.depth + 1, ask)
          return { name, arn: arn ?? null, document }
        }),
      )
      const lost = policies.find(({ document }) => document.kind !== 'found')
      if (lost?.document.kind === 'unreadable') return lost.document
      return found(
        policies.flatMap(({ document, ...rest }) =>
          document.kind === 'found' ? [{ ...rest, document: document.value }] : [],
        ),
      )
    })

  return {
    async organization(askAws) {
      const ask = gently(askAws)
      // A cached path of another account names the organization, which saves a request.
      const cachedPaths = places.all()
      for (const place of cachedPaths) {
        const answer = await place
        if (answer.kind === 'found') return known(answer.value.organization)
        if (answer.kind === 'absent') return known({ id: null, managementAccountId: null })
      }
      return organizationOf(cachedPaths.length > 0 ? 2 : 1, ask)
    },
    async levels(accountId, type, askAws) {
      const ask = gently(askAws)
      const place = await placeOf(accountId, ask)
      if (place.kind === 'unreadable') return unknown(place.why)
      if (place.kind === 'absent')
        return (await ownAccountId(ask)) === accountId
          ? known([])
          : unknown(`these credentials belong to no organization and do not show that of ${accountId}`)
      const { path, depth } = place.value
      const awsType: PolicyType = type === 'scp' ? 'SERVICE_CONTROL_POLICY' : 'RESOURCE_CONTROL_POLICY'
      const levels = await Promise.all(
        path.map(async id => ({ id, policies: await policiesOn(id, awsType, depth + 1, ask) })),
      )
      const lost = levels.find(({ policies }) => policies.kind !== 'found')
      if (lost !== undefined)
        return unknown(lost.policies.kind === 'unreadable' ? lost.policies.why : `${lost.id} is gone`)
      return guardrailLevels(
        type,
        levels.map(({ id, policies }) => ({ id, policies: policies.kind === 'found' ? policies.value : [] })),
      )
    },
  }
}

/** `absent`: the account of the credentials belongs to no organization. */
export async function readPlace(
  client: OrganizationsClient,
  accountId: string,
  ask: Ask,
): Promise<Read<Place> | typeof NOT_IN_IT> {
  const answer = await ask(1, 'organizations:DescribeAccount', () =>
    orNothing(() => client.send(new DescribeAccountCommand({ AccountId: accountId }))),
  )
  if (answer.kind !== 'found') return answer
  if (answer.value === 'no-organization') return ABSENT
  if (answer.value === NOT_IN_IT) return NOT_IN_IT
  const account = answer.value.Account
  const arn = parseArn(account?.Arn ?? '')
  const organization = { id: arn?.resource.split('/')[1] ?? null, managementAccountId: arn?.accountId ?? null }
  const [stated] = account?.Paths ?? []
  if (stated !== undefined) return found({ path: pathOf(stated, accountId), organization, depth: 1 })
  return climb(client, accountId, organization, ask)
}

/** `o-abc123/r-ab12/ou-ab12-11111111/111122223333/` without the organization. */
function pathOf(stated: string, accountId: string): readonly string[] {
  const steps = stated.split('/').filter(step => step !== '' && !step.startsWith('o-') && step !== accountId)
  return [...steps, accountId]
}

async function climb(
  client: OrganizationsClient,
  accountId: string,
  organization: Organization,
  ask: Ask,
): Promise<Read<Place>> {
  const path = [accountId]
  for (let depth = 2; path.length <= MAX_LEVELS; depth++) {
    const child = path[0] ?? accountId
    const answer = await ask(depth, 'organizations:ListParents', () =>
      client.send(new ListParentsCommand({ ChildId: child })),
    )
    if (answer.kind !== 'found') return answer
    const parent = answer.value.Parents?.[0]
    if (parent?.Id === undefined) return unreadable(`organizations:ListParents gave no parent of ${child}`)
    path.unshift(parent.Id)
    if (parent.Type === 'ROOT') return found({ path, organization, depth })
  }
  return unreadable(`${accountId} is nested deeper than an organization can be`)
}

async function listPolicies(client: OrganizationsClient, target: string, type: PolicyType, first: number, ask: Ask) {
  const summaries: {
    readonly Id?: string | undefined
    readonly Name?: string | undefined
    readonly Arn?: string | undefined
  }[] = []
  let token: string | undefined
  for (let depth = first; ; depth++) {
    const from = token === undefined ? {} : { NextToken: token }
    const page = await ask(depth, 'organizations:ListPoliciesForTarget', () =>
      client.send(new ListPoliciesForTargetCommand({ TargetId: target, Filter: type, ...from })),
    )
    if (page.kind !== 'found') return page
    summaries.push(...(page.value.Policies ?? []))
    token = page.value.NextToken
    if (token === undefined) return { kind: 'found' as const, value: summaries, depth }
  }
}

async function describe(client: OrganizationsClient, depth: number, ask: Ask): Promise<Fact<Organization>> {
  const answer = await ask(depth, 'organizations:DescribeOrganization', () =>
    orNothing(() => client.send(new DescribeOrganizationCommand({}))),
  )
  if (answer.kind !== 'found') return unknown(answer.kind === 'unreadable' ? answer.why : 'no organization was found')
  if (typeof answer.value === 'string') return known({ id: null, managementAccountId: null })
  const { Id: id = null, MasterAccountId: managementAccountId = null } = answer.value.Organization ?? {}
  return known({ id, managementAccountId })
}

/**
 * A guardrail that Organizations refuses to show is unknown, whatever the reason. Only throttling and faults of Organizations are faults.
 */
export function gently(ask: Ask): Ask {
  return (depth, operation, send) =>
    ask(depth, operation, () =>
      send().catch(cause => {
        const { $fault, name, message } = cause as { $fault?: string; name?: string; message?: string }
        if ($fault !== 'client' || name === 'TooManyRequestsException') throw cause
        throw Object.assign(new Error(message, { cause }), { name: 'AccessDenied' })
      }),
    )
}

/** Maps two answers of Organizations that are not faults to values. */
async function orNothing<T>(send: () => Promise<T>): Promise<T | 'no-organization' | typeof NOT_IN_IT> {
  try {
    return await send()
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (name === 'AWSOrganizationsNotInUseException') return 'no-organization'
    if (name === 'AccountNotFoundException') return NOT_IN_IT
    throw error
  }
}
