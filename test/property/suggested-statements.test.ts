import fc from 'fast-check'
import { expect, it } from 'vitest'
import { statementFor, suggestedPolicyText } from '../../core/published-actions/index.ts'
import { publishedActions } from '../../core/service-actions/index.ts'
import { filledForm, isValidByData, publishedIn } from '../core/published-actions/published.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'

const published = publishedActions()
const ACCOUNT = '111122223333'
const RUNS = Number(process.env['FC_RUNS'] ?? 300)

const HOSTILE = [
  ...['"', "'", '`', '$' + '{', '}', '{{resolve:', '\\', '*', '?', '<', ' ', '\n', '\r', '\u0000'],
  ...['\u202e', 'é', '\u{1f600}', '"}]}', 'x'.repeat(5_000)],
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: ANY_CHAR, maxLength: 8 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map(parts => parts.join(''))
const ordinary = fc.stringMatching(/^[A-Za-z0-9_/.+=,@:-]{1,40}$/)
const text = fc.oneof(hostile, ordinary)

it('whatever the texts of a denial, its statement is valid by the data and holds plain characters alone, or there is none', () => {
  const service = fc.constantFrom('s3', 'ec2', 'iam', 'kms', 'lambda', 'logs', 'ecs', 'dynamodb', 'apigateway', 'sqs')
  const places = fc.constantFrom('after', 'alone', 'name', 'account', 'action', 'account-of-deploy')
  fc.assert(
    fc.property(service, fc.nat(), fc.nat(), text, places, (prefix, one, other, words, place) => {
      const { actions, forms } = publishedIn(prefix)
      const all = [...forms.values()].flat()
      const arn = filledForm(all[other % all.length] ?? '', 'name-1', ACCOUNT)
      const resource = {
        ...{ after: `${arn}${words}`, alone: words, name: arn.replace('name-1', () => words) },
        ...{ account: arn.replace(ACCOUNT, () => words), action: arn, 'account-of-deploy': 'name-1' },
      }[place]
      const action = `${prefix}:${actions[one % actions.length]?.name}${place === 'action' ? words : ''}`
      const answer = statementFor(
        { action, resource, principal: words, layer: 'unknown', isExplicit: false, policyArn: words },
        {
          region: place === 'account-of-deploy' ? words : 'eu-west-1',
          accountId: place === 'account-of-deploy' ? words : ACCOUNT,
        },
        published,
      )
      expect(isValidByData(prefix, answer)).toBe(true)
      if (answer.kind === 'suggested') {
        expect(suggestedPolicyText([answer.statement])).toMatch(/^[\w\s"{}[\]:,/.=+@#%&~*-]{1,1500}$/)
        expect(suggestedPolicyText([answer.statement])).not.toMatch(/\$\{|\\/)
      }
    }),
    { numRuns: RUNS },
  )
})
