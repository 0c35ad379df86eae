import { neutralText, UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { notes, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { JSON_FORM } from '../options.ts'
import { matchEvents } from '../use-cases/match/match.ts'

const NO_FILE = 'match takes one file, or - for standard input'

const OPTIONS = { json: JSON_FORM } as const satisfies Options

export const matchCommand = defineCommand({
  name: 'match',
  usage: [['rolemedic match FILE|- [--json]', '']],
  about: [
    'Which of the deployed EventBridge patterns an event matches. FILE holds events or records in any form that "rolemedic diagnose" reads, but no error text, which EventBridge never sees; a CloudTrail record without its EventBridge envelope is matched as CloudTrail would send it. One line per record.',
  ],
  operands: [['FILE', 'an event or a CloudTrail record; - is standard input']],
  subcommands: [],
  options: OPTIONS,
  examples: [{ run: 'rolemedic match event.json', about: 'a CloudTrail record', notRun: null }],
  exitCodes: [
    [0, 'a record matches'],
    [2, 'unreadable input'],
    [3, 'no record matches'],
  ],
  outputs: ['match'],
  noInput: NO_FILE,
  takes: 1,
  ask({ values: { json }, positionals: [file] }) {
    if (file === undefined) throw new UsageError(NO_FILE)
    return { file, json }
  },
  async answer({ file, json }, io) {
    const { found, notes: unread } = matchEvents(await readGiven(file, io))
    notes(unread, io)
    for (const { event, rules } of found) io.out(json ? jsonLine(event, rules) : textLine(event, rules))
    return found.some(({ rules }) => rules.length > 0) ? 0 : 3
  },
})

function jsonLine(event: unknown, rules: readonly string[]): string {
  return `${jsonText({ id: nameOf(event, 'eventID') ?? envelopeOf(event, 'id'), rules })}\n`
}

function textLine(event: unknown, rules: readonly string[]): string {
  const name = nameOf(event, 'eventSource')
  const call = `${name ?? '?'} ${nameOf(event, 'eventName') ?? '?'} ${nameOf(event, 'eventID') ?? ''}`
  const envelope = ['source', 'detail-type', 'id'].map(field => envelopeOf(event, field) ?? '').join(' ')
  const what = name === null && envelope.trim() !== '' ? envelope : call
  return `${rules.length > 0 ? rules.join(', ') : 'no rule'}: ${neutralText(what, 400)}\n`
}

function nameOf(event: unknown, field: string): string | null {
  const detail = (event as { readonly detail?: { readonly [field: string]: unknown } }).detail
  const value = detail?.[field]
  return typeof value === 'string' ? value : null
}

function envelopeOf(event: unknown, field: string): string | null {
  const value = (event as { readonly [field: string]: unknown })[field]
  return typeof value === 'string' ? value : null
}
