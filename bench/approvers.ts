/** How many ordinary cards ask two people only because it cannot be seen who was denied, without and with CloudTrail's records. */
import fc from 'fast-check'
import { found, known } from '../core/base/fact.ts'
import { chainBehind, issuedKeyIn, principalNamed } from '../core/denial/index.ts'
import { parseArn } from '../core/iam/arn.ts'
import { parsePolicy } from '../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../core/iam/policy/policy-document.ts'
import { trailOf } from '../core/timeline/index.ts'
import { requesterClaim } from '../functions/domain/authority/requester.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import { role } from '../test/fixtures/evaluation.ts'
import { denied } from '../test/fixtures/events.ts'
import { type Beginner, type Chain, honest, PEOPLE_ISSUER, SAML_PROVIDER } from '../test/property/chains.ts'
import { round, seededRandom } from './figures.ts'
import { atMost, type Report } from './report.ts'

const CARDS = 2_000
const SEED = 20_261_130
/** Per hundred cards. */
const CALLERS: { readonly [beginner in Beginner]: number } = {
  ...{ 'build-token': 45, 'identity-center': 25, service: 10, user: 8, saml: 6, 'user-session': 2 },
  ...{ 'people-token': 2, federation: 1, root: 1 },
}
/** CloudTrail does not have the records yet when the card is made: of one in so many. */
const LATE = 10

/**
 * Trust policies in public Terraform and CloudFormation that let in principals of AWS, in 38 repositories of governments, teams and
 * frameworks: 128 say whom. 23 of these name roles alone, each by its ARN, and 12, all in one framework, an account that
 * `aws:PrincipalArn` limits to roles. The others let in an account, a user, a pattern or everybody. 13 more take whom from variables,
 * and are not counted. A variable for the account or the partition counts as its value.
 */
const TRUSTS = { counted: 128, byPrincipal: 23, byCondition: 12, repositories: 38 }
const NAMING = TRUSTS.byPrincipal + TRUSTS.byCondition

const HOME = 'arn:aws:iam::111122223333'
const trusting = (Principal: object, Condition: object = {}): PolicyDocument => {
  const parsed = parsePolicy({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition }],
  })
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
/** Of the role that the first record enters. */
const ENTRANCES: { readonly [beginner in Beginner]?: PolicyDocument } = {
  'build-token': trusting({ Federated: `${HOME}:oidc-provider/token.actions.githubusercontent.com` }),
  'people-token': trusting({ Federated: PEOPLE_ISSUER }),
  saml: trusting({ Federated: SAML_PROVIDER }),
  service: trusting({ Service: 'codebuild.amazonaws.com' }),
}

const people = ['ada', 'grace', 'linus', 'kim'].flatMap(name => [
  { user: name, account: '111122223333', slack: `U${name.toUpperCase()}` },
  { session: name, slack: `U${name.toUpperCase()}` },
])
const signIns = ['ada', 'grace', 'linus', 'kim'].flatMap(subject =>
  [SAML_PROVIDER, PEOPLE_ISSUER].map(provider => ({ subject, provider, slack: `U${subject.toUpperCase()}` })),
)
const CONFIG = configSchema.parse({ mode: 'approve', people: [...people, ...signIns] })

/** How the trust policy of a hop says who enters. */
type Naming = 'principal' | 'condition' | 'account'

/** The trust policies of the roles of a chain. */
function trustsOf({ beginner, issued, records }: Chain, naming: () => Naming): ReadonlyMap<string, PolicyDocument> {
  const calls = issued.flatMap(id => records.find(({ eventID }) => eventID === id) ?? [])
  return new Map(
    calls.flatMap(call => {
      const { session, by } = issuedKeyIn(call) ?? {}
      const entered = session == null ? null : principalNamed(session.arn)
      if (entered?.roleArn == null || by === undefined) return []
      const before = by.sessionContext?.sessionIssuer?.arn ?? by.arn
      const hop = hopFrom(before, entered.accountId, naming())
      return [[entered.roleArn, (entered.name === 'entry' ? ENTRANCES[beginner] : undefined) ?? hop]]
    }),
  )
}

function hopFrom(before: string | null, accountId: string | null, naming: Naming): PolicyDocument {
  if (before === null || naming === 'account') return trusting({ AWS: `arn:aws:iam::${accountId}:root` })
  if (naming === 'principal') return trusting({ AWS: before })
  return trusting({ AWS: parseArn(before)?.accountId }, { ArnEquals: { 'aws:PrincipalArn': before } })
}

/** Whether two people are asked: without the records and trust policies of other roles, and with them. */
function isUnknown(chain: Chain, isLate: boolean, naming: () => Naming): readonly [boolean, boolean] {
  const denial = denied(chain.denied)
  const { issued } = trailOf(isLate ? [] : chain.records, [denial])
  const trusts = trustsOf(chain, naming)
  const arn = denial.principal.roleArn ?? `${HOME}:role/none`
  const caller = found(role(arn, trusts.get(arn) ?? trusting({ AWS: `${HOME}:root` })))
  const read = new Map([...trusts].map(([name, trust]) => [name, known(trust)]))
  const without = requesterClaim(denial, caller, CONFIG)
  const behind = requesterClaim(denial, caller, CONFIG, chainBehind(denial, issued), read)
  return [without.kind === 'unknown', behind.kind === 'unknown']
}

/** `named`: the share of the roles in between that name the role that enters them. */
function rowsWith(named: number) {
  return Object.entries(CALLERS).map(([beginner, share]) => {
    const random = seededRandom(SEED)
    const naming = (): Naming => {
      const part = random() / named
      return part >= 1 ? 'account' : part < TRUSTS.byPrincipal / NAMING ? 'principal' : 'condition'
    }
    const of = honest(2).filter(chain => chain.beginner === beginner)
    const cards = fc.sample(of, { numRuns: Math.round((CARDS * share) / 100), seed: SEED })
    const asked = cards.map((chain, at) => isUnknown(chain, at % LATE === 0, naming))
    return {
      beginner,
      cards: cards.length,
      without: asked.filter(([one]) => one).length,
      behind: asked.filter(([, one]) => one).length,
    }
  })
}

export async function approvers(): Promise<Report> {
  const rows = rowsWith(NAMING / TRUSTS.counted)
  const sum = (of: (row: (typeof rows)[number]) => number, all = rows) => all.reduce((so, row) => so + of(row), 0)
  const [all, without, behind] = [sum(({ cards }) => cards), sum(row => row.without), sum(row => row.behind)]
  const others = [0, 0.18, 0.25, 0.3, 0.5, 1].map(share => {
    const with_ = rowsWith(share)
    const [before, after] = [sum(row => row.without, with_), sum(row => row.behind, with_)]
    return [`${share * 100} %`, before, after, round(after / before)] as const
  })
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
      {
        title: 'By how many roles in between name the roles that enter them',
        columns: ['of them', 'without records', 'with records', 'share'],
        rows: others,
      },
    ],
    gates: [atMost('of those without records, still two people with them', round(behind / without), 0.5)],
    ratios: { stillTwo: round(behind / without) },
    notes: [
      'The mix of callers is a model: builds and Identity Center first, none to two roles in a row. Every sign-in is mapped in "people".',
      `Of the roles in between, ${NAMING} of ${TRUSTS.counted} name the role that enters them, as in ${TRUSTS.repositories} public repositories: ${TRUSTS.byPrincipal} as the principal, ${TRUSTS.byCondition} by aws:PrincipalArn beside its account, all of these in one framework. Without that framework it is 20 of 112, 18 %. The others let in their whole account.`,
      `Of one card in ten no record is there yet.`,
    ],
  }
}
