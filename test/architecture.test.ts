import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FUNCTIONS } from '../infra/functions.ts'
import {
  bareOf,
  cyclesIn,
  doorOf,
  filesBelow,
  type Graph,
  importsOf,
  isForbidden,
  isPastDoor,
  isSource,
  isSpokenByUseCase,
  LAMBDAS,
  ROOMS,
  root,
} from './layout.ts'

const PARTS = ['core', 'iac', 'functions', 'cli', 'simulator', 'infra', 'tools', 'packaging', 'bench', 'test']
const MAX_FILES_IN_A_FOLDER = 16

/** What `propose` does next: outside of the domain, but as pure. */
const PLAN = ['plan', 'card-review', 'proposal-factory', 're-proposal-policy'].map(
  name => `functions/propose/${name}.ts`,
)

describe('the layout', () => {
  const sources = PARTS.flatMap(filesBelow).filter(isSource)
  const graph: Graph = new Map(
    sources.map(file => [file, importsOf(file, readFileSync(join(root, file), 'utf8')).map(({ to }) => to)]),
  )
  const product = sources.filter(file => !/^(test|bench)\//.test(file))

  it('lets imports go from cli to functions to iac to core, and inside a part only to earlier rooms', () => {
    const wrong = [...graph].flatMap(([file, imports]) =>
      imports.filter(to => isForbidden(file, to)).map(to => `${file} -> ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('enters every room by its index', () => {
    const wrong = product.flatMap(file =>
      importsOf(file, readFileSync(join(root, file), 'utf8'))
        .filter(one => isPastDoor(file, one))
        .map(({ to }) => `${file} -> ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('keeps the command line and every printed form out of the use cases', () => {
    const wrong = [...graph].flatMap(([file, imports]) =>
      imports.filter(to => isSpokenByUseCase(file, to)).map(to => `${file} -> ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('parses the options of every command in one place', () => {
    const parsers = sources.filter(
      file => file.startsWith('cli/') && /\bparseArg(?:ument)?s\b/.test(bareOf(readFileSync(join(root, file), 'utf8'))),
    )
    expect(parsers).toEqual(['cli/define-command.ts', 'cli/parse-arguments.ts'])
  })

  it('prints from the command line in one place', () => {
    const stream = /\bstd(?:out|err)\b|\bconsole\.|\bwriteSync\b/
    const printers = sources.filter(
      file => file.startsWith('cli/') && stream.test(bareOf(readFileSync(join(root, file), 'utf8'))),
    )
    expect(printers).toEqual(['cli/io.ts'])
  })

  it('deploys every folder with a handler', () => {
    expect([...FUNCTIONS].sort()).toEqual(LAMBDAS.toSorted())
  })

  it('has an index for every room, with a line that says what the room holds', () => {
    const silent = ROOMS.filter(room => !/^\/\*\* .+/.test(readFileSync(join(root, room, 'index.ts'), 'utf8')))
    expect(silent).toEqual([])
  })

  it('offers nothing at a door that nobody outside of the room uses', () => {
    const used = new Set(
      sources.flatMap(file =>
        importsOf(file, readFileSync(join(root, file), 'utf8')).flatMap(({ to, names }) =>
          names.map(name => `${to} ${name}`),
        ),
      ),
    )
    const unused = ROOMS.flatMap(room => {
      const door = join(room, 'index.ts')
      return importsOf(door, readFileSync(join(root, door), 'utf8'))
        .flatMap(({ names }) => names)
        .filter(name => !used.has(`${door} ${name}`))
        .map(name => `${door}: ${name}`)
    })
    expect(unused).toEqual([])
  })

  it('wires the store of the functions in one place', () => {
    const wiring = product.filter(
      file => file.startsWith('functions/') && /\bproposalsTable\(\{/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(wiring).toEqual(['functions/adapters/composition/cloud-store.ts'])
  })

  it('has no cycles of files, types included', () => {
    expect(cyclesIn(graph)).toEqual([])
  })

  it('has no flat folder of more than sixteen files, except data', () => {
    const counts = new Map<string, number>()
    for (const file of product.filter(one => !one.endsWith('/index.ts')))
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count > MAX_FILES_IN_A_FOLDER)).toEqual([])
  })

  it('keeps clocks, environment, network, AWS and promises out of core, iac, the domain and the plan of propose', () => {
    const impure =
      /Date\.now\(|new Date\(\)|performance\.now\(|process\.env|Math\.random\(|\basync\b|\bawait\b|Promise[<.]|from '(@aws-sdk|@slack|node:(fs|http|https|net|child_process))/
    const found = sources.filter(
      file => (isPure(file) || PLAN.includes(file)) && impure.test(bareOf(readFileSync(join(root, file), 'utf8'))),
    )
    expect(found).toEqual([])
    const called = PLAN.flatMap(file => importsOf(file, withoutTypeImports(readFileSync(join(root, file), 'utf8'))))
    expect(called.map(({ to }) => to).filter(to => !isPure(to) && !PLAN.includes(to))).toEqual([])
  })

  it('has one client of each Git host, which a CI job loads when it comments', () => {
    const client = /(?<![.\w])fetch\(|'@(octokit|gitbeaker)\//
    const found = sources.filter(
      file =>
        /^(core|iac|functions|cli)\//.test(file) &&
        !file.startsWith('functions/adapters/') &&
        client.test(bareOf(readFileSync(join(root, file), 'utf8'))),
    )
    expect(found).toEqual([])
    const loaded = sources
      .filter(file => file.startsWith('cli/ci/'))
      .flatMap(file => importsOf(file, readFileSync(join(root, file), 'utf8')))
      .filter(({ to }) => to.startsWith('functions/adapters/'))
    expect(loaded.map(({ to, isLazy }) => [to, isLazy]).sort()).toEqual([
      ['functions/adapters/github/index.ts', true],
      ['functions/adapters/gitlab/index.ts', true],
    ])
  })

  it('takes of zod only what it names, so that a bundle has nothing else of it', () => {
    const whole = /^import (?:z\b|\{ ?z\b).* from 'zod'/m
    const found = sources.filter(
      file =>
        /^(core|iac|functions|cli|simulator|infra)\//.test(file) && whole.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(found).toEqual([])
  })

  it('parses what it stores or receives, and casts none of it', () => {
    const cast =
      /JSON\.parse\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*as\s+(?!unknown)|\bas (?:Proposal|Occurrence|DeployState|AuditRecord)\b/
    const found = sources.filter(
      file =>
        /^(core|iac|functions|cli|simulator)\//.test(file) && cast.test(bareOf(readFileSync(join(root, file), 'utf8'))),
    )
    expect(found).toEqual([])
  })
})

const isPure = (file: string): boolean => /^(core|iac|functions\/domain)\//.test(file)
const withoutTypeImports = (text: string): string => text.replace(/^import type .*$/gm, '')

describe('the checks themselves', () => {
  it('notice an import that points the wrong way', () => {
    expect(isForbidden('core/denial/denial.ts', 'functions/domain/card/card.ts')).toBe(true)
    expect(isForbidden('core/denial/denial.ts', 'iac/needs/need.ts')).toBe(true)
    expect(isForbidden('iac/needs/need.ts', 'functions/domain/deploy/deploy.ts')).toBe(true)
    expect(isForbidden('functions/domain/card/card.ts', 'cli/io.ts')).toBe(true)
    expect(isForbidden('functions/domain/card/card.ts', 'functions/adapters/aws/messaging/sqs-queue.ts')).toBe(true)
    expect(isForbidden('core/denial/denial.ts', 'core/patch/index.ts')).toBe(true)
    expect(isForbidden('core/patch/patch.ts', 'core/denial/index.ts')).toBe(false)
    expect(isForbidden('functions/ports/chat.ts', 'functions/workflows/card/post-card.ts')).toBe(true)
    expect(isForbidden('functions/verify/verify.ts', 'functions/decide/decide.ts')).toBe(true)
    expect(isForbidden('functions/verify/handler.ts', 'functions/adapters/aws/messaging/sqs-queue.ts')).toBe(false)
    expect(isForbidden('functions/adapters/slack/blocks/card.ts', 'functions/workflows/card/post-card.ts')).toBe(true)
    expect(isForbidden('functions/planted/new.ts', 'core/base/index.ts')).toBe(true)
    expect(isForbidden('core/planted/new.ts', 'core/base/index.ts')).toBe(true)
  })

  it('notice an import past a door, and let a room use its own files', () => {
    const past = (from: string, to: string) => isPastDoor(from, { to, names: [], isLazy: false })
    expect(past('core/patch/patch.ts', 'core/iam/arn.ts')).toBe(true)
    expect(past('core/patch/patch.ts', 'core/iam/index.ts')).toBe(false)
    expect(past('core/iam/evaluation/evaluation.ts', 'core/iam/arn.ts')).toBe(false)
    expect(past('cli/io.ts', 'functions/workflows/card/post-card.ts')).toBe(true)
    expect(past('functions/verify/verify.ts', 'functions/workflows/card/post-card.ts')).toBe(false)
    expect(past('functions/verify/verify.ts', 'functions/domain/proposal/proposal.ts')).toBe(true)
    expect(doorOf('functions/adapters/aws/iam/account-access.ts')).toBe('functions/adapters/aws/iam/index.ts')
  })

  it('notice a use case that reads arguments or prints', () => {
    expect(isSpokenByUseCase('cli/use-cases/match/match.ts', 'cli/io.ts')).toBe(true)
    expect(isSpokenByUseCase('cli/use-cases/match/match.ts', 'cli/commands/match.ts')).toBe(true)
    expect(isSpokenByUseCase('cli/use-cases/match/match.ts', 'cli/parse-arguments.ts')).toBe(true)
    expect(isSpokenByUseCase('cli/use-cases/match/match.ts', 'cli/use-cases/world.ts')).toBe(false)
    expect(isSpokenByUseCase('cli/commands/match.ts', 'cli/io.ts')).toBe(false)
  })

  it('notice a cycle, also through a third file', () => {
    const graph = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['a.ts', 'd.ts']],
      ['d.ts', []],
    ])
    expect(cyclesIn(graph)).toEqual([['a.ts', 'b.ts', 'c.ts']])
  })
})
