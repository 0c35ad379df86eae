/** Which paths in the construct tree a place in the source makes. */
import { createHash } from 'node:crypto'
import { APP, type CdkSource, holderKey, type Made } from './made.ts'

/** Null: a part of it has to be run to be known. */
export type ConstructPath = readonly string[] | null

const MAX_PATHS = 50
const MAX_DEPTH = 100

type Known = { readonly paths: Map<Made, readonly ConstructPath[]>; readonly uses: Map<Made, number> }
/** Each construct is worked out once: classes that make each other twice would double with every level. */
const known = new WeakMap<CdkSource, Known>()

function knownOf(source: CdkSource): Known {
  const before = known.get(source) ?? { paths: new Map(), uses: new Map() }
  known.set(source, before)
  return before
}

export function pathsOf(source: CdkSource, made: Made, depth = 0): readonly ConstructPath[] {
  if (made.isRepeated || made.id === null || depth > MAX_DEPTH) return [null]
  const { paths } = knownOf(source)
  const before = paths.get(made)
  if (before !== undefined) return before
  // What is made inside of itself has no path.
  paths.set(made, [null])
  const own = made.id
  const found = parentsOf(source, made, depth)
    .slice(0, MAX_PATHS)
    .map(path => (path === null ? null : [...path, own]))
  paths.set(made, found)
  return found
}

function parentsOf(source: CdkSource, made: Made, depth: number): readonly ConstructPath[] {
  if (made.scope === 'this' || made.scope === 'self') {
    const uses = usesOfClass(source, made)
    return uses === null || uses.length === 0 || uses.length > MAX_PATHS
      ? [null]
      : uses.flatMap(use => pathsOf(source, use, depth + 1))
  }
  const holders = source.byHolder.get(holderKey(made.file, made.scope, made.inClass)) ?? []
  const [only] = holders
  if (only !== undefined) return holders.length === 1 ? pathsOf(source, only, depth + 1) : [null]
  const isApp = made.scope === APP || source.apps.has(`${made.file} ${made.scope}`)
  return isApp && made.inClass === null ? [[]] : [null]
}

/** Null where it is not certain which class that is. */
function usesOfClass(source: CdkSource, { inClass }: Made): readonly Made[] | null {
  if (inClass === null || source.classes.get(inClass) !== 1) return null
  return source.byType.get(inClass) ?? []
}

/** How often the code of this place is used: classes made several times, each with a construct of its own. 2 is several. */
export function usesOf(source: CdkSource, made: Made, depth = 0): number {
  if (made.isRepeated || depth > MAX_DEPTH) return 2
  if (made.inClass === null) return 1
  const { uses } = knownOf(source)
  const before = uses.get(made)
  if (before !== undefined) return before
  uses.set(made, 2)
  let sum = 0
  for (const use of usesOfClass(source, made) ?? [made, made]) {
    if (sum >= 2) break
    sum += use === made ? 2 : usesOf(source, use, depth + 1)
  }
  uses.set(made, Math.min(sum, 2))
  return Math.min(sum, 2)
}

/** As CDK makes it from the path below the stack. https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/private/uniqueid.ts */
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
