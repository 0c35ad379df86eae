import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** The strict order inside `functions/domain`: a folder imports itself and what comes before it, never what comes after. */
const DOMAIN_ORDER = [
  'base',
  'config',
  'members',
  'iam',
  'actions',
  'source',
  'denial',
  'access',
  'diagnosis',
  'patch',
  'repository',
  'authority',
  'proposal',
  'audit',
  'grants',
  'deploy',
  'code',
  'card',
  'home',
  'pull-request',
  'stored',
]

/** Every layer and the layers that it may import. `verb` and `handler` are the two kinds of file in a function's folder. */
const MAY_IMPORT: { readonly [layer: string]: readonly string[] } = {
  domain: ['domain'],
  ports: ['domain', 'ports'],
  workflows: ['domain', 'ports', 'workflows'],
  verb: ['domain', 'ports', 'workflows', 'verb'],
  adapters: ['domain', 'ports', 'adapters'],
  composition: ['domain', 'ports', 'workflows', 'adapters', 'composition'],
  handler: ['domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'handler'],
  infra: ['domain', 'adapters', 'infra'],
  simulator: ['domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'simulator'],
  cli: ['domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'simulator', 'infra', 'cli'],
  packaging: ['domain', 'simulator', 'infra', 'cli', 'packaging'],
  bench: [
    'domain',
    'ports',
    'workflows',
    'verb',
    'adapters',
    'composition',
    'simulator',
    'cli',
    'infra',
    'packaging',
    'test',
    'bench',
  ],
  test: [
    ...['domain', 'ports', 'workflows', 'verb', 'handler', 'adapters', 'composition'],
    ...['simulator', 'cli', 'infra', 'packaging', 'bench', 'test'],
  ],
}

const VERBS = ['intake', 'propose', 'decide', 'apply', 'sweep', 'alert', 'publish']
const MAX_FILES_IN_A_FOLDER = 16

/** Folders with sources, from the root. A new one is added here, so that somebody says where it belongs. */
const FOLDERS: readonly string[] = [
  'bench',
  'bench/accuracy',
  'bench/backtest',
  'bench/calls',
  'bench/cold-start',
  'bench/deploys',
  'bench/engine',
  'bench/logs',
  'bench/scale',
  'bench/snapshot',
  'cli',
  'cli/audit',
  'cli/audit/report',
  'cli/backtest',
  'cli/backtest/report',
  'cli/ci',
  'cli/commands',
  'cli/commands/reference',
  'cli/comment',
  'cli/diagnose',
  'cli/doctor',
  'cli/facts',
  'cli/files',
  'cli/live',
  'cli/match',
  'cli/mcp',
  'cli/outputs',
  'cli/patch-code',
  'cli/preflight',
  'cli/role-properties',
  'cli/smoke',
  'cli/start',
  'functions/adapters/aws',
  'functions/adapters/aws/audit-log',
  'functions/adapters/aws/authorization-details',
  'functions/adapters/aws/deploy-tools',
  'functions/adapters/aws/dynamodb',
  'functions/adapters/aws/event-history',
  'functions/adapters/aws/iam',
  'functions/adapters/aws/iam-writer',
  'functions/adapters/aws/messaging',
  'functions/adapters/aws/observability',
  'functions/adapters/aws/organizations',
  'functions/adapters/aws/signing',
  'functions/adapters/composition',
  'functions/adapters/git-http',
  'functions/adapters/github',
  'functions/adapters/gitlab',
  'functions/adapters/slack/blocks',
  'functions/adapters/slack/chat',
  'functions/adapters/slack/endpoint',
  'functions/adapters/syntax',
  'functions/alert',
  'functions/apply',
  'functions/decide',
  'functions/domain/access',
  'functions/domain/actions',
  'functions/domain/audit',
  'functions/domain/authority',
  'functions/domain/base',
  'functions/domain/card',
  'functions/domain/card/grants',
  'functions/domain/card/sentences',
  'functions/domain/code',
  'functions/domain/code/cdk',
  'functions/domain/code/cloudformation',
  'functions/domain/code/document',
  'functions/domain/code/present',
  'functions/domain/code/terraform',
  'functions/domain/config',
  'functions/domain/denial',
  'functions/domain/denial/cloudtrail',
  'functions/domain/denial/logs',
  'functions/domain/denial/message',
  'functions/domain/denial/passed-service',
  'functions/domain/denial/resource-types',
  'functions/domain/deploy',
  'functions/domain/deploy/needs',
  'functions/domain/deploy/needs/cloudformation',
  'functions/domain/deploy/needs/terraform',
  'functions/domain/deploy/tools',
  'functions/domain/diagnosis',
  'functions/domain/diagnosis/rules',
  'functions/domain/diagnosis/text',
  'functions/domain/diagnosis/wording',
  'functions/domain/grants',
  'functions/domain/home',
  'functions/domain/iam',
  'functions/domain/iam/conditions',
  'functions/domain/iam/conditions/operators',
  'functions/domain/iam/evaluation',
  'functions/domain/iam/policy',
  'functions/domain/members',
  'functions/domain/patch',
  'functions/domain/patch/drafting',
  'functions/domain/patch/export',
  'functions/domain/patch/guardrails',
  'functions/domain/patch/guardrails/document',
  'functions/domain/patch/guardrails/reach',
  'functions/domain/patch/guardrails/subject',
  'functions/domain/patch/risk',
  'functions/domain/patch/risk/table',
  'functions/domain/patch/verification',
  'functions/domain/proposal',
  'functions/domain/pull-request',
  'functions/domain/repository',
  'functions/domain/source',
  'functions/domain/stored',
  'functions/intake',
  'functions/ports',
  'functions/ports/git',
  'functions/propose',
  'functions/publish',
  'functions/sweep',
  'functions/workflows',
  'functions/workflows/approval',
  'functions/workflows/card',
  'functions/workflows/denial',
  'functions/workflows/deploy',
  'functions/workflows/home',
  'infra',
  'infra/constructs/bot',
  'infra/constructs/ingest',
  'infra/constructs/observability',
  'infra/constructs/roles',
  'infra/constructs/state',
  'infra/released',
  'infra/stacks',
  'packaging',
  'simulator',
  'simulator/fake-slack',
  'simulator/git-host',
  'simulator/web-ui',
  'simulator/snapshots',
]

type Graph = ReadonlyMap<string, readonly string[]>

/** With slashes on every system. */
const inProject = (path: string): string => relative(root, path).replaceAll('\\', '/')

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => inProject(join(entry.parentPath, entry.name)))
}

const isSource = (file: string): boolean => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')

/** Type imports count: a type that two files need of each other is a cycle as well. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    inProject(resolve(root, dirname(file), path)),
  )
}

function layerOf(file: string): string {
  const [top = '', second = '', third = ''] = file.split('/')
  if (top !== 'functions') return top
  if (second === 'adapters') return third === 'composition' ? 'composition' : 'adapters'
  if (!VERBS.includes(second)) return second
  return file.endsWith('/handler.ts') ? 'handler' : 'verb'
}

const domainStep = (file: string): number => DOMAIN_ORDER.indexOf(file.split('/')[2] ?? '')

function isForbidden(from: string, to: string): boolean {
  const [layer, other] = [layerOf(from), layerOf(to)]
  if (!(MAY_IMPORT[layer] ?? []).includes(other)) return true
  if (layer === 'domain') return domainStep(to) > domainStep(from)
  // The steps of a function are its own.
  return layer === 'verb' && other === 'verb' && dirname(from) !== dirname(to)
}

/** Groups of files that import each other in a circle (Tarjan). */
function cyclesIn(graph: Graph): readonly (readonly string[])[] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (file: string): number => {
    index.set(file, index.size)
    let lowest = index.get(file) ?? 0
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next))
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? 0)
    }
    low.set(file, lowest)
    if (lowest === index.get(file)) {
      const group = stack.splice(stack.indexOf(file))
      if (group.length > 1) cycles.push(group.sort())
    }
    return lowest
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return cycles
}

describe('the layout', () => {
  const TOPS = ['functions', 'cli', 'simulator', 'infra', 'packaging', 'bench', 'test']
  const sources = TOPS.flatMap(filesBelow).filter(isSource)
  const graph: Graph = new Map(sources.map(file => [file, importsOf(file)]))

  it('lists every folder that holds sources', () => {
    const folders = new Set(sources.filter(file => !file.startsWith('test/')).map(file => dirname(file)))
    expect([...folders].sort()).toEqual([...FOLDERS].sort())
  })

  it('orders every folder of the domain', () => {
    expect(DOMAIN_ORDER).toEqual(expect.arrayContaining(readdirSync(join(root, 'functions/domain'))))
  })

  it('lets imports go from handlers inwards only, and inside the domain only upwards in its order', () => {
    const wrong = [...graph].flatMap(([file, imports]) =>
      imports.filter(to => isForbidden(file, to)).map(to => `${file} -> ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no cycles of files, types included', () => {
    expect(cyclesIn(graph)).toEqual([])
  })

  it('has no flat folder of more than sixteen files, except data', () => {
    const counts = new Map<string, number>()
    for (const file of ['functions', 'cli', 'simulator', 'infra', 'packaging', 'bench']
      .flatMap(filesBelow)
      .filter(isNoData))
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    expect([...counts].filter(([folder, count]) => count > MAX_FILES_IN_A_FOLDER && isCode(folder))).toEqual([])
  })

  it('keeps clocks, environment, network, AWS and promises out of the domain', () => {
    const impure =
      /Date\.now\(|new Date\(\)|performance\.now\(|process\.env|Math\.random\(|\basync\b|\bawait\b|Promise[<.]|from '(@aws-sdk|@slack|node:(fs|http|https|net|child_process))/
    const found = sources.filter(
      file =>
        file.startsWith('functions/domain/') && impure.test(withoutComments(readFileSync(join(root, file), 'utf8'))),
    )
    expect(found).toEqual([])
  })

  it('parses what it stores or receives, and casts none of it', () => {
    const cast =
      /JSON\.parse\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*as\s+(?!unknown)|\bas (?:Proposal|Occurrence|DeployState|AuditRecord)\b/
    const found = sources.filter(
      file =>
        /^(functions|cli|simulator)\//.test(file) && cast.test(withoutComments(readFileSync(join(root, file), 'utf8'))),
    )
    expect(found).toEqual([])
  })

  const isNoData = (file: string): boolean => !file.endsWith('.json')
  const isCode = (folder: string): boolean => sources.some(file => dirname(file) === folder)
  const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
})

describe('the checks themselves', () => {
  it('notice an import that points the wrong way', () => {
    expect(isForbidden('functions/domain/card/card.ts', 'functions/adapters/aws/messaging/sqs-queue.ts')).toBe(true)
    expect(isForbidden('functions/domain/denial/denial.ts', 'functions/domain/patch/patch.ts')).toBe(true)
    expect(isForbidden('functions/domain/patch/patch.ts', 'functions/domain/denial/denial.ts')).toBe(false)
    expect(isForbidden('functions/ports/chat.ts', 'functions/workflows/card/post-card.ts')).toBe(true)
    expect(isForbidden('functions/apply/apply.ts', 'functions/decide/decide.ts')).toBe(true)
    expect(isForbidden('functions/apply/handler.ts', 'functions/adapters/aws/messaging/sqs-queue.ts')).toBe(false)
    expect(isForbidden('functions/adapters/slack/blocks/card.ts', 'functions/workflows/card/post-card.ts')).toBe(true)
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
