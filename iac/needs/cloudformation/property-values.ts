import {
  alternativesOf,
  childOf,
  entryOf,
  type IntrinsicsScope,
  itemsOf,
  knownText,
  type RoleText,
  readJsonSource,
  type SourceNode,
  textsOf,
  UnreadableSource,
} from '../../source/index.ts'
import { type PathStep, parsePropertyPath } from '../property-path.ts'

export type PropertyValue = { readonly text: RoleText; readonly property: string; readonly line: number }

const parsedPaths = new Map<string, readonly PathStep[]>()

/** Each text at `path` in the properties, with its own path and the line of its key. */
export function propertyValuesAt(
  scope: IntrinsicsScope,
  properties: SourceNode | undefined,
  path: string,
): readonly PropertyValue[] {
  let steps = parsedPaths.get(path)
  if (steps === undefined) {
    steps = parsePropertyPath(path)
    parsedPaths.set(path, steps)
  }
  return properties === undefined ? [] : [...walk(scope, properties, steps, '', properties.line)]
}

function* walk(
  scope: IntrinsicsScope,
  node: SourceNode,
  steps: readonly PathStep[],
  property: string,
  line: number,
): Generator<PropertyValue> {
  const [step, ...rest] = steps
  if (step === undefined) {
    for (const text of textsOf(scope, node)) yield { text, property, line }
    return
  }
  switch (step.kind) {
    case 'key':
      for (const choice of alternativesOf(scope, node)) {
        const entry = entryOf(choice, step.name)
        if (entry === undefined) continue
        yield* walk(scope, entry.value, rest, property === '' ? step.name : `${property}.${step.name}`, entry.line)
      }
      return
    case 'each-item':
    case 'item-where':
      for (const [index, item] of itemsOf(scope, node).entries()) {
        for (const choice of alternativesOf(scope, item)) {
          if (step.kind === 'item-where' && !matches(scope, choice, step.equals)) continue
          yield* walk(scope, choice, rest, `${property}[${index}]`, rest.length === 0 ? item.line : line)
        }
      }
      return
    case 'where':
      for (const choice of alternativesOf(scope, node)) {
        if (matches(scope, choice, step.equals)) yield* walk(scope, choice, rest, property, line)
      }
      return
    case 'each-value':
      for (const choice of alternativesOf(scope, node)) {
        if (choice.kind !== 'map') continue
        for (const [key, entry] of choice.entries)
          yield* walk(scope, entry.value, rest, `${property}.${key}`, entry.line)
      }
      return
    case 'json':
      for (const text of textsOf(scope, node)) {
        const inner = jsonIn(knownText(text))
        if (inner !== null) yield* walk(scope, inner, rest, property, line)
      }
  }
}

function matches(scope: IntrinsicsScope, node: SourceNode, equals: readonly (readonly [string, string])[]): boolean {
  return equals.every(([key, wanted]) => {
    const options = wanted.split('|')
    return textsOf(scope, childOf(node, key)).some(text => options.includes(knownText(text) ?? ''))
  })
}

function jsonIn(text: string | null): SourceNode | null {
  if (text === null) return null
  try {
    return readJsonSource('', text)
  } catch (fault) {
    if (fault instanceof UnreadableSource) return null
    throw fault
  }
}
