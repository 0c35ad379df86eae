import { describe, expect, it } from 'vitest'
import { grouped, type StormList, withEntry } from '../../../functions/domain/card/storm-list.ts'

const EMPTY: StormList = { message: null, makingUntilMs: 0, total: 0, items: [] }
const entry = (proposalId: string, fingerprint = `f-${proposalId}`) => ({
  proposalId,
  fingerprint,
  digest: 'sha256:x',
  tone: 'warning' as const,
  text: `denied ${proposalId}`,
})
const listOf = (...entries: readonly ReturnType<typeof entry>[]): StormList =>
  entries.reduce<StormList>((list, one) => withEntry(list, one) ?? list, EMPTY)
const ids = ({ items }: StormList) => items.map(({ proposalId }) => proposalId)

describe('the list of a storm', () => {
  it('has each card once, in the order in which they came', () => {
    const list = listOf(entry('p-1'), entry('p-2'), entry('p-3'))
    expect(ids(list)).toEqual(['p-1', 'p-2', 'p-3'])
    expect(list.total).toBe(3)
    expect(withEntry(list, entry('p-2'))).toBeNull()
  })

  it('has one place for one denial, whose later card takes it', () => {
    const list = listOf(entry('p-1', 'f'), entry('p-2'), entry('p-3', 'f'))
    expect(ids(list)).toEqual(['p-3', 'p-2'])
    expect(list).toMatchObject({ total: 2, fingerprints: ['f', 'f-p-2'] })
  })

  it('keeps forty, and counts them all, each denial once', () => {
    const many = Array.from({ length: 45 }, (_, n) => entry(`p-${n}`))
    const list = listOf(...many)
    expect([list.items.length, list.total, list.fingerprints?.length]).toEqual([40, 45, 45])
    const again = withEntry(list, entry('p-99', 'f-p-44'))
    expect([again?.items.length, again?.total]).toEqual([40, 45])
  })

  it('remembers five hundred denials', () => {
    const fingerprints = Array.from({ length: 500 }, (_, n) => `g-${n}`)
    const list = withEntry({ ...EMPTY, total: 500, fingerprints }, entry('p-1'))
    expect([list?.total, list?.fingerprints?.length]).toEqual([501, 500])
  })
})

describe('the lines of a storm', () => {
  const of = (who: string, what: string, more: object = {}) => ({
    ...entry(`${who}-${what}`),
    same: { cause: 'identity-gap/role-gone', action: 'iam:PassRole', who, what },
    ...more,
  })
  const linesOf = (...items: readonly ReturnType<typeof of>[]) =>
    grouped(items).map(group => group.map(({ proposalId }) => proposalId))

  it('are one for a caller and a cause, and one for a role and a cause', () => {
    expect(linesOf(of('ci', 'a'), of('x', 'c'), of('ci', 'b'), of('y', 'c'), of('z', 'd'))).toEqual([
      ['ci-a', 'ci-b'],
      ['x-c', 'y-c'],
      ['z-d'],
    ])
  })

  it('are apart for another state, another cause, and entries of older versions', () => {
    const { same: _, ...old } = of('ci', 'd')
    const other = { cause: 'identity-gap/change', action: 'iam:PassRole', who: 'ci', what: 'c' }
    expect(
      grouped([of('ci', 'a'), of('ci', 'b', { state: 'Rejected' }), of('ci', 'c', { same: other }), old, old]).length,
    ).toBe(5)
  })
})
