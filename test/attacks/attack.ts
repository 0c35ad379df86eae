/** One row of docs/threat-model.md, with the same id and words. */
import { it } from 'vitest'

export function attack(id: string, what: string, run: () => void | Promise<void>): void {
  it(`${id}: ${what}`, run)
}
