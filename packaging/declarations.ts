/** TypeScript types of the JSON outputs, from their JSON Schemas. */
import { z } from 'zod'
import { OUTPUT_NAMES, outputJsonSchema } from '../cli/outputs/outputs.ts'

type JsonSchema = {
  readonly type?: string | readonly string[] | undefined
  readonly const?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly anyOf?: readonly JsonSchema[] | undefined
  readonly properties?: { readonly [name: string]: JsonSchema } | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: JsonSchema | undefined
  readonly additionalProperties?: JsonSchema | boolean | undefined
  readonly description?: string | undefined
}

const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.optional(z.union([z.string(), z.array(z.string())])),
    const: z.optional(z.unknown()),
    enum: z.optional(z.array(z.unknown())),
    anyOf: z.optional(z.array(jsonSchema)),
    properties: z.optional(z.record(z.string(), jsonSchema)),
    required: z.optional(z.array(z.string())),
    items: z.optional(jsonSchema),
    additionalProperties: z.optional(z.union([z.boolean(), jsonSchema])),
    description: z.optional(z.string()),
  }),
)

export function outputDeclarations(): string {
  const types = OUTPUT_NAMES.map(name => {
    const schema = jsonSchema.parse(outputJsonSchema(name))
    return `/** ${schema.description} */\nexport type ${typeName(name)} = ${typeOf(schema, '')}\n`
  })
  return `// The JSON that rolemedic prints. Later versions may add members and values.\n\n${types.join('\n')}`
}

export const typeName = (name: string): string =>
  `${name
    .split('-')
    .map(word => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('')}Output`

function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(one => typeOf(one, indent)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const { type } = schema
  if (typeof type === 'object') return type.map(one => typeOf({ ...schema, type: one }, indent)).join(' | ')
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return `ReadonlyArray<${typeOf(schema.items ?? {}, indent)}>`
    case 'object':
      return objectType(schema, indent)
    case undefined:
      return 'unknown'
    default:
      throw new Error(`no type for ${type}`)
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const inner = `${indent}  `
  const members = Object.entries(properties).map(([name, one]) => {
    const about = one.description === undefined ? '' : `${inner}/** ${one.description} */\n`
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name)
    return `${about}${inner}readonly ${key}${required.includes(name) ? '' : '?'}: ${typeOf(one, inner)}\n`
  })
  if (members.length === 0) {
    const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown'
    return `{ readonly [name: string]: ${values} }`
  }
  // Records of later versions have further members.
  const others = typeof additionalProperties === 'object' ? `${inner}readonly [other: string]: unknown\n` : ''
  return `{\n${members.join('')}${others}${indent}}`
}
