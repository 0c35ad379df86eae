import * as z from '../schema.ts'
import { configSchema } from './config.ts'

/** The configuration as JSON Schema, for editors: what may be written, not what it becomes with its defaults. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-07' })
  return `${JSON.stringify({ ...schema, title: 'rolemedic configuration' }, null, 2)}\n`
}
