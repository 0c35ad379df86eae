/** Checks the meaning of an edit with other readers than the editors' own. */
import { parse as parseHcl } from '@cdktf/hcl2json'
import { diffLines } from 'diff'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parsePolicy } from '../../../core/iam/policy/parse-policy.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { samePolicy } from '../../../core/iam/policy/same-policy.ts'
import type { CodeChange } from '../../../iac/edit/code-change.ts'
import { ACCOUNT, type CodeCase, changesOf, codeCases, runCase } from './code-case.ts'

type Exact = Extract<CodeChange, { outcome: 'exact' }>

const cases = codeCases()
const exactCases = cases.filter(({ draft }) => draft === undefined)
const ofKind = (prefix: string) =>
  exactCases.filter(({ name }) => name.startsWith(prefix)).map(one => [one.name, one] as const)

/** Runs the case in its own test, so that collecting tests runs no editor. */
function editsOf(one: CodeCase): Exact['edits'] {
  const outcome = runCase(one)
  if (outcome.outcome !== 'exact') throw new Error(`${one.name}: ${outcome.reason}`)
  return outcome.edits
}

/** Statements that the change adds, without those that it only extends. */
const addedBy = (one: CodeCase): readonly Statement[] =>
  changesOf(one).flatMap(({ before, after }) =>
    after.Statement.filter(
      ({ Sid }) => Sid?.startsWith('Rolemedic') && !before?.Statement.some(old => old.Sid === Sid),
    ),
  )

const same = (read: unknown, wanted: Statement): boolean => {
  const parsed = parsePolicy({ Version: '2012-10-17', Statement: [read] })
  return parsed.ok && samePolicy(parsed.value, { Version: '2012-10-17', Statement: [wanted] })
}

/** Every nested value, including the value itself. */
function* within(value: unknown): Generator<unknown> {
  yield value
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* within(part)
}

describe('the share of exact edits', () => {
  it('is at least 85 % of at least 60 sample repositories of every kind; the rest are drafts with a reason', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60)
    expect(exactCases.length / cases.length).toBeGreaterThanOrEqual(0.85)
    const kinds = new Set(cases.map(({ name }) => name.split('/')[0]))
    expect([...kinds].sort()).toEqual(['cdk-python', 'cdk-typescript', 'cloudformation', 'sam', 'terraform'])
    for (const one of cases) expect([one.name, one.exact !== undefined]).toEqual([one.name, one.draft === undefined])
  })
})

describe('every edit', () => {
  /** A single statement becomes a list, one value two, or JSON that is on one line gets a comma. */
  const CHANGES_A_LINE = [
    'cloudformation/single-statement',
    'cloudformation/baseline',
    'sam/one-policy',
    'terraform/trust-condition-value',
    'cloudformation/value-in-a-condition',
    'cloudformation/sub-in-json',
    'sam/json',
    'terraform/one-line',
  ]

  it.each(exactCases.map(one => [one.name, one] as const))('adds lines and takes none away: %s', (name, one) => {
    for (const { before, after } of editsOf(one)) {
      const removed = diffLines(before, after).filter(part => part.removed)
      expect(removed.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(CHANGES_A_LINE.includes(name) ? 1 : 0)
    }
  })
})

describe('Terraform, as HashiCorp reads it', () => {
  it.each(ofKind('terraform/'))('%s', async (_, one) => {
    for (const { file, before, after } of editsOf(one)) {
      if (!file.endsWith('.tf')) continue
      const was = await parseHcl(file, before)
      const now = await parseHcl(file, after)
      const roles = await rolesIn(one)
      const statements = await statementsIn(now, roles)
      const old = await statementsIn(was, roles)
      for (const wanted of addedBy(one)) {
        expect(statements.filter(read => same(read, wanted))).toHaveLength(1)
        expect(old.filter(read => same(read, wanted))).toHaveLength(0)
      }
      expect(statements).toHaveLength(old.length + addedBy(one).length)
    }
  })

  /** ARNs of roles that are written as text, by `aws_iam_role.task.arn`. */
  async function rolesIn(one: CodeCase): Promise<ReadonlyMap<string, string>> {
    const arns = new Map<string, string>()
    for (const [file, text] of Object.entries(one.files).filter(([name]) => name.endsWith('.tf'))) {
      const roles = (await parseHcl(file, text))['resource']?.['aws_iam_role'] ?? {}
      for (const [label, [role]] of Object.entries(roles) as [string, [{ name: string; path?: string }]][])
        arns.set(`\${aws_iam_role.${label}.arn}`, `arn:aws:iam::${ACCOUNT}:role${role.path ?? '/'}${role.name}`)
    }
    return arns
  }

  /** Statements of `jsonencode`, of heredocs and of data documents. */
  async function statementsIn(parsed: unknown, roles: ReadonlyMap<string, string>): Promise<readonly unknown[]> {
    const found: unknown[] = []
    for (const value of within(parsed)) {
      if (typeof value === 'string') found.push(...(await statementsOfText(value, roles)))
      const blocks = typeof value === 'object' && value !== null && 'statement' in value ? value.statement : []
      if (Array.isArray(blocks)) found.push(...blocks.map(asStatement))
    }
    return found
  }

  async function statementsOfText(text: string, roles: ReadonlyMap<string, string>): Promise<readonly unknown[]> {
    const encoded = /^\$\{jsonencode\(([\s\S]*)\)\}$/.exec(text)?.[1]
    const document = encoded === undefined ? asJson(text) : (await parseHcl('x.tf', `x = ${encoded}`))['x']
    const list = document?.Statement
    const known = JSON.parse(
      JSON.stringify(list ?? []).replaceAll(/\$\{aws_iam_role\.\w+\.arn\}/g, name => roles.get(name) ?? name),
    )
    return Array.isArray(known) ? known : [known]
  }

  function asJson(text: string): { Statement?: unknown } | null {
    try {
      // Quotes inside an interpolation are not part of the JSON.
      const value = JSON.parse(text.replaceAll(/\$\{[^}]*\}/g, 'open'))
      return typeof value === 'object' ? value : null
    } catch {
      return null
    }
  }

  type DataBlock = {
    [key: string]: unknown
    principals?: { type: string; identifiers: string[] }[]
    condition?: { test: string; variable: string; values: string[] }[]
  }
  function asStatement(block: DataBlock): unknown {
    return {
      Effect: block['effect'] ?? 'Allow',
      ...(block['sid'] === undefined ? {} : { Sid: block['sid'] }),
      Action: block['actions'],
      ...(block['resources'] === undefined ? {} : { Resource: block['resources'] }),
      ...(block.principals === undefined
        ? {}
        : { Principal: Object.fromEntries(block.principals.map(one => [one.type, one.identifiers])) }),
      ...(block.condition === undefined
        ? {}
        : { Condition: Object.fromEntries(block.condition.map(one => [one.test, { [one.variable]: one.values }])) }),
    }
  }
})

describe('templates, as a plain YAML reader reads them', () => {
  const templates = [...ofKind('cloudformation/'), ...ofKind('sam/')].filter(([name]) => !name.includes('condition'))
  it.each(templates)('%s', (_, one) => {
    const added = addedBy(one)
    const edits = editsOf(one)
    expect(edits).toHaveLength(1)
    for (const { before, after } of edits) {
      const [was, now] = [plainYaml(before), plainYaml(after)]
      for (const wanted of added) expect([...within(now)].filter(value => same(value, wanted))).toHaveLength(1)
      expect(without(now, added)).toEqual(without(was, added))
    }
  })

  const plainYaml = (text: string): unknown => parseYaml(text, { logLevel: 'silent' })

  /** What remains without the statements, and without containers that become empty. */
  function without(value: unknown, statements: readonly Statement[]): unknown {
    if (Array.isArray(value)) {
      const items = value
        .filter(item => !statements.some(one => same(item, one)))
        .map(item => without(item, statements))
        .filter(item => !isEmptyPolicy(item))
      return items.length === 1 && value !== items ? items[0] : items
    }
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value)
      .map(([key, member]) => [key, without(member, statements)] as const)
      .filter(([key, member]) => !(key === 'Policies' && Array.isArray(member) && member.length === 0))
    return Object.fromEntries(members)
  }

  const isEmptyPolicy = (item: unknown): boolean => {
    if (typeof item !== 'object' || item === null) return false
    const document =
      'PolicyDocument' in item && 'PolicyName' in item && item.PolicyName === 'rolemedic' ? item.PolicyDocument : item
    return JSON.stringify(document) === '{"Version":"2012-10-17","Statement":[]}'
  }
})
