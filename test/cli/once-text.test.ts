import { expect, it } from 'vitest'
import { onceSections } from '../../cli/formats/start/once-text.ts'
import { digestOf } from '../../core/base/canonical-json.ts'

const checkpoint = {
  checkpoint: { schema: 'rolemedic.checkpoint/1', sequence: 7, hash: digestOf('the last record'), atMs: 0 },
  signature: { keyId: 'k', value: 'v' },
} as const

it.each([
  [null, 'Of a log that is kept, with --state DIR, this shows later whether it was cut off. This run keeps none.'],
  [
    'our state',
    "Kept elsewhere, this shows later whether the log was cut off: npx rolemedic audit verify --from 'our state/audit' --checkpoint FILE",
  ],
])('a checkpoint names the log that it is of, where one is kept: %j', (state, about) => {
  expect(onceSections({ kind: 'audit', records: [], checkpoint }, state)).toEqual([
    ['Audit', []],
    ['Checkpoint', [about, JSON.stringify(checkpoint)]],
  ])
})
