/** The values of CDK source that are certain without running it, and what remains open. */
import { describe, expect, it } from 'vitest'
import { changesAs } from '../../../../core/patch/export/code.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { loadParsers } from '../../../../functions/adapters/syntax/parsers.ts'
import { type CodeLanguage, literalValue } from '../../../../iac/edit/cdk/code-values.ts'
import { pythonSnippet } from '../../../../iac/edit/cdk/python-snippet.ts'
import { statementValue } from '../../../../iac/edit/cdk/statement-code.ts'
import { descendants } from '../../../../iac/edit/syntax-node.ts'
import { changesOf } from '../code-case.ts'

const parsers = await loadParsers()

/** The node of this expression: the value that is assigned to `x`. */
function valueNode(language: CodeLanguage, expression: string) {
  const text = language === 'python' ? `x = ${expression}\n` : `x = ${expression};\n`
  const root = parsers.parse(language, text)
  const node = root === null ? undefined : [...descendants(root)].find(({ field }) => field === 'right')
  if (node === undefined) throw new Error(`no value: ${expression}`)
  return { node, text }
}
const worth = (language: CodeLanguage, expression: string): unknown => {
  const { node, text } = valueNode(language, expression)
  return literalValue(node, text)
}

describe('a value in TypeScript', () => {
  it.each<[string, unknown]>([
    ["'a'", 'a'],
    ['"a\\n\\t\\\\b"', 'a\n\t\\b'],
    ['`a`', 'a'],
    ['`a${b}`', undefined],
    ["'\\x41'", undefined],
    ['5', 5],
    ['0.5', 0.5],
    ['5n', undefined],
    ['true', true],
    ['false', false],
    ['null', undefined],
    ["('a')", 'a'],
    ["(/* why */ 'a')", undefined],
    ["[ /* first */ 'a', 1, // last\n ]", ['a', 1]],
    ["['a', b]", undefined],
    ["['a', ...b]", undefined],
    ["{ a: 1, 'b-c': { d: [true] } /* last */ }", { a: 1, 'b-c': { d: [true] } }],
    ['{ a: b }', undefined],
    ['{ a }', undefined],
    ['{ ...a }', undefined],
    ['{ a() {} }', undefined],
    ['{ [a]: 1 }', undefined],
    ['{ 1: 1 }', undefined],
    ['{ a: 1, a: 2 }', undefined],
    ['{ a: { ...b } }', undefined],
    ['{ "__proto__": 1 }', JSON.parse('{ "__proto__": 1 }')],
    ['new A()', undefined],
    ['a()', undefined],
    ['a', undefined],
  ])('is what it says: %s', (expression, value) => {
    expect(worth('typescript', expression)).toEqual(value)
  })
})

describe('a value in Python', () => {
  it.each<[string, unknown]>([
    ['"a"', 'a'],
    ['"a\\n\\t\\\\b"', 'a\n\t\\b'],
    ['"""a"""', 'a'],
    ['f"a"', undefined],
    ['f"a{b}"', undefined],
    ['"\\x41"', undefined],
    ['5', 5],
    ['0.5', 0.5],
    ['1_000', undefined],
    ['True', true],
    ['False', false],
    ['None', undefined],
    ['["a", 1]', ['a', 1]],
    ['["a", b]', undefined],
    ['["a", *b]', undefined],
    ['{"a": {"b": [True]}}', { a: { b: [true] } }],
    ['{"a": b}', undefined],
    ['{**a}', undefined],
    ['{a: 1}', undefined],
    ['{"a": 1, "a": 2}', undefined],
    ['{"a": {**b}}', undefined],
    ['{"__proto__": {"a": 1}}', JSON.parse('{ "__proto__": { "a": 1 } }')],
  ])('is what it says: %s', (expression, value) => {
    expect(worth('python', expression)).toEqual(value)
  })
})

describe('a statement that the source makes', () => {
  const read = (language: CodeLanguage, expression: string): unknown => {
    const { node, text } = valueNode(language, expression)
    return statementValue(node, text, { language, nameOf: name => `iam.${name}` })
  }
  const PASS = { Effect: 'Allow', Sid: 'A', Action: ['iam:PassRole'], Resource: ['*'] }

  it.each<[string, unknown]>([
    ["new iam.PolicyStatement({ sid: 'A', actions: ['iam:PassRole'], resources: ['*'] })", PASS],
    ["new iam.PolicyStatement(/* why */ { sid: 'A', actions: ['iam:PassRole'], resources: ['*'] })", PASS],
    ["new iam.PolicyStatement({ sid: 'A', actions: ['iam:PassRole'], resources: ['*'] }, 1)", null],
    ['new iam.PolicyStatement()', null],
    ["new iam.PolicyStatement('A')", null],
    ["new iam.PolicyStatement({ sid: 'A', ...more })", null],
    ["new iam.PolicyStatement({ sid: 'A', effect: iam.Effect.DENY })", null],
    ['new iam.PolicyStatement({ sid: name })', null],
    ["new iam.PolicyStatement({ sid: 'A', other: 'B' })", null],
    ["new iam.Policy({ sid: 'A' })", null],
    ["iam.PolicyStatement({ sid: 'A' })", null],
    [
      "new iam.PolicyStatement({ notActions: ['a'], notResources: ['b'], conditions: { Bool: { k: true } } })",
      { Effect: 'Allow', NotAction: ['a'], NotResource: ['b'], Condition: { Bool: { k: true } } },
    ],
    [
      "new iam.PolicyStatement({ principals: [new iam.ArnPrincipal('a'), new iam.ArnPrincipal('b' /* why */), new iam.ServicePrincipal('s'), new iam.FederatedPrincipal('f', {})] })",
      { Effect: 'Allow', Principal: { AWS: ['a', 'b'], Service: ['s'], Federated: ['f'] } },
    ],
    ['new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()] })', null],
    ["new iam.PolicyStatement({ principals: [new iam.AnyPrincipal('a')] })", null],
    ['new iam.PolicyStatement({ principals: [new iam.ArnPrincipal(name)] })', null],
    ['new iam.PolicyStatement({ principals: [new iam.ArnPrincipal(1)] })', null],
    ["new iam.PolicyStatement({ principals: [new iam.ArnPrincipal('a', 1)] })", null],
    ["new iam.PolicyStatement({ principals: [new iam.FederatedPrincipal('f')] })", null],
    ["new iam.PolicyStatement({ principals: [iam.ArnPrincipal('a')] })", null],
  ])('is read in TypeScript where it is certain: %s', (expression, statement) => {
    expect(read('typescript', expression)).toEqual(statement)
  })

  it.each<[string, unknown]>([
    ['iam.PolicyStatement(sid="A", actions=["iam:PassRole"], resources=["*"])', PASS],
    ['iam.PolicyStatement(sid="A", actions=["iam:PassRole"], resources=["*"], # why\n)', PASS],
    ['iam.PolicyStatement(sid="A", **more)', null],
    ['iam.PolicyStatement("A")', null],
    ['iam.PolicyStatement(sid=name)', null],
    ['iam.PolicyStatement(actions := ["iam:PassRole"])', null],
    ['iam.PolicyStatement(sid="A", other="B")', null],
    ['iam.Policy(sid="A")', null],
    [
      'iam.PolicyStatement(principals=[iam.FederatedPrincipal("f", {})], not_actions=["a"])',
      { Effect: 'Allow', Principal: { Federated: ['f'] }, NotAction: ['a'] },
    ],
    ['iam.PolicyStatement(principals=[iam.AnyPrincipal()])', null],
  ])('is read in Python where it is certain: %s', (expression, statement) => {
    expect(read('python', expression)).toEqual(statement)
  })
})

describe('the snippet for a CDK app in Python', () => {
  const changes = (on: string, more: object = {}): readonly PolicyChange[] =>
    changesOf({ name: '', about: '', source: '', files: {}, changes: [{ on, adds: ['pass'], ...more }] })
  const OLD = { Effect: 'Allow', Action: 's3:GetObject', Resource: ['a'] }

  it('adds the statement to the role, to the user, or to the trust policy', () => {
    expect(pythonSnippet(changes('role orders'))).toContain('\nrole.add_to_policy(iam.PolicyStatement(\n')
    expect(pythonSnippet(changes('user ci'))).toContain('\nuser.add_to_policy(iam.PolicyStatement(\n')
    expect(pythonSnippet(changes('trust orders', { before: [], adds: ['trust-ci'] }))).toContain(
      '\nrole.assume_role_policy.add_statements(iam.PolicyStatement(\n',
    )
    expect(pythonSnippet([...changes('role orders'), ...changes('user ci')]).split('# ')).toHaveLength(3)
  })

  it.each<[string, readonly PolicyChange[]]>([
    ['of a managed policy', changes('managed orders', { before: [OLD] })],
    [
      'of a permission set',
      changes('role orders').map(change => ({
        ...change,
        target: { ...change.target, kind: 'permission-set-inline-policy' as const },
      })),
    ],
    ['of a value in a list', changes('role orders', { before: [OLD], after: [{ ...OLD, Resource: ['a', 'b'] }] })],
    ['of a denial', changes('role orders', { adds: [{ ...OLD, Effect: 'Deny' }] })],
    [
      'of the version of a policy',
      changes('role orders').map(change => ({ ...change, before: { Version: '2008-10-17' as const, Statement: [] } })),
    ],
  ])('is in TypeScript for a change %s', (_, some) => {
    expect(pythonSnippet(some)).toBe(changesAs('cdk', some))
    expect(pythonSnippet([...changes('role orders'), ...some])).toBe(
      changesAs('cdk', [...changes('role orders'), ...some]),
    )
  })
})
