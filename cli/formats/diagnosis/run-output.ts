/** Whose run it was, as printed by `--json`. */

import type { Run } from '../../../core/runs/index.ts'
import type { DiagnosisOutput } from '../../outputs/diagnosis.ts'

export function runOutput(shown: Run | null): DiagnosisOutput['run'] {
  if (shown === null) return null
  const { person, chain, claimed, ...run } = shown
  const { tool, host, client, id, url, repository, ref, workflow, actor } = run
  return {
    ...{ tool, ...(host === undefined ? {} : { host }), client, id, url, repository, ref, workflow, actor },
    person: person === null ? null : { name: person.name, kind: person.kind, proved: person.proved },
    chain: [...chain],
    claimed: [...claimed],
  }
}
