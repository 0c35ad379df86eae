/**
 * The part of vitest that these tests use, without its runner: it only collects tests, so that a worker can run any of them
 * many times in one process. Vitest takes half a second per start.
 */
export { expect } from 'vitest'

export type Work = () => unknown
export type Suite = {
  readonly parent: Suite | null
  readonly name: string
  readonly beforeAll: Work[]
  readonly beforeEach: Work[]
  readonly afterEach: Work[]
  /** `beforeAll` has run. */
  ready: boolean
}
export type CollectedTest = { readonly file: string; readonly name: string; readonly suite: Suite; readonly run: Work }

type Collector = {
  readonly file: string
  readonly tests: CollectedTest[]
  /** How often each name was used, because a worker identifies a test by its name. */
  readonly names: Map<string, number>
  suite: Suite
}

function newSuite(name: string, parent: Suite | null): Suite {
  return { parent, name, beforeAll: [], beforeEach: [], afterEach: [], ready: false }
}

const newCollector = (file: string): Collector => ({ file, tests: [], names: new Map(), suite: newSuite('', null) })

let current = newCollector('')

export async function collect(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  current = newCollector(file)
  await load()
  return current.tests
}

type Declare = (name: string, body: Work) => void
/** The body, and options before or after it. A worker has its own time limit. */
type Each = (rows: readonly unknown[]) => (name: string, ...rest: readonly unknown[]) => void

const bodyOf = <Body>(rest: readonly unknown[]): Body => rest.find(one => typeof one === 'function') as Body

function withEach(declare: Declare) {
  const each: Each =
    rows =>
    (name, ...rest) => {
      const body = bodyOf<(...row: unknown[]) => unknown>(rest)
      for (const [place, row] of rows.entries())
        declare(`${name} [${place}]`, () => body(...(Array.isArray(row) ? row : [row])))
    }
  return Object.assign((name: string, ...rest: readonly unknown[]) => declare(name, bodyOf<Work>(rest)), { each })
}

export const describe = withEach((name, body) => {
  const outer = current.suite
  current.suite = newSuite(outer.name === '' ? name : `${outer.name} > ${name}`, outer)
  body()
  current.suite = outer
})

export const it = withEach((name, run) => {
  const { file, suite, tests, names } = current
  const whole = `${suite.name} > ${name}`
  const times = (names.get(whole) ?? 0) + 1
  names.set(whole, times)
  tests.push({ file, name: times === 1 ? whole : `${whole} #${times}`, suite, run })
})
export const test = it

export const beforeAll = (work: Work): void => void current.suite.beforeAll.push(work)
export const beforeEach = (work: Work): void => void current.suite.beforeEach.push(work)
export const afterEach = (work: Work): void => void current.suite.afterEach.push(work)
/** Does nothing: tests run many times, and their files are in the system's temporary folder. */
export const afterAll = (_: Work): void => {}

/** Throws what the test throws. */
export async function runTest({ suite, run }: CollectedTest): Promise<void> {
  const suites: Suite[] = []
  for (let one: Suite | null = suite; one !== null; one = one.parent) suites.unshift(one)
  for (const one of suites) {
    if (one.ready) continue
    for (const work of one.beforeAll) await work()
    one.ready = true
  }
  try {
    for (const one of suites) for (const work of one.beforeEach) await work()
    await run()
  } finally {
    for (const one of suites.toReversed()) for (const work of one.afterEach) await work()
  }
}
