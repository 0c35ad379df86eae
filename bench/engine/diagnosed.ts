/** One diagnosis, ready to run: from the text of a record to the verified patch. */
import type { Engine } from './former-engine.ts'
import { NOW_MS } from './generated-account.ts'
import type { Question } from './growing-denials.ts'

export type Diagnosis = {
  readonly run: () => Promise<void>
  /** What it ended with: a patch, or why there is none. */
  readonly result: () => string
}

export function diagnosisWith(engine: Engine, { record, account, org }: Question): Diagnosis {
  const config = engine.configSchema.parse({ approvers: { users: ['U0ONCALL1'] } })
  const reader = engine.snapshotReader({
    files: [{ name: 'account', text: account }],
    ...(org === undefined ? {} : { org }),
  })
  let result = ''
  return {
    run: async () => {
      const parsed = engine.parseRecord(JSON.parse(record))
      if (parsed.kind !== 'denial') throw new Error(parsed.why)
      const { verified, refusal } = await engine.analyze(parsed.denial, { reader, config, nowMs: NOW_MS })
      result = verified === null ? (refusal?.code ?? 'no patch') : 'patch'
    },
    result: () => result,
  }
}
