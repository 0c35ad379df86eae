import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { similarRoles } from '../../../core/access/similar-roles.ts'
import { nameDistance } from '../../../core/base/edit-distance.ts'
import { parseRoleArn } from '../../../core/iam/arn.ts'

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 400) }
const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`

/** Compares every name with the wanted one: the expected result of the tree. */
function plainScan(wantedArn: string, existing: readonly string[]): readonly string[] {
  const wanted = parseRoleArn(wantedArn)
  return existing
    .flatMap(text => {
      const role = parseRoleArn(text)
      const distance = role === null || wanted === null ? null : nameDistance(wanted.name, role.name)
      return distance === null ? [] : [{ text, distance }]
    })
    .sort((a, b) => a.distance - b.distance || (a.text < b.text ? -1 : 1))
    .slice(0, 10)
    .map(({ text }) => text)
}

const part = fc.constantFrom(
  '😀',
  'orders',
  'order',
  'task',
  'Task',
  'prod',
  'a',
  'ab',
  'x1',
  '-',
  '-',
  '_',
  '0',
  '1',
  '99',
  'é',
)
const name = fc.array(part, { minLength: 1, maxLength: 6 }).map(parts => parts.join(''))
const path = fc.constantFrom('', 'app/', 'web/', '/', 'a//')
const roleArn = fc.tuple(path, name).map(([folder, text]) => arn(folder + text))

describe('names that are close', () => {
  it('are those that a comparison with every name finds, in its order', () => {
    fc.assert(
      fc.property(roleArn, fc.array(roleArn, { maxLength: 60 }), (wanted, existing) => {
        const listed = existing.map(one => ({ arn: one }))
        expect(similarRoles(wanted, listed)).toEqual(plainScan(wanted, existing))
      }),
      RUNS,
    )
  })

  it('are the same among numbered names, where most are equally close', () => {
    const existing = Array.from({ length: 3_000 }, (_, at) => arn(`${at % 2 === 0 ? 'app/' : ''}service-${at}`))
    const listed = existing.map(one => ({ arn: one }))
    for (const wanted of [
      'service',
      'service-x',
      'servce-500',
      'service-77x7',
      'SERVICE-12',
      'service-abcde',
      'web/service-2999',
      's',
    ])
      expect(similarRoles(arn(wanted), listed)).toEqual(plainScan(arn(wanted), existing))
  })
})

const TEAMS = ['orders', 'billing', 'search', 'ingest', 'catalog', 'payments', 'fraud', 'ledger', 'media', 'auth']
const KINDS = ['task', 'exec', 'worker', 'deploy', 'api', 'cron']

type Account = { readonly nameAt: (at: number) => string; readonly wanted: readonly string[] }

/** Typical names. */
const ACCOUNTS: { readonly [names: string]: Account } = {
  numbered: {
    nameAt: at => `service-${at}`,
    wanted: ['orders-tsk', 'service-x', 'service-abcde', 'service'],
  },
  'numbered with zeros': {
    nameAt: at => `service-${String(at).padStart(6, '0')}`,
    wanted: ['orders-tsk', 'service-00004x', 'servce-000042'],
  },
  'of a team, a kind and a number': {
    nameAt: at => `${TEAMS[at % 10]}-${KINDS[at % 6]}-${at}`,
    wanted: ['orders-tsk', 'orders-taks', 'billing-exec-role', 'AdministratorAccess'],
  },
}

function comparisons({ nameAt, wanted }: Account, names: number): number {
  const listed = Array.from({ length: names }, (_, at) => ({ arn: arn(nameAt(at)) }))
  let count = 0
  for (const one of wanted)
    similarRoles(arn(one), listed, () => {
      count += 1
    })
  return count
}

describe('a search among 100,000 names', () => {
  for (const [names, account] of Object.entries(ACCOUNTS))
    it(`compares as much as one among 100, where they are ${names}`, () => {
      // 100,000 is a thousand times 100, and a thousand to the power of 0.1 is two.
      expect(comparisons(account, 100_000)).toBeLessThanOrEqual(2 * comparisons(account, 100))
    })

  it('compares one in twenty at most, where they end in letters of CloudFormation', () => {
    const letters = (at: number) =>
      BigInt(`0x${hash('sha256', String(at)).slice(-16)}`)
        .toString(36)
        .slice(-12)
        .toUpperCase()
    const account: Account = {
      nameAt: at => `${TEAMS[at % 10]}-prod-${KINDS[at % 6]}Role-${letters(at)}`,
      wanted: ['orders-prod-taskRole-ABCDEFGH1234'],
    }
    expect(comparisons(account, 100_000)).toBeLessThanOrEqual(5_000)
  })
})
