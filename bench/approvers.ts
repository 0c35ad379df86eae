/** How many ordinary cards ask two people only because it cannot be seen who was denied, without and with CloudTrail's records. */
import fc from 'fast-check'
import { found } from '../core/base/fact.ts'
import { chainBehind } from '../core/denial/index.ts'
import { parsePolicy } from '../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../core/iam/policy/policy-document.ts'
import { trailOf } from '../core/timeline/index.ts'
import { requesterClaim } from '../functions/domain/authority/requester.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import { role } from '../test/fixtures/evaluation.ts'
import { denied } from '../test/fixtures/events.ts'
import { type Beginner, type Chain, honest } from '../test/property/chains.ts'
import { round } from './figures.ts'
import { atMost, type Report } from './report.ts'

const CARDS = 2_000
const SEED = 20_261_130
/** Per hundred cards. */
const CALLERS: { readonly [beginner in Beginner]: number } = {
  ...{ 'build-token': 45, 'identity-center': 25, service: 10, user: 8, saml: 6, 'user-session': 2 },
  ...{ 'people-token': 2, federation: 1, root: 1 },
}
/** Records that CloudTrail does not have yet when the card is made. */
const LATE = 0.1

const HOME = 'arn:aws:iam::111122223333'
const trusting = (Principal: object): PolicyDocument => {
  const parsed = parsePolicy({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  })
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const ANYBODY = trusting({ AWS: `${HOME}:root` })
/** Of the role that the first record enters. */
const ENTRANCES: { readonly [beginner in Beginner]?: PolicyDocument } = {
  'build-token': trusting({ Federated: `${HOME}:oidc-provider/token.actions.githubusercontent.com` }),
  'people-token': trusting({ Federated: `${HOME}:oidc-provider/acme.okta.com` }),
  saml: trusting({ Federated: `${HOME}:saml-provider/okta` }),
  service: trusting({ Service: 'codebuild.amazonaws.com' }),
}

const people = ['ada', 'grace', 'linus', 'kim'].flatMap(name => [
  { user: name, account: '111122223333', slack: `U${name.toUpperCase()}` },
  { session: name, slack: `U${name.toUpperCase()}` },
])
const CONFIG = configSchema.parse({ mode: 'approve', people })

/** Whether two people are asked: without the records, and with them. */
function isUnknown(chain: Chain, isLate: boolean): readonly [boolean, boolean] {
  const denial = denied(chain.denied)
  const { issued } = trailOf(isLate ? [] : chain.records, [denial])
  const entered = denial.principal.name === 'entry' ? ENTRANCES[chain.beginner] : undefined
  const caller = found(role(denial.principal.roleArn ?? `${HOME}:role/none`, entered ?? ANYBODY))
  const [without, behind] = [null, chainBehind(denial, issued)].map(
    one => requesterClaim(denial, caller, CONFIG, one).kind === 'unknown',
  )
  return [without === true, behind === true]
}

export async function approvers(): Promise<Report> {
  const rows = Object.entries(CALLERS).map(([beginner, share]) => {
    const of = (longest: number) => honest(longest).filter(chain => chain.beginner === beginner)
    const cards = fc.sample(of(2), { numRuns: Math.round((CARDS * share) / 100), seed: SEED })
    const asked = cards.map((chain, at) => isUnknown(chain, at % 100 < LATE * 100))
    return {
      beginner,
      cards: cards.length,
      without: asked.filter(([one]) => one).length,
      behind: asked.filter(([, one]) => one).length,
    }
  })
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0)
  const [all, without, behind] = [sum(({ cards }) => cards), sum(row => row.without), sum(row => row.behind)]
  return {
    tables: [
      {
        title: 'Cards that ask two people only because it cannot be seen who was denied',
        columns: ['begun by', 'cards', 'without records', 'with records'],
        rows: [
          ...rows.map(row => [row.beginner, row.cards, row.without, row.behind] as const),
          ['all', all, without, behind] as const,
        ],
      },
    ],
    gates: [atMost('of those without records, still two people with them', round(behind / without), 0.5)],
    ratios: { stillTwo: round(behind / without) },
    notes: [
      'The mix of callers is a model: builds and Identity Center first, none to two roles in a row, roles in between that their whole account may take.',
      `Of one card in ten no record is there yet.`,
    ],
  }
}
