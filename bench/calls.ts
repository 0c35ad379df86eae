/** The AWS requests of one diagnosis per scenario, against moto: how many there are, and how many must run one after another. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { Denial } from '../core/denial/denial.ts'
import { parseRecord } from '../core/denial/parse-denial.ts'
import { assumedAccess } from '../functions/adapters/aws/iam/account-access.ts'
import { liveReader } from '../functions/adapters/aws/iam/iam-reader.ts'
import { type Meter, meter } from '../functions/adapters/aws/iam/read-calls.ts'
import { organizationReader } from '../functions/adapters/aws/organizations/organizations.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import type { AccessReader } from '../functions/ports/access-reader.ts'
import { analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { gather } from '../functions/workflows/denial/gather-access.ts'
import { allow, fillAccount, plantOrganization } from '../test/e2e/live-account.ts'
import { type Moto, startMoto } from '../test/e2e/moto.ts'
import { type Caller, deniedCall } from './calls/denied-call.ts'
import { atMost, type Report } from './report.ts'
import { type SentRequest, watchRequests } from './sent-requests.ts'

const MAX_CALLS = 12
const MAX_DEPTH = 3
const OTHER_ROLES = 300
/** The default page size of IAM. */
const PAGE = 100
const REGION = 'eu-west-1'
const CONFIG = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })

type Cost = { readonly requests: readonly SentRequest[]; readonly depth: number }
type Measured = { readonly name: string; readonly gathering: Cost; readonly cold: Cost; readonly warm: Cost }

export async function calls(): Promise<Report> {
  const moto = await startMoto()
  const watch = watchRequests()
  Object.assign(process.env, moto.env)
  try {
    const { memberId } = await plantOrganization(moto)
    const member = await moto.clientOf(memberId)
    const iam = new IAMClient(member)
    await fillAccount(iam)
    await fillMore(iam)
    watch.take()
    const scenarios: readonly (readonly [string, Denial])[] = [
      [TYPICAL, denialOf('deployer', memberId, ['orders-task'])],
      ['a user with groups passes a role', denialOf('jane', memberId, ['orders-task'])],
      ['a role passes two roles', denialOf('deployer', memberId, ['orders-task', 'orders-exec'])],
      ['a role that does not exist', denialOf('deployer', memberId, ['orders-tasks'])],
      ['a role with 20 managed policies', denialOf('laden', memberId, ['orders-task'])],
      ['a role assumes a role of its account', denialOf('deployer', memberId, [], 'orders-task')],
    ]
    const measured: Measured[] = []
    for (const [name, denial] of scenarios) measured.push(await measure(name, denial, moto, watch.take))
    const whole = await wholeAccount(iam)
    return report(measured, whole)
  } finally {
    watch.stop()
    await moto.stop()
  }
}

const TYPICAL = 'a role with 5 policies and a boundary passes a role'

/** Uses reader and meter as `propose` does. A second denial of the same kind finds filled caches. */
async function measure(
  name: string,
  denial: Denial,
  moto: Moto,
  take: () => readonly SentRequest[],
): Promise<Measured> {
  const only = reading(moto)
  await rememberOrganization(denial.accountId ?? '', only.reader)
  take()
  only.stats.take()
  await gather(denial, only.reader)
  const gathering = { requests: take(), depth: only.stats.take().depth }

  const { reader, stats } = reading(moto)
  const one = async () => {
    await analyze(denial, { reader, config: CONFIG, nowMs: denial.timeMs ?? 0 })
    return { requests: take(), depth: stats.take().depth }
  }
  return { name, gathering, cold: await one(), warm: await one() }
}

async function rememberOrganization(accountId: string, reader: AccessReader): Promise<void> {
  await Promise.all([
    reader.organization(),
    reader.serviceControlPolicies(accountId),
    reader.resourceControlPolicies(accountId),
  ])
}

function reading(moto: Moto): { readonly reader: AccessReader; readonly stats: Meter } {
  const stats = meter()
  const organizations = organizationReader({
    client: new OrganizationsClient(moto.client),
    clock: Date.now,
    ownAccountId: async () => null,
  })
  const access = assumedAccess({ roleName: 'rolemedic-reader', region: REGION, membershipOf: null })
  return { reader: liveReader({ access, organizations, clock: Date.now, meter: stats }), stats }
}

function denialOf(caller: Caller, accountId: string, passed: readonly string[], assumed?: string): Denial {
  const parsed = parseRecord(deniedCall(caller, accountId, passed, assumed))
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

async function fillMore(iam: IAMClient): Promise<void> {
  const trust = allow('sts:AssumeRole').replace('"Resource":"*"', '"Principal":{"Service":"ecs-tasks.amazonaws.com"}')
  const role = (RoleName: string) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }))
  await role('orders-exec')
  await role('laden')
  const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['LocalManagedPolicy'] }))
  for (const { Arn } of page.Policies ?? [])
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'laden', PolicyArn: Arn }))
  for (let at = (page.Policies ?? []).length; at < 20; at += 1) {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `more-${at}`, PolicyDocument: allow('s3:*') }),
    )
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'laden', PolicyArn: Policy?.Arn }))
  }
  for (let at = 0; at < OTHER_ROLES; at += 1) {
    await role(`other-${at}`)
    const PolicyDocument = allow('sqs:SendMessage')
    await iam.send(new PutRolePolicyCommand({ RoleName: `other-${at}`, PolicyName: 'own', PolicyDocument }))
  }
}

type Whole = { readonly entities: number; readonly pages: number; readonly bytes: number }

/** moto returns everything in one page; IAM returns 100 entities per page, sequentially. */
async function wholeAccount(iam: IAMClient): Promise<Whole> {
  const { $metadata: _, ...details } = await iam.send(new GetAccountAuthorizationDetailsCommand({}))
  const lists = [details.RoleDetailList, details.UserDetailList, details.GroupDetailList, details.Policies]
  const entities = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0)
  return { entities, pages: Math.ceil(entities / PAGE), bytes: JSON.stringify(details).length }
}

const of = ({ requests }: Cost, service: string): number => requests.filter(one => one.service === service).length
const perService = (cost: Cost) => ['iam', 'organizations', 'sts'].map(service => of(cost, service)).join(' + ')

function report(all: readonly Measured[], whole: Whole): Report {
  const typical = all.find(({ name }) => name === TYPICAL)
  if (typical === undefined) throw new Error('the typical role was not measured')
  return {
    tables: [
      {
        title: 'Requests to IAM + Organizations + STS, and the depth of dependent requests',
        columns: ['', 'gathering, organization known', 'depth', 'whole diagnosis, cold', 'depth', 'warm', 'depth'],
        rows: all.map(({ name, gathering, cold, warm }) => [
          name,
          perService(gathering),
          gathering.depth,
          perService(cold),
          cold.depth,
          perService(warm),
          warm.depth,
        ]),
      },
      {
        title: 'Reading the whole account instead',
        columns: ['entities', 'pages, each after the last', 'KB'],
        rows: [[whole.entities, whole.pages, Math.round(whole.bytes / 1000)]],
      },
    ],
    gates: [
      atMost('IAM requests for gathering the typical role', of(typical.gathering, 'iam'), MAX_CALLS),
      // The first request to an account waits until its reader role is assumed.
      atMost('depth beyond assuming the reader role', typical.gathering.depth - 1, MAX_DEPTH),
    ],
    ratios: { 'requests warm / cold, typical': typical.warm.requests.length / typical.cold.requests.length },
    notes: [
      'Gathering, organization known: a new process with only the organization in its cache, which holds it for minutes.',
      'Cold: the first denial of a process, which assumes the reader role and reads the organization. Warm: the next one.',
      'The whole diagnosis also reads the permissions of the passed role. moto answers, so times are not measured.',
      `Reading everything costs ${whole.pages} requests, one after the other, for ${whole.entities} entities. Below about a thousand entities that is less; it grows with the account and needs permission to read all of it.`,
    ],
  }
}
