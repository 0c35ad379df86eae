/** One diagnosis, prepared to run: from the text of a record to the verified patch. */
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { analyze } from '../../functions/workflows/denial/analyze-denial.ts'
import { NOW_MS } from './generated-account.ts'
import type { Question } from './growing-denials.ts'

export type Diagnosis = {
  readonly run: () => Promise<void>
  /** The result: a patch, or why there is none. */
  readonly result: () => string
}

export function diagnosisOf({ record, account, org }: Question): Diagnosis {
  const config = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })
  const reader = snapshotReader({
    files: [{ name: 'account', text: account }],
    ...(org === undefined ? {} : { org }),
  })
  let result = ''
  return {
    run: async () => {
      const parsed = parseRecord(JSON.parse(record))
      if (parsed.kind !== 'denial') throw new Error(parsed.why)
      const { verified, refusal } = await analyze(parsed.denial, { reader, config, nowMs: NOW_MS })
      result = verified === null ? (refusal?.code ?? 'no patch') : 'patch'
    },
    result: () => result,
  }
}
