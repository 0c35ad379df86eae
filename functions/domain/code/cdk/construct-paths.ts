/** Which paths in the construct tree a place in the source makes. */
import { createHash } from 'node:crypto'
import { APP, type CdkSource, type Made } from './made.ts'

/** Null: a part of it has to be run to be known. */
export type ConstructPath = readonly string[] | null

const MAX_PATHS = 50

export function pathsOf(source: CdkSource, made: Made, depth = 0): readonly ConstructPath[] {
  if (made.isRepeated || made.id === null || depth > 20) return [null]
  const own = made.id
  return parentsOf(source, made, depth)
    .slice(0, MAX_PATHS)
    .map(path => (path === null ? null : [...path, own]))
}

function parentsOf(source: CdkSource, made: Made, depth: number): readonly ConstructPath[] {
  if (made.scope === 'this' || made.scope === 'self') {
    if (made.inClass === null) return [null]
    const isOneClass = source.classes.get(made.inClass) === 1
    const uses = source.made.filter(({ type }) => type === made.inClass)
    return isOneClass && uses.length > 0 ? uses.flatMap(use => pathsOf(source, use, depth + 1)) : [null]
  }
  const holders = source.made.filter(
    ({ file, holder, inClass }) => file === made.file && holder === made.scope && inClass === made.inClass,
  )
  const [only] = holders
  if (only !== undefined) return holders.length === 1 ? pathsOf(source, only, depth + 1) : [null]
  const isApp = made.scope === APP || source.apps.has(`${made.file} ${made.scope}`)
  return isApp && made.inClass === null ? [[]] : [null]
}

/** How often the code of this place is used: classes made several times, each with a construct of its own. */
export function usesOf(source: CdkSource, made: Made, depth = 0): number {
  if (made.isRepeated || depth > 20) return Number.POSITIVE_INFINITY
  if (made.inClass === null) return 1
  const uses = source.made.filter(({ type }) => type === made.inClass)
  if (source.classes.get(made.inClass) !== 1) return Number.POSITIVE_INFINITY
  return uses.reduce((sum, use) => sum + usesOf(source, use, depth + 1), 0)
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
