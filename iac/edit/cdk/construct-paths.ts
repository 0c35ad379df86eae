/** The paths in the construct tree of the constructs that a place in the source makes. */
import { createHash } from 'node:crypto'
import { APP, type CdkSource, type ConstructCall, holderKey } from './made.ts'

export type ConstructPath = readonly string[]

const MAX_PATHS = 50
const MAX_DEPTH = 100

type Known = { readonly paths: Map<ConstructCall, readonly ConstructPath[]>; readonly uses: Map<ConstructCall, number> }
/** Each construct is resolved once: for classes that make each other twice, the work would double at every level. */
const known = new WeakMap<CdkSource, Known>()

function knownOf(source: CdkSource): Known {
  const before = known.get(source) ?? { paths: new Map(), uses: new Map() }
  known.set(source, before)
  return before
}

/** Only paths whose ids are all known without running the code. */
export function constructPathsOf(source: CdkSource, made: ConstructCall, depth = 0): readonly ConstructPath[] {
  if (made.isRepeated || made.id === null || depth > MAX_DEPTH) return []
  const { paths } = knownOf(source)
  const before = paths.get(made)
  if (before !== undefined) return before
  // A construct that makes itself has no path.
  paths.set(made, [])
  const own = made.id
  const found = parentsOf(source, made, depth)
    .slice(0, MAX_PATHS)
    .map(path => [...path, own])
  paths.set(made, found)
  return found
}

function parentsOf(source: CdkSource, made: ConstructCall, depth: number): readonly ConstructPath[] {
  if (made.scope === 'this' || made.scope === 'self') {
    const uses = usesOfClass(source, made) ?? []
    return uses.length > MAX_PATHS ? [] : uses.flatMap(use => constructPathsOf(source, use, depth + 1))
  }
  const holders = source.byHolder.get(holderKey(made.file, made.scope, made.inClass)) ?? []
  const [only] = holders
  if (only !== undefined) return holders.length === 1 ? constructPathsOf(source, only, depth + 1) : []
  const isApp = made.scope === APP || source.apps.has(`${made.file} ${made.scope}`)
  return isApp && made.inClass === null ? [[]] : []
}

/** Null: it is not certain which class it is. */
function usesOfClass(source: CdkSource, { inClass }: ConstructCall): readonly ConstructCall[] | null {
  const name = inClass ?? ''
  return source.classes.get(name) === 1 ? (source.byType.get(name) ?? []) : null
}

/** How many constructs the code of this place makes: 1 or 2, where 2 means several, such as in a class that is used several times. */
export function constructUses(source: CdkSource, made: ConstructCall, depth = 0): number {
  if (made.isRepeated || depth > MAX_DEPTH) return 2
  if (made.inClass === null) return 1
  const { uses } = knownOf(source)
  const before = uses.get(made)
  if (before !== undefined) return before
  uses.set(made, 2)
  // A recursive construct, and the content of an unknown class, count as several.
  let sum = 0
  for (const use of usesOfClass(source, made) ?? [made]) {
    if (sum >= 2) break
    sum += constructUses(source, use, depth + 1)
  }
  const found = Math.min(sum, 2)
  uses.set(made, found)
  return found
}

/**
 * The logical id that the CDK derives from the path below the stack.
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/private/uniqueid.ts
 */
export function logicalIdOf(path: readonly string[]): string {
  const parts = path.filter(part => part !== 'Default')
  const [only] = parts
  if (only !== undefined && parts.length === 1) return alphanumeric(only)
  const hash = createHash('md5').update(parts.join('/')).digest('hex').slice(0, 8).toUpperCase()
  const human = parts
    .filter((part, index) => part !== parts[index - 1])
    .filter(part => part !== 'Resource')
    .map(alphanumeric)
    .join('')
    .slice(0, 240)
  return `${human}${hash}`
}

const alphanumeric = (text: string): string => text.replaceAll(/[^A-Za-z0-9]/g, '')
