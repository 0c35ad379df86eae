/** One row of docs/threat-model.md: its words are in `tools/threat-model`, and the page is written from them. */
import { expect, it } from 'vitest'
import { ROWS, type RowId } from '../../tools/threat-model/threats.ts'

export function attack(id: RowId, run: () => void | Promise<void>): void {
  it(`${id}: ${ROWS.get(id)}`, async () => {
    expect.hasAssertions()
    await run()
  })
}
