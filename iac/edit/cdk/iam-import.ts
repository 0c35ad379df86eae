/** The name of the IAM module in a file, or the import line to add. */
import { childOfType, childrenOfType, descendants, fieldOf, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import type { CodeLanguage } from './code-values.ts'
import { literalValue } from './code-values.ts'

export type IamImport = {
  /** The text for a class of IAM, such as `iam.PolicyStatement`. Null: the file has no name for it. */
  readonly nameOf: (member: string) => string | null
  readonly lastImport: SyntaxNode | null
  readonly isVersion1: boolean
}

export function iamImport(root: SyntaxNode, text: string, language: CodeLanguage): IamImport {
  return language === 'python' ? pythonImport(root, text) : typescriptImport(root, text)
}

const V2 = 'aws-cdk-lib'
const SUBMODULE = /^(?:aws-cdk-lib\/aws-iam|@aws-cdk\/aws-iam)$/

function typescriptImport(root: SyntaxNode, text: string): IamImport {
  const imports = childrenOfType(root, 'import_statement')
  const modules: string[] = []
  const members = new Map<string, string>()
  let isVersion1 = false
  for (const one of imports) {
    const required = childOfType(one, 'import_require_clause')
    const source = String(literalValue(fieldOf(required ?? one, 'source'), text))
    if (source.startsWith('@aws-cdk/')) isVersion1 = true
    const clause = childOfType(one, 'import_clause')
    const whole =
      childOfType(childOfType(clause, 'namespace_import'), 'identifier') ?? childOfType(required, 'identifier')
    const name = syntaxText(whole, text)
    if (name !== '' && SUBMODULE.test(source)) modules.push(name)
    if (name !== '' && source === V2) modules.push(`${name}.aws_iam`)
    for (const specifier of childrenOfType(childOfType(clause, 'named_imports'), 'import_specifier')) {
      const imported = syntaxText(fieldOf(specifier, 'name'), text)
      const local = syntaxText(fieldOf(specifier, 'alias') ?? fieldOf(specifier, 'name'), text)
      if (SUBMODULE.test(source)) members.set(imported, local)
      if (source === V2 && imported === 'aws_iam') modules.unshift(local)
    }
  }
  return { nameOf: naming(modules, members), lastImport: imports.at(-1) ?? null, isVersion1 }
}

function pythonImport(root: SyntaxNode, text: string): IamImport {
  const imports = root.children.filter(({ type }) => type === 'import_statement' || type === 'import_from_statement')
  const modules: string[] = []
  const members = new Map<string, string>()
  for (const one of imports) {
    const from = syntaxText(fieldOf(one, 'module_name'), text)
    for (const name of one.children.filter(({ field }) => field === 'name')) {
      const imported = syntaxText(name.type === 'aliased_import' ? fieldOf(name, 'name') : name, text)
      const local = name.type === 'aliased_import' ? syntaxText(fieldOf(name, 'alias'), text) : imported
      if (one.type === 'import_statement' && imported === 'aws_cdk.aws_iam') modules.push(local)
      if (one.type === 'import_statement' && imported === 'aws_cdk') modules.push(`${local}.aws_iam`)
      if (from === 'aws_cdk' && imported === 'aws_iam') modules.unshift(local)
      if (from === 'aws_cdk.aws_iam') members.set(imported, local)
    }
  }
  return { nameOf: naming(modules, members), lastImport: imports.at(-1) ?? null, isVersion1: false }
}

/** Prefers a name for the IAM module itself over a name for an enclosing module. */
function naming(modules: readonly string[], members: ReadonlyMap<string, string>): IamImport['nameOf'] {
  const direct = modules.find(name => !name.includes('.')) ?? modules[0]
  return member => members.get(member) ?? (direct === undefined ? null : `${direct}.${member}`)
}

const NAMES = new Set(['identifier', 'type_identifier'])

/** True when the file already uses the name, also for a class or a type. */
export function usesName(root: SyntaxNode, text: string, name: string): boolean {
  for (const node of descendants(root)) if (NAMES.has(node.type) && syntaxText(node, text) === name) return true
  return false
}
