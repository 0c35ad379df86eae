/** Denials with hand-written labels: the cases, and mutations that keep or change the label. */
import type { Case } from '../../test/case-file.ts'
import { CASE_FILES, type CaseInput, caseFile, inputOf } from '../../test/case-run.ts'
import type { LabelledDenial } from './label.ts'
import { MUTATIONS } from './mutations.ts'

export function labelledDenials(): readonly LabelledDenial[] {
  const written = CASE_FILES.flatMap(name => {
    const file = caseFile(name)
    return file.cases.map(one => asWritten(name, inputOf(file, one), one))
  })
  const mutated = written.flatMap(one =>
    Object.entries(MUTATIONS).flatMap(([mutation, mutate]) => {
      const other = mutate(one)
      return other === null ? [] : [{ ...one, ...other, mutation }]
    }),
  )
  return [...written, ...mutated]
}

function asWritten(file: string, input: CaseInput, { name, expect }: Case): LabelledDenial {
  const { cause, verdict, patch } = expect
  return {
    name: `${file}: ${name}`,
    mutation: 'as written',
    input,
    label: { cause, verdict, changes: patch, mayRefuse: false },
  }
}
