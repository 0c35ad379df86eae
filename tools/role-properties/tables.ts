import { readFileSync } from 'node:fs'

/** One row of the tables in this folder: the call that takes the role at `path`, or `-` with a reason if no call passes it. */
export type RoleCallRow = {
  readonly type: string
  /** `*`: every property of the type that is or looks like a role. */
  readonly path: string
  readonly operation: string
  /** Empty: at most one service is published for the operation. */
  readonly service: string
  readonly note: string
}

export function readDecisions(file: string): readonly RoleCallRow[] {
  const [, ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => {
    const [type = '', path = '', operation = '', service = '', note = ''] = line.split('\t')
    return { type, path, operation, service, note }
  })
}
