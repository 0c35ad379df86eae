import { describe, expect, it } from 'vitest'
import { loadParsers } from '../../functions/adapters/syntax/parsers.ts'
import { descendants, isBroken, type Language } from '../../iac/edit/syntax-node.ts'

const { parse } = await loadParsers()

const TEXTS: readonly (readonly [Language, string])[] = [
  ['hcl', '# ünï 😀\nresource "aws_iam_role" "task" {\n  name = "orders-task"\n}\n'],
  ['typescript', "// ünï 😀\nconst role = new iam.Role(this, 'Task', { roleName: 'orders-task' })\n"],
  ['python', "# ünï 😀\nrole = iam.Role(self, 'Task', role_name='orders-task')\n"],
]

describe('the parsers', () => {
  it.each(TEXTS)('give every token of %s with its place in UTF-16 units', (language, text) => {
    const root = parse(language, text)
    if (root === null) throw new Error('not parsed')
    const leaves = [...descendants(root)].filter(node => node.children.length === 0)
    const covered = leaves.map(({ start, end }) => text.slice(start, end))
    expect(covered.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
    expect(covered).toContain(language === 'hcl' ? 'resource' : 'role')
    expect(isBroken(root)).toBe(false)
  })

  it.each(['hcl', 'typescript', 'python'] as const)('mark what is not %s', language => {
    const root = parse(language, 'resource "a" ( {{{ = \n  def ]')
    expect(root === null || isBroken(root)).toBe(true)
  })

  it.each(['hcl', 'typescript', 'python'] as const)('give up on a text of %s that nests without end', language => {
    const deep = `x = ${'['.repeat(5_000)}1${']'.repeat(5_000)}`
    expect(parse(language, deep)).toBeNull()
    expect(parse(language, 'x = 1\n')).not.toBeNull()
  })
})
