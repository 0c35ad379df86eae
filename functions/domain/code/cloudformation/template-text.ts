/** A template with the place of every value, and its meaning as the other readers see it. */

import { holeText } from '../../source/role-text.ts'
import type { Scope } from '../../source/scope.ts'
import { UnreadableSource } from '../../source/source-node.ts'
import { readTemplate } from '../../source/template.ts'
import type { SourceFile } from '../code-change.ts'
import { jsonDialect, jsonText, stepOf } from '../document/json-dialect.ts'
import { readJsonLiteral } from '../document/json-literal.ts'
import { type Literal, memberOf } from '../document/literal.ts'
import { jsonTemplateDialect, type TemplateDialect, yamlDialect } from '../document/yaml-dialect.ts'
import { readYamlLiteral } from '../document/yaml-literal.ts'

export type TemplateText = {
  readonly file: string
  readonly text: string
  readonly resources: ReadonlyMap<string, ResourceText>
  readonly dialect: TemplateDialect
  readonly scope: Scope
}
export type ResourceText = {
  readonly logicalId: string
  readonly type: string
  /** Null where the template has none. */
  readonly properties: Literal | null
  readonly node: Literal
}

export type Deploy = { readonly accountId: string; readonly partition: string; readonly stackName: string | null }

/** The templates among the files, and those with roles that cannot be read. A CDK assembly is made from code, so it is no place for an edit. */
export function readTemplates(
  files: readonly SourceFile[],
  deploy: Deploy,
): { readonly templates: readonly TemplateText[]; readonly broken: readonly string[] } {
  const templates: TemplateText[] = []
  const broken: string[] = []
  for (const file of files) {
    if (!/\.(?:ya?ml|json|template)$/.test(file.path) || !/AWS::/.test(file.text)) continue
    if (/(?:^|\/)cdk\.out\//.test(file.path) || /(?:^|\/)\.aws-sam\//.test(file.path)) continue
    if (!/["']?Resources["']?\s*:/.test(file.text)) continue
    const read = readOnce(file, deploy)
    if (read !== null) templates.push(read)
    else if (/AWS::(?:IAM|Serverless)::/.test(file.text)) broken.push(file.path)
  }
  return { templates, broken }
}

/** An edit changes one file; the others are not parsed again. */
const texts = new WeakMap<SourceFile, { readonly deploy: string; readonly read: TemplateText | null }>()

function readOnce(file: SourceFile, deploy: Deploy): TemplateText | null {
  const key = JSON.stringify(deploy)
  const before = texts.get(file)
  if (before?.deploy === key) return before.read
  const read = templateText(file, deploy)
  texts.set(file, { deploy: key, read })
  return read
}

function templateText({ path, text }: SourceFile, deploy: Deploy): TemplateText | null {
  const isJson = /^\uFEFF?\s*\{/.test(text)
  const json = isJson ? readJsonLiteral({ file: path, text, start: 0, end: text.trimEnd().length }) : null
  const yaml = isJson ? null : readYamlLiteral(path, text)
  const root = json ?? yaml?.root ?? null
  const scope = scopeOf(path, text, deploy)
  if (root === null || scope === null) return null
  const step = stepOf(text)
  const dialect =
    yaml === null
      ? jsonTemplateDialect(
          jsonDialect(() => text, step),
          text,
          (value, indent) => jsonText(value, indent, step),
        )
      : yamlDialect(text, yaml)
  const resources = memberOf(root, 'Resources')
  const entries = resources?.kind === 'map' ? resources.entries : []
  return {
    file: path,
    text,
    scope,
    dialect,
    resources: new Map(
      entries.map(({ key, value }) => {
        const type = memberOf(value, 'Type')
        const name = type?.kind === 'scalar' ? String(type.value) : ''
        return [key, { logicalId: key, type: name, properties: memberOf(value, 'Properties'), node: value }]
      }),
    ),
  }
}

/** Parameters are open: a default is only one of the values that a stack may have. */
function scopeOf(file: string, text: string, { accountId, partition, stackName }: Deploy): Scope | null {
  try {
    const template = readTemplate(file, text)
    return {
      id: file,
      template,
      environment: { accountId, partition, region: null, stackName },
      given: new Map([...template.parameters.keys()].map(name => [name, [holeText(name, 'parameter')]])),
      exported: () => null,
      nested: new Map(),
      known: new Map(),
    }
  } catch (fault) {
    if (fault instanceof UnreadableSource) return null
    throw fault
  }
}
