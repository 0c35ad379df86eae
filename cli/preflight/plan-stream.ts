/** Streams a Terraform plan from its file, because it can be too large for memory. */

import { createReadStream } from 'node:fs'
import { JSONParser } from '@streamparser/json'
import type { PlanPiece, PlanReader } from '../../iac/needs/index.ts'
import { UnreadableSource } from '../../iac/source/index.ts'
import { maxUnpacked, plainBytes, TooLargeGzip } from '../files/plain-bytes.ts'

/** The maximum nesting depth of modules. */
const MAX_MODULES = 12

const depths = Array.from({ length: MAX_MODULES }, (_, depth) => depth)

/** Everything else of the document is tokenized and discarded. */
const PATHS = [
  '$.format_version',
  '$.variables',
  '$.resource_changes.*',
  '$.configuration.provider_config',
  ...depths.map(depth => `$.planned_values.root_module${'.child_modules.*'.repeat(depth)}.resources.*`),
  ...depths.flatMap(depth => {
    const module = `$.configuration.root_module${'.module_calls.*.module'.repeat(depth)}`
    return [`${module}.resources.*`, `${module}.outputs`, `${module}.module_calls.*.expressions`]
  }),
]

const NEWLINE = 0x0a

export async function readPlan(file: string, reader: PlanReader, progress: (bytes: number) => void): Promise<void> {
  let line = 1
  const parser = new JSONParser({ paths: PATHS, keepStack: false })
  parser.onValue = ({ value, key, stack }) => {
    const keys = [...stack.slice(1).map(entry => String(entry.key)), String(key)]
    const piece = pieceOf(keys, value)
    if (piece !== null) reader.take(piece)
  }
  const broken = (fault: Error): never => {
    if (fault instanceof UnreadableSource) throw fault
    throw new UnreadableSource(file, line, `this is not the JSON of a Terraform plan: ${whatIsWrong(fault)}`)
  }
  parser.onError = broken
  let bytes = 0
  for await (const chunk of chunksOf(file)) {
    bytes += chunk.length
    progress(bytes)
    for (const row of rowsOf(chunk)) {
      try {
        parser.write(row)
      } catch (fault) {
        broken(fault as Error)
      }
      if (row.at(-1) === NEWLINE) line += 1
    }
  }
  if (!parser.isEnded)
    throw new UnreadableSource(file, line, 'this is not the JSON of a Terraform plan: it ends too early')
}

/** Feeds the parser line by line, so that an error has its line number. */
function* rowsOf(chunk: Uint8Array): Generator<Uint8Array> {
  let start = 0
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
    yield chunk.subarray(start, end + 1)
    start = end + 1
  }
  if (start < chunk.length) yield chunk.subarray(start)
}

function whatIsWrong({ message }: Error): string {
  const found = /^Unexpected "(.)" at/su.exec(message)?.[1]
  if (found !== undefined) return `unexpected ${JSON.stringify(found)}`
  const token = /^Unexpected (\w+) \((.*)\) in state (\w+)/s.exec(message)
  return token === null ? 'it is broken here' : `unexpected ${token[2]?.slice(0, 40)}`
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* plainBytes(createReadStream(file, { highWaterMark: 1 << 18 }), { maxUnpackedBytes: maxUnpacked })
  } catch (fault) {
    if (fault instanceof TooLargeGzip) throw new UnreadableSource(file, null, fault.message)
    const isDamaged = String((fault as NodeJS.ErrnoException).code).startsWith('Z_')
    throw isDamaged ? new UnreadableSource(file, null, 'damaged gzip') : fault
  }
}

function pieceOf(keys: readonly string[], value: unknown): PlanPiece | null {
  const [top = ''] = keys
  switch (top) {
    case 'format_version':
      return { kind: 'format-version', value }
    case 'variables':
      return { kind: 'variables', value }
    case 'resource_changes':
      return { kind: 'resource-change', value }
    case 'planned_values':
      return { kind: 'planned-resource', value }
    case 'configuration': {
      const modules = keys.flatMap((key, index) => (keys[index - 1] === 'module_calls' ? [key] : []))
      const last = keys.at(-1) ?? ''
      const part = keys.at(-2) === 'resources' ? 'resources' : last
      return { kind: 'configuration', modules, part, value }
    }
    default:
      return null
  }
}
