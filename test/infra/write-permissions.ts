/** What `verify` says of the policies of `write` and `enroll`, on those that are deployed. */
import { describe, expect, it } from 'vitest'
import { ABSENT, found, known } from '../../core/base/fact.ts'
import type { Role } from '../../core/iam/evaluation/access-snapshot.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import { callsOfEnroll, callsOfWrite } from '../../functions/adapters/composition/self-tests/verify.ts'
import { evaluatedTrials, type NeededCall } from '../../functions/workflows/role-permissions.ts'
import { runTrials } from '../../functions/workflows/self-test.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

const HUB = '111122223333'
const MEMBER = '444455556666'
const bot = inAccount(deploy({ organization: ORGANIZATION }).templates['rolemedic-bot'], HUB)
type Statement = { readonly Sid: string; readonly Action: string | readonly string[] }

/** The names that CloudFormation would give, the same wherever a resource is meant. */
const real = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/<Queue([a-z]+)\w*\.Arn>/g, `arn:aws:sqs:eu-west-1:${HUB}:$1`)
      .replaceAll(/<Queue([a-z]+)\w*>/g, `https://sqs.eu-west-1.amazonaws.com/${HUB}/$1`)
      .replaceAll(/<[^<>]*RefAuditBucket\w*>/g, 'audit')
      .replaceAll(/<[^<>]*GetAttAuditBucket\w*>/g, 'arn:aws:s3:::audit')
      .replaceAll(/<[^<>]*GetAtt(\w*Key)\w*>/g, `arn:aws:kms:eu-west-1:${HUB}:key/$1`),
  )

const statementsOf = (name: string) =>
  real(bot.rolePolicies(name).flatMap(document => (document as { readonly Statement: readonly Statement[] }).Statement))
const variables = real(
  Object.assign(
    {},
    ...bot
      .all('AWS::Lambda::Function')
      .filter(({ FunctionName }) => FunctionName === 'rolemedic-verify')
      .map(({ Environment }) => (Environment as { readonly Variables: object }).Variables),
  ),
)

const run = async (name: string, calls: readonly NeededCall[], kept: readonly Statement[]) => {
  const document = parsePolicy({ Version: '2012-10-17', Statement: kept })
  if (!document.ok) throw new Error(document.error)
  const arn = `arn:aws:iam::${HUB}:role/${name}`
  const policy = { type: 'identity', name: 'own', arn: null, attachedTo: arn, document: document.value } as const
  const role: Role = {
    ...{ kind: 'role' as const, arn, accountId: HUB, name, path: '/', uniqueId: null, tags: {} },
    ...{ policies: [policy], unseen: [], boundary: ABSENT, trust: known({ Version: '2012-10-17', Statement: [] }) },
  }
  const reader = {
    role: async () => found(role),
    organization: async () => known({ id: ORGANIZATION.id, managementAccountId: null }),
    serviceControlPolicies: async () => known([]),
  }
  const at = { accountId: HUB, name, region: 'eu-west-1' }
  return runTrials(await evaluatedTrials(at, calls, reader))
}

describe.each([
  ['write', callsOfWrite(variables, [HUB, MEMBER]), 25],
  ['enroll', callsOfEnroll(variables), 12],
] as const)('what verify says of the policies of %s', (which, calls, atLeast) => {
  const name = `rolemedic-${which}`
  const statements = statementsOf(name)

  it('is that the deployed ones allow all that it does', async () => {
    const { tried, failed } = await run(name, calls, statements)
    expect(failed).toEqual([])
    expect(tried).toBeGreaterThan(atLeast)
  })

  it.each(statements.map(({ Sid }) => Sid).filter(sid => !/WriteLogs|XRay|Tracing/i.test(sid ?? 'Tracing')))(
    'names what fails without the statement %s',
    async sid => {
      const { failed } = await run(
        name,
        calls,
        statements.filter(({ Sid }) => Sid !== sid),
      )
      const lost = statements.find(({ Sid }) => Sid === sid)?.Action ?? []
      expect(failed.length).toBeGreaterThan(0)
      const named = [...new Set(failed.map(({ what }) => what.split(' on ')[0]))].sort()
      expect(named).toEqual([lost].flat().toSorted())
    },
  )
})
