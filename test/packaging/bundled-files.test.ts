import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** What the bundle can hold: in it every source lies in `dist/`, one folder below the package. */
const sources = ['cli', 'simulator', 'functions'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name)),
)

describe('the files that the bundle reads by its own folder', () => {
  const readers = sources.filter(file => readFileSync(file, 'utf8').includes('import.meta.dirname'))

  it('are found by sources that lie one folder below the package, as the bundle does', () => {
    expect(readers.length).toBeGreaterThan(0)
    expect(readers.map(file => relative(root, file)).filter(file => file.split(/[\\/]/).length !== 2)).toEqual([])
  })

  it('begin one folder up, where the package is', () => {
    const uses = readers.flatMap(file => readFileSync(file, 'utf8').match(/import\.meta\.dirname[^)]*\)/g) ?? [])
    expect(uses.filter(use => !/^import\.meta\.dirname, '\.\.(?:\/[^']*)?'/.test(use))).toEqual([])
  })
})
