import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonText } from '../../cli/json-text.ts'

describe('JSON for a terminal', () => {
  it.each([
    ['an escape of C0', '\u001b[31m', '"\\u001b[31m"'],
    ['a control sequence introducer of C1', '\u009b31m', '"\\u009b31m"'],
    ['delete', '\u007f', '"\\u007f"'],
    ['a direction override', 'a\u202eb', '"a\\u202eb"'],
    ['an isolate', '\u2066', '"\\u2066"'],
    ['a line separator', '\u2028', '"\\u2028"'],
    ['a zero-width joiner', '\u200d', '"\\u200d"'],
    ['a tag beyond the first plane', '\u{e0041}', '"\\udb40\\udc41"'],
    ['nothing else', 'é 漢 "', '"é 漢 \\""'],
  ])('escapes %s', (_, text, json) => {
    expect(jsonText(text)).toBe(json)
    expect(JSON.parse(jsonText(text))).toBe(text)
  })

  it('is the only JSON that a command prints', () => {
    const root = resolve(import.meta.dirname, '../../cli')
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file =>
      /^(commands|diagnose)\/.*\.ts$/.test(file),
    )
    expect(files.length).toBeGreaterThan(10)
    const printed = files.filter(file =>
      /(out|err)\([^\n]*JSON\.stringify|`\$\{JSON\.stringify/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(printed).toEqual([])
  })
})
