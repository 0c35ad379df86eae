/** A template for editing: what `preflight` reads, and how the file writes values. */

import type { Target } from '../../../core/patch/index.ts'
import {
  type IntrinsicsScope,
  isJson,
  openScope,
  readable,
  readSource,
  type SourceNode,
  templateOf,
  worthOf,
} from '../../source/index.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { jsonDialect, jsonLiteralText, stepOf } from '../document/json-dialect.ts'
import type { Literal } from '../document/literal.ts'
import { literalOf } from '../document/source-literal.ts'
import { jsonTemplateDialect, type TemplateDialect, yamlDialect } from '../document/yaml-dialect.ts'
import { hasStacks } from './may-make.ts'

export type TemplateText = {
  readonly file: string
  readonly text: string
  readonly dialect: TemplateDialect
  readonly scope: IntrinsicsScope
}

export type Deploy = { readonly accountId: string; readonly partition: string; readonly stackName: string | null }

export const targetDeploy = ({ accountId, arn }: Target, { stackName }: EntityHints): Deploy => ({
  ...{ accountId, stackName },
  partition: arn.split(':')[1] ?? 'aws',
})

/** The value of a node that holds in every stack. Null: the node does not exist. */
export function literalIn({ file, text, scope }: TemplateText, node: SourceNode | undefined): Literal | null {
  return node === undefined ? null : literalOf({ path: file, text }, node, inner => worthOf(scope, inner))
}

/**
 * The templates among the files, and those with roles that cannot be read. Skips CDK assemblies, because their source is the code.
 * `mayMake`: which texts are looked at; the templates that these nest are read too.
 */
export function readTemplates(
  files: readonly SourceFile[],
  deploy: Deploy,
  mayMake: (text: string) => boolean = () => true,
): { readonly templates: readonly TemplateText[]; readonly broken: readonly string[] } {
  const templates: TemplateText[] = []
  const broken: string[] = []
  const all = files.filter(isTemplate)
  const wanted = new Set(all.filter(({ text }) => mayMake(text)))
  const nested = new Set(
    [...wanted].filter(({ text }) => hasStacks(text)).flatMap(({ text }) => text.match(/[\w-]+/g) ?? []),
  )
  for (const file of all) {
    if (!wanted.has(file) && !nested.has(/([\w-]*)\.[^/]*$/.exec(file.path)?.[1] ?? '')) continue
    const read = readOnce(file, deploy)
    if (read !== null) templates.push(read)
    else if (/AWS::(?:IAM|Serverless)::/.test(file.text)) broken.push(file.path)
  }
  return { templates, broken }
}

const isTemplate = ({ path, text }: SourceFile): boolean =>
  /\.(?:ya?ml|json|template)$/.test(path) &&
  /AWS::/.test(text) &&
  !/(?:^|\/)(?:cdk\.out|\.aws-sam)\//.test(path) &&
  /["']?Resources["']?\s*:/.test(text)

/** By file, so that an edit of one file does not parse the others again. */
const texts = new WeakMap<SourceFile, { readonly deploy: string; readonly read: TemplateText | null }>()

function readOnce(file: SourceFile, deploy: Deploy): TemplateText | null {
  const key = JSON.stringify(deploy)
  const before = texts.get(file)
  if (before?.deploy === key) return before.read
  const read = readable(() => templateText(file, deploy))
  texts.set(file, { deploy: key, read })
  return read
}

function templateText({ path, text }: SourceFile, deploy: Deploy): TemplateText {
  const root = readSource(path, text)
  const template = templateOf(path, root)
  const dialect = isJson(text) ? jsonTemplate(text) : yamlDialect(text, root)
  return { file: path, text, dialect, scope: openScope(template, deploy) }
}

function jsonTemplate(text: string): TemplateDialect {
  const step = stepOf(text)
  const dialect = jsonDialect(() => text, step)
  return jsonTemplateDialect(dialect, text, (value, indent) => jsonLiteralText(value, indent, step))
}
