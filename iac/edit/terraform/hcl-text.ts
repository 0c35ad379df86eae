/**
 * Values in the layout of `terraform fmt`.
 * https://developer.hashicorp.com/terraform/language/style
 */
import { bracketDialect } from '../document/brackets.ts'
import type { Dialect } from '../document/document-site.ts'

/** Texts that an expression of the same module can replace, such as a role's ARN by `aws_iam_role.task.arn`. */
export type References = ReadonlyMap<string, string>

export function hclDialect(textOf: (file: string) => string, references: References): Dialect {
  return bracketDialect(textOf, {
    render: (value, indent) => hclText(value, indent, references),
    inline: value => inlineHcl(value, references),
    step: '  ',
    trailingComma: false,
  })
}

export function hclText(value: unknown, indent: string, references: References): string {
  if (typeof value !== 'object' || value === null) return hclScalar(value, references)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every(item => typeof item !== 'object')) return inlineHcl(value, references)
    return `[\n${value.map(item => `${inner}${hclText(item, inner, references)}`).join(',\n')}\n${indent}]`
  }
  const lines = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => ({ name: hclKey(key), value: hclText(member, inner, references) }))
  return `{\n${alignedLines(lines, inner)}\n${indent}}`
}

/**
 * Aligns `=` of consecutive lines. A value of several lines is not aligned and starts a new group.
 * https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go
 */
export function alignedLines(
  lines: readonly { readonly name: string; readonly value: string }[],
  indent: string,
): string {
  const written: string[] = []
  for (let at = 0; at < lines.length; ) {
    let end = at
    while (lines[end]?.value.includes('\n') === false) end++
    const group = lines.slice(at, Math.max(end, at + 1))
    const width = Math.max(...group.map(({ name }) => name.length))
    for (const { name, value } of group) written.push(`${indent}${name.padEnd(width)} = ${value}`)
    at += group.length
  }
  return written.join('\n')
}

function inlineHcl(value: unknown, references: References): string {
  if (typeof value !== 'object' || value === null) return hclScalar(value, references)
  if (Array.isArray(value)) return `[${value.map(item => inlineHcl(item, references)).join(', ')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${hclKey(key)} = ${inlineHcl(member, references)}`)
  return `{ ${members.join(', ')} }`
}

const hclScalar = (value: unknown, references: References): string =>
  typeof value === 'string' ? (references.get(value) ?? hclString(value)) : String(value)

const hclKey = (key: string): string => (/^[A-Za-z_][\w-]*$/.test(key) ? key : hclString(key))

/** Escapes `${` and `%{`, which HCL would interpolate. IAM policy variables have the same form. */
export const hclString = (text: string): string =>
  JSON.stringify(text).replace(/[$%]\{/g, opening => `${opening.charAt(0)}${opening}`)
