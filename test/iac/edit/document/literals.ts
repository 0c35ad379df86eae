/** The values of a text, as an edit reads them. Null: the text cannot be read. */
import type { Literal } from '../../../../iac/edit/document/literal.ts'
import { literalOf } from '../../../../iac/edit/document/source-literal.ts'
import { type JsonPart, readJsonSource } from '../../../../iac/source/json-source.ts'
import { readable } from '../../../../iac/source/source-node.ts'
import { readYamlSource } from '../../../../iac/source/yaml-source.ts'

export function jsonLiteral({
  file,
  text,
  ...part
}: { readonly file: string; readonly text: string } & JsonPart): Literal | null {
  const source = readable(() => readJsonSource(file, text, part))
  return source === null ? null : literalOf({ path: file, text }, source)
}

export function yamlLiteral(file: string, text: string): Literal | null {
  const source = readable(() => readYamlSource(file, text))
  return source === null ? null : literalOf({ path: file, text }, source)
}
