import { seenCaller } from '../../iam/index.ts'
import { harmExplainedAt, harmInWords } from '../risk/reach-wording.ts'
import type { HarmClass } from '../risk/table/harms.ts'
import { type Finding, type Guardrail, PASS, worst } from './guardrail.ts'

export const harmGuardrail = (id: HarmClass): Guardrail => ({
  id,
  check: ({ opened, snapshot }) => {
    const caller = seenCaller(snapshot)?.name ?? 'the caller'
    return worst(
      opened.reaches.map((reach): Finding => {
        const detail = harmInWords(reach, id, caller)
        if (detail === null) return PASS
        const link = harmExplainedAt(reach, id)
        return { outcome: 'warn', detail, risk: 'elevated', ...(link === null ? {} : { link }) }
      }),
    )
  },
})
