/** Streams a Terraform plan from its file, because it can be too large for memory. */

import { createReadStream } from 'node:fs'
import { type JsonPlace, jsonScanner, NotJson } from '../../../core/base/index.ts'
import type { PlanPiece, PlanReader } from '../../../iac/needs/index.ts'
import { UnreadableSource } from '../../../iac/source/index.ts'
import { maxUnpacked, plainBytes, TooLargeGzip } from '../../files/plain-bytes.ts'

/** Terraform writes no plan with more. */
const MAX_MODULES = 100

const VALUE: JsonPlace = { piece: [] }
const VARIABLES: JsonPlace = { piece: [] }
const VERSION: JsonPlace = { piece: [] }
const CHANGE: JsonPlace = { piece: [] }
const PLANNED: JsonPlace = { piece: [] }
const CONFIGURED: JsonPlace = { piece: [] }
const ERRORED: JsonPlace = { piece: [] }
const DEFERRED: JsonPlace = { piece: [] }

const plannedModule: JsonPlace = {
  get members() {
    return { resources: { items: PLANNED }, child_modules: { items: plannedModule } }
  },
}
const configuredModule: JsonPlace = {
  get members() {
    const called = { members: { expressions: VALUE, module: configuredModule } }
    return { resources: { items: CONFIGURED }, outputs: VALUE, module_calls: { others: called } }
  },
}
/** Everything else of the document is only checked. */
const PLAN: JsonPlace = {
  members: {
    ...{ format_version: VERSION, variables: VARIABLES, resource_changes: { items: CHANGE } },
    ...{ errored: ERRORED, deferred_changes: { items: DEFERRED } },
    planned_values: { members: { root_module: plannedModule } },
    configuration: { members: { provider_config: VALUE, root_module: configuredModule } },
  },
}

const NEWLINE = 0x0a

/** `chunks`: the content of the file, or of a given text. */
export async function readPlan(
  file: string,
  reader: PlanReader,
  progress: (bytes: number) => void,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = chunksOf(file),
): Promise<void> {
  const scanner = jsonScanner(PLAN, {
    onPiece: ({ text }, place, path) => reader.take(pieceAt(file, place, path, JSON.parse(text.toString()))),
  })
  let bytes = 0
  let line = 1
  const fail = (fault: unknown, chunk: Uint8Array): never => {
    if (!(fault instanceof NotJson)) throw fault
    const at = line + linesIn(chunk.subarray(0, fault.byte - bytes))
    throw new UnreadableSource(file, at, `this is not the JSON of a Terraform plan: ${whatIsWrong(fault)}`)
  }
  for await (const chunk of chunks) {
    progress(bytes + chunk.length)
    try {
      scanner.push(chunk)
    } catch (fault) {
      fail(fault, chunk)
    }
    bytes += chunk.length
    line += linesIn(chunk)
  }
  try {
    scanner.end()
  } catch (fault) {
    fail(fault, new Uint8Array())
  }
}

function linesIn(chunk: Uint8Array): number {
  let lines = 0
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1
  return lines
}

function whatIsWrong({ why, found }: NotJson): string {
  switch (why) {
    case 'empty':
    case 'cut':
      return 'it ends too early'
    case 'deep':
      return 'it nests too deeply'
    case 'large':
      return 'one value of it is too large'
    default:
      return `unexpected ${JSON.stringify(found)}`
  }
}

function pieceAt(file: string, place: JsonPlace, path: () => readonly string[], value: unknown): PlanPiece {
  switch (place) {
    case VERSION:
      return { kind: 'format-version', value }
    case VARIABLES:
      return { kind: 'variables', value }
    case CHANGE:
      return { kind: 'resource-change', value }
    case PLANNED:
      return { kind: 'planned-resource', value }
    case ERRORED:
      return { kind: 'errored', value }
    case DEFERRED:
      return { kind: 'deferred-change', value }
    default: {
      const keys = path()
      const modules = keys.flatMap((key, index) => (keys[index - 1] === 'module_calls' ? [key] : []))
      if (modules.length > MAX_MODULES)
        throw new UnreadableSource(file, null, `its modules nest more than ${MAX_MODULES} deep`)
      return { kind: 'configuration', modules, part: keys.at(-1) ?? '', value }
    }
  }
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
