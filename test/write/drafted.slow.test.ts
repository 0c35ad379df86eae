import { expect, it } from 'vitest'
import { outsideGrammar } from '../../functions/domain/authority/checks/grammar.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { analyzeCase, CASE_FILES, caseFile, inputOf } from '../case-run.ts'

it('has every change that rolemedic drafts in a case inside of the grammar of write', async () => {
  const outside: string[] = []
  let drafted = 0
  for (const name of CASE_FILES) {
    const file = caseFile(name)
    for (const one of file.cases) {
      const { patch } = await analyzeCase(inputOf(file, one))
      const changes = (patch?.changes ?? []).filter(({ required }) => required)
      if (changes.length === 0) continue
      drafted += 1
      const { approvedRoleSets } = configSchema.parse(inputOf(file, one).config)
      const why = outsideGrammar(
        changes,
        approvedRoleSets.map(({ pattern }) => pattern),
      )
      if (why !== null) outside.push(`${name}: ${one.name}: ${why}`)
    }
  }
  expect(drafted).toBeGreaterThan(100)
  expect(outside).toEqual([])
})
