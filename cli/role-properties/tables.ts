import { readFileSync } from 'node:fs'

/** One row of the tables beside this file: which call takes the role at `path`. `-`: no call passes it, and why. */
export type Decision = {
  readonly type: string
  /** `*`: every property of the type that is or looks like a role. */
  readonly path: string
  readonly operation: string
  /** Empty where the operation is published with one service, or with none. */
  readonly service: string
  readonly note: string
}

export function readDecisions(file: string): readonly Decision[] {
  const [, ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => {
    const [type = '', path = '', operation = '', service = '', note = ''] = line.split('\t')
    return { type, path, operation, service, note }
  })
}
