import type { PathStep } from '../property-path.ts'

/**
 * A value of a planned resource: known, or known only after the apply. `isBlock`: the whole block around it is unknown, as for
 * blocks that the provider fills in.
 */
export type PlannedValue = {
  readonly property: string
  readonly value: unknown
  readonly isUnknown: boolean
  readonly isBlock: boolean
  readonly keys: readonly string[]
}

/** Every value at `path` in the planned state of a resource. Nested blocks are lists, even if only one is allowed. */
export function* plannedValues(after: unknown, unknown: unknown, steps: readonly PathStep[]): Generator<PlannedValue> {
  yield* walk({ after, unknown, property: '', keys: [] }, steps)
}

type At = {
  readonly after: unknown
  readonly unknown: unknown
  readonly property: string
  readonly keys: readonly string[]
}

function* walk(at: At, steps: readonly PathStep[]): Generator<PlannedValue> {
  const [step, ...rest] = steps
  if (step === undefined || at.unknown === true) {
    const { after: value, property, keys } = at
    const isUnknown = at.unknown === true
    if (isUnknown || value != null)
      yield { property, value, isUnknown, isBlock: steps.length > 0, keys: [...keys, ...keysOf(steps)] }
    return
  }
  switch (step.kind) {
    case 'key':
      if (isRecord(at.after) || isRecord(at.unknown)) yield* walk(within(at, step.name), rest)
      return
    case 'each-item':
    case 'item-where':
      for (const index of itemIndexes(at)) {
        const item = itemAt(at, index)
        if (step.kind === 'item-where' && !matches(item.after, step.equals)) continue
        yield* walk(item, rest)
      }
      return
    case 'where':
      if (matches(at.after, step.equals)) yield* walk(at, rest)
      return
    case 'each-value':
      for (const key of new Set([...recordKeys(at.after), ...recordKeys(at.unknown)]))
        yield* walk(within(at, key), rest)
      return
    case 'json': {
      const inner = parsed(at.after)
      if (inner !== undefined) yield* walk({ ...at, after: inner, unknown: undefined }, rest)
    }
  }
}

function within({ after, unknown, property, keys }: At, name: string): At {
  return {
    after: isRecord(after) ? after[name] : undefined,
    unknown: isRecord(unknown) ? unknown[name] : undefined,
    property: property === '' ? name : `${property}.${name}`,
    keys: [...keys, name],
  }
}

function itemAt(at: At, index: number): At {
  // The provider stores this block as an object instead of a list.
  if (!Array.isArray(at.after) && !Array.isArray(at.unknown)) return at
  return {
    after: Array.isArray(at.after) ? at.after[index] : undefined,
    unknown: Array.isArray(at.unknown) ? at.unknown[index] : undefined,
    property: `${at.property}[${index}]`,
    keys: at.keys,
  }
}

function itemIndexes({ after, unknown }: At): readonly number[] {
  const length = Math.max(Array.isArray(after) ? after.length : 0, Array.isArray(unknown) ? unknown.length : 0)
  if (length > 0) return Array.from({ length }, (_, index) => index)
  return isRecord(after) || isRecord(unknown) ? [0] : []
}

const keysOf = (steps: readonly PathStep[]) => steps.flatMap(step => (step.kind === 'key' ? [step.name] : []))

function matches(value: unknown, equals: readonly (readonly [string, string])[]): boolean {
  return equals.every(([key, wanted]) => isRecord(value) && wanted.split('|').includes(String(value[key])))
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const recordKeys = (value: unknown): readonly string[] => (isRecord(value) ? Object.keys(value) : [])
