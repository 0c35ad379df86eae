import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Which rooms a file may import from, by the room it stands in. */
const MAY_IMPORT: { [room: string]: readonly string[] } = {
  core: ['core'],
  adapters: ['core', 'adapters'],
  verb: ['core', 'verb'],
  handler: ['core', 'adapters', 'verb', 'handler'],
  infra: ['core', 'infra'],
  local: ['core', 'adapters', 'verb', 'local'],
  bench: ['core', 'adapters', 'verb', 'local', 'bench', 'infra', 'test'],
  test: ['core', 'adapters', 'verb', 'handler', 'local', 'infra', 'bench', 'test'],
}

/** A file's room; `verb` and `handler` are the two kinds of file in a function's folder. */
function room(path: string): string {
  const [top = '', second = ''] = relative(root, path).split('/')
  if (top !== 'functions') return top
  if (second === 'core' || second === 'adapters') return second
  return path.endsWith('/handler.ts') ? 'handler' : 'verb'
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') || name.endsWith('.tsx'))
    .map(name => join(root, folder, name))
}

function relativeImports(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match => resolve(file, '..', match[1] ?? ''))
}

function wrongWay(file: string, imported: string): boolean {
  const from = room(file)
  const to = room(imported)
  if (!(MAY_IMPORT[from] ?? []).includes(to)) return true
  // A function's steps are its own: no verb reaches into another function's folder.
  return from === 'verb' && to === 'verb' && resolve(file, '..') !== resolve(imported, '..')
}

describe('the direction of imports', () => {
  const files = ['functions', 'infra', 'local', 'bench', 'test'].flatMap(sources)

  it('sees the sources', () => {
    expect(files.length).toBeGreaterThan(15)
  })

  it('goes only from handlers inwards, and core imports core alone', () => {
    const wrong = files.flatMap(file =>
      relativeImports(file)
        .filter(imported => wrongWay(file, imported))
        .map(imported => `${relative(root, file)} -> ${relative(root, imported)}`),
    )
    expect(wrong).toEqual([])
  })

  it('goes within core from the proposal to the patch, its diagnosis and the evaluation, never back', () => {
    const order = [/^(access|evaluate|policy)$/, /^diagnose$/, /^patch$/, /^(audit|card|proposal)$/]
    const step = (path: string) => order.findIndex(rooms => rooms.test(relative(root, path).split('/')[2] ?? ''))
    const wrong = sources('functions/core').flatMap(file =>
      relativeImports(file)
        .filter(imported => step(file) !== -1 && step(imported) > step(file))
        .map(imported => `${relative(root, file)} -> ${relative(root, imported)}`),
    )
    expect(wrong).toEqual([])
  })

  it('notices an arrow that points the wrong way', () => {
    expect(
      wrongWay(
        join(root, 'functions/domain/card/card.ts'),
        join(root, 'functions/adapters/aws/messaging/sns-notifier.ts'),
      ),
    ).toBe(true)
    expect(wrongWay(join(root, 'functions/apply/apply.ts'), join(root, 'functions/decide/decide.ts'))).toBe(true)
    expect(
      wrongWay(
        join(root, 'functions/apply/handler.ts'),
        join(root, 'functions/adapters/aws/messaging/sns-notifier.ts'),
      ),
    ).toBe(false)
  })

  it('keeps clocks, environment, network and AWS out of core', () => {
    const impure = sources('functions/core').filter(file =>
      /Date\.now\(|new Date\(\)|process\.env|Math\.random\(|from '(@aws-sdk|@slack|node:(fs|http|https|net))/.test(
        readFileSync(file, 'utf8'),
      ),
    )
    expect(impure.map(file => relative(root, file))).toEqual([])
  })
})
