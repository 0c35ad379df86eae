/** An exported name means one thing in the product, so that a search for a name finds one declaration. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, isSource, root } from './layout.ts'

const PRODUCT = ['core', 'iac', 'functions', 'cli', 'simulator', 'infra', 'tools', 'packaging']

const EXCEPTIONS: { readonly [name: string]: string } = {
  handler: 'Lambda calls each function by it',
  consume: 'each function with a queue has one, and its handler wires it',
  ConsumerDeps: 'what the `consume` of a function needs',
  factFile: 'generated modules replace the one in core',
  factServices: 'generated modules replace the one in core',
  packedText: 'generated modules replace the one in core',
}

/** The public face of the package wraps exports of the rooms under the same names. */
const FACE = 'core/index.ts'

/** A re-export is not a declaration. */
const DECLARATION =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|type|interface) ([\w$]+)/gm

/** Each name that more than one file declares, with these files. */
function namesDeclaredTwice(sources: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, Set<string>>()
  for (const [file, text] of sources)
    for (const [, name = ''] of text.matchAll(DECLARATION))
      files.set(name, (files.get(name) ?? new Set<string>()).add(file))
  return new Map([...files].filter(([, found]) => found.size > 1).map(([name, found]) => [name, [...found]]))
}

describe('exported names', () => {
  const sources = PRODUCT.flatMap(filesBelow).filter(file => isSource(file) && file !== FACE)
  const twice = namesDeclaredTwice(new Map(sources.map(file => [file, readFileSync(join(root, file), 'utf8')])))

  it('mean one thing', () => {
    const wrong = [...twice].filter(([name]) => !Object.hasOwn(EXCEPTIONS, name))
    expect(wrong.map(([name, files]) => `${name}: ${files.join(', ')}`)).toEqual([])
  })

  it('have no exception that is not needed', () => {
    expect(Object.keys(EXCEPTIONS).filter(name => !twice.has(name))).toEqual([])
  })

  it('are found twice if two files declare them, and once through a re-export', () => {
    const found = namesDeclaredTwice(
      new Map([
        ['core/a.ts', 'export type Scope = string\n'],
        ['core/index.ts', "export { type Scope, pathOf } from './a.ts'\n"],
        ['iac/b.ts', 'export async function* other() {}\nexport type Scope = number\nexport const pathOf = 1\n'],
      ]),
    )
    expect([...found]).toEqual([['Scope', ['core/a.ts', 'iac/b.ts']]])
  })
})
