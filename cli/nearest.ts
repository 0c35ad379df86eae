import { editDistance } from '../core/base/index.ts'

/** The name that a typo probably means. Null: none is close. */
export function nearest(typed: string, names: readonly string[]): string | null {
  const limit = typed.length <= 3 ? 1 : Math.max(2, Math.floor(typed.length / 3))
  const near = names
    .map(name => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.name ?? null
}
