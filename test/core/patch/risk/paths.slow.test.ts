import { describe, expect, it } from 'vitest'
import { actionsOfPaths, catalog } from '../../../../core/patch/risk/table/catalog.ts'
import { analyzeRisk, approversOf, pathActions, pathCases } from '../../../fixtures/risk/risk-cases.ts'

/** Compares the table with the same paths, typed a second time from their sources, so that a typo in either is found. */
describe('the table of known paths', () => {
  it('has the paths of the cases, and no others, with the same actions', () => {
    const sorted = (list: readonly { path: string; actions: readonly string[] }[]) =>
      list.map(({ path, actions }) => `${path}: ${actions.toSorted().join(' ')}`).sort()
    const passed = (kind: string) => (kind === 'passes' ? ['iam:PassRole'] : [])
    const all = catalog().map(({ id, needs, gain }) => ({
      path: id,
      actions: [...needs.map(({ action }) => action), ...passed(gain.kind)],
    }))
    expect(sorted(all)).toEqual(sorted(pathActions()))
    expect(actionsOfPaths()).toEqual(all.flatMap(({ actions }) => actions))
  })
  it('names a page for every path', () => {
    expect(catalog().filter(({ source }) => !/^https:\/\/[\w.-]+\/\S*$/.test(source))).toEqual([])
  })
  it('says what each means, of a role exactly where one is passed', () => {
    const wrong = catalog().filter(({ does, gain }) => does.includes('{role}') !== (gain.kind === 'passes'))
    expect(wrong.map(({ id }) => id)).toEqual([])
  })
})

const byPath = [...Map.groupBy(pathCases(), ({ path }) => path)]

describe.each(['pass', 'assume'] as const)('a role that is opened by %s', mode => {
  it.each(byPath)('is judged by %s', async (_, cases) => {
    const wrong: string[] = []
    for (const { name, setup, approvers } of cases) {
      const analysis = await analyzeRisk(setup, mode)
      const answer = approversOf(analysis)
      const right = approvers === 1 ? answer === 1 : answer === 2 || String(answer).startsWith('refused: forbidden')
      if (!right)
        wrong.push(
          `${name}: ${answer}, ${JSON.stringify(analysis.verification?.guardrails.filter(one => one.outcome !== 'pass'))}`,
        )
    }
    expect(wrong).toEqual([])
  })
})
