import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known } from '../../core/base/fact.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { PolicyType } from '../../core/iam/policy/sourced-policy.ts'
import { RUNS, type World, world } from './policies.ts'

const odd = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    '*',
    '${',
    '${}',
    '${aws:username',
    "${a, '",
    '${*}',
    'arn:',
    'arn:aws:iam::*:role/',
    ':::::',
    '%',
    '\u0000',
    '__proto__',
    'constructor',
    'NaN',
    '1e999',
    '256.1.1.1/99',
    '::/129',
  ),
)
const oddOrMany = fc.oneof(odd, fc.array(odd, { maxLength: 3 }))
const oddPrincipal = fc.oneof(
  fc.constant('*'),
  fc.dictionary(fc.constantFrom('AWS', 'Service', 'Federated', 'CanonicalUser'), oddOrMany, { maxKeys: 2 }),
)
const operator = fc.oneof(
  odd,
  fc
    .tuple(
      fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
      fc.constantFrom(
        'StringLike',
        'StringNotEquals',
        'NumericLessThan',
        'DateEquals',
        'Bool',
        'BinaryEquals',
        'IpAddress',
        'ArnNotLike',
        'Null',
      ),
      fc.constantFrom('', 'IfExists'),
    )
    .map(parts => parts.join('')),
)
const value = fc.oneof(odd, fc.boolean(), fc.double({ noNaN: true }), fc.array(odd, { maxLength: 3 }))
const oddStatement = fc.record(
  {
    Sid: odd,
    Effect: fc.constantFrom('Allow', 'Deny'),
    Principal: oddPrincipal,
    NotPrincipal: oddPrincipal,
    Action: fc.oneof(fc.constant('*'), oddOrMany),
    NotAction: oddOrMany,
    Resource: oddOrMany,
    NotResource: oddOrMany,
    Condition: fc.dictionary(
      operator,
      fc.dictionary(fc.oneof(odd, fc.constantFrom('aws:username', 'aws:SourceIp')), value, { maxKeys: 2 }),
      { maxKeys: 2 },
    ),
  },
  { requiredKeys: ['Effect'] },
)
const oddPolicy = fc
  .record({ Version: fc.constantFrom('2012-10-17', '2008-10-17'), Statement: fc.array(oddStatement, { maxLength: 3 }) })
  .map(input => parsePolicy(input))
  .filter(read => read.ok)
  .map(read => (read.ok ? read.value : { Statement: [] }))

function everywhere({ snapshot }: World, document: PolicyDocument): World['snapshot'] {
  const of = (type: PolicyType) => ({ type, name: 'odd', arn: null, attachedTo: 'x', document })
  if (snapshot.caller.kind !== 'found') return snapshot
  const caller = { ...snapshot.caller.value, policies: [of('identity')], boundary: found(of('boundary')) }
  return {
    ...snapshot,
    caller: found(caller),
    scps: known([{ id: 'r-root', policies: [of('scp')] }]),
    rcps: known([{ id: 'r-root', policies: [of('rcp')] }]),
    session: known([of('session')]),
    vpce: known([of('vpce')]),
    targets: snapshot.targets.map(target =>
      target.role.kind === 'found'
        ? { ...target, role: found({ ...target.role.value, trust: known(document) }) }
        : target,
    ),
  }
}

describe('hostile policies', () => {
  it('never make the parser throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.json(),
          fc.string().map(text => `%7B${text}`),
        ),
        input => {
          expect(typeof parsePolicy(input).ok).toBe('boolean')
        },
      ),
      { numRuns: RUNS * 3 },
    )
  })

  it('never make the evaluator throw, whatever the parser lets through', () => {
    fc.assert(
      fc.property(world, oddPolicy, (one, document) => {
        const { answer } = evaluate(one.request, everywhere(one, document))
        expect(['allowed', 'denied', 'unknown']).toContain(answer)
      }),
      { numRuns: RUNS },
    )
  })

  it('never make the evaluator throw about odd requests', () => {
    fc.assert(
      fc.property(world, odd, odd, odd, ({ request, snapshot }, action, resource, principalArn) => {
        const { answer } = evaluate({ ...request, action, resource, principalArn, roleArn: null }, snapshot)
        expect(['allowed', 'denied', 'unknown']).toContain(answer)
      }),
      { numRuns: RUNS },
    )
  })

  it('with a hundred thousand values do not exhaust the stack', () => {
    const values = Array.from({ length: 100_000 }, (_, at) => `v${at}`)
    const huge: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: [`${'${aws:username}'}${'x'.repeat(200_000)}`, '*'],
          Principal: { AWS: values },
          Condition: { 'ForAllValues:StringNotLike': { 'aws:TagKeys': values }, Null: { 'aws:username': values } },
        },
      ],
    }
    const [one] = fc.sample(world, { numRuns: 1, seed: 7 })
    if (one === undefined) throw new Error('no sample')
    expect(['denied', 'unknown']).toContain(evaluate(one.request, everywhere(one, huge)).answer)
  })
})
