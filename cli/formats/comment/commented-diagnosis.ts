/** An analysis in the form of a comment. */
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { DiagnosisJson } from '../../use-cases/comment/parse-diagnoses.ts'
import { diagnosisOutput, suggestionOf } from '../diagnosis/json-output.ts'

export function commentedDiagnosis(analysis: Analysis): DiagnosisJson {
  const { patch, followUps, handOver } = analysis
  return {
    ...diagnosisOutput(analysis),
    patches:
      patch === null
        ? []
        : [...patch.changes, ...followUps].map(
            ({ target: { kind, accountId, name, policyName }, before, after, required }) => ({
              ...{ target: { kind, accountId, name, policyName }, before, after, required },
            }),
          ),
    suggestion: patch === null && handOver !== null ? suggestionOf(handOver) : null,
  }
}
