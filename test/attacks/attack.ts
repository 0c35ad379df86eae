/** One row of docs/threat-model.md: the same id and the same words. */
import { it } from 'vitest'

export function attack(id: string, what: string, run: () => void | Promise<void>): void {
  it(`${id}: ${what}`, run)
}
