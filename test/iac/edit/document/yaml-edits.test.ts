import { describe, expect, it } from 'vitest'
import { jsonDialect, jsonLiteralText } from '../../../../iac/edit/document/json-dialect.ts'
import { type Literal, type MapLiteral, mayBeText, memberOf, sizeOf } from '../../../../iac/edit/document/literal.ts'
import { withEdits } from '../../../../iac/edit/document/text-edit.ts'
import { jsonTemplateDialect, type TemplateDialect, yamlDialect } from '../../../../iac/edit/document/yaml-dialect.ts'
import { readYamlSource } from '../../../../iac/source/yaml-source.ts'
import { jsonLiteral, yamlLiteral } from './literals.ts'

type Edits = ReturnType<TemplateDialect['appendItem']>

/** The text after an edit at this path, or why it is not edited. */
function edited(text: string, path: readonly string[], edit: (dialect: TemplateDialect, at: Literal) => Edits): string {
  const at = path.reduce<Literal | null>(memberOf, yamlLiteral('a', text))
  if (at === null) throw new Error('nothing is there')
  const edits = edit(yamlDialect(text, readYamlSource('a', text)), at)
  return edits.ok ? (withEdits([{ path: 'a', text }], edits.value)[0]?.text ?? '') : `refused: ${edits.error}`
}

const appended = (text: string, path: readonly string[], ...values: readonly unknown[]) =>
  edited(text, path, (dialect, at) =>
    at.kind === 'list' ? dialect.appendItem(at, values) : dialect.wrap(at as MapLiteral, values),
  )
const withEntry = (text: string, path: readonly string[], key: string, value: unknown) =>
  edited(text, path, (dialect, at) => dialect.addEntry(at as MapLiteral, key, value))

describe('an item that is added in YAML', () => {
  it('has the column of the others, also at the end of the file', () => {
    expect(appended('a:\n  - x\n  - y\nb: 1\n', ['a'], 'z')).toBe('a:\n  - x\n  - y\n  - z\nb: 1\n')
    expect(appended('a:\n- x', ['a'], 'v', 'w')).toBe('a:\n- x\n- v\n- w')
    expect(appended('a:\r\n  - x\r\nb: 1\r\n', ['a'], 'z')).toBe('a:\r\n  - x\r\n  - z\r\nb: 1\r\n')
  })

  it('leaves a comment with the item that it is behind', () => {
    expect(appended('a:\n  - x # why\nb: 1\n', ['a'], 'z')).toBe('a:\n  - x # why\n  - z\nb: 1\n')
  })

  it('goes on in brackets where the others are in brackets', () => {
    expect(appended('a: [x, y]\n', ['a'], 'z')).toBe('a: [x, y, z]\n')
    expect(appended("a: ['x']\nb: 'c'\n", ['a'], 'iam:PassRole')).toBe("a: ['x', 'iam:PassRole']\nb: 'c'\n")
    expect(appended('a: [{ b: 1 }]\n', ['a'], { c: ['d', true] })).toBe('a: [{ b: 1 }, { c: [d, true] }]\n')
  })

  it('is a map with the indentation of the file', () => {
    expect(appended('a:\n  - b: 1\n    c:\n      d: 2\n', ['a'], { e: 'x', f: { g: 'z' } })).toBe(
      'a:\n  - b: 1\n    c:\n      d: 2\n  - e: x\n    f:\n      g: z\n',
    )
    expect(appended('a:\n    - b:\n        - c\n', ['a'], { d: ['e', 'f'], g: [], h: undefined })).toMatch(
      /^a:\n {4}- b:\n {8}- c\n {4}- d:\n +- e\n +- f\n {6}g: \[\]\n$/,
    )
  })

  it('is a list in brackets within another list, and the first one of an empty list', () => {
    expect(appended('a:\n  - x\n', ['a'], ['v', 'w'])).toBe('a:\n  - x\n  - [v, w]\n')
    expect(appended('a: []\n', ['a'], 'y', 'z')).toBe('a: [\n  "y",\n  "z"\n]\n')
  })

  it('is no list of what a function makes', () => {
    expect(appended('a: !Split [",", x]\n', ['a'], 'z')).toMatch(/^refused: /)
  })
})

describe('a single value in YAML', () => {
  it('becomes a list of it and more', () => {
    expect(appended('a: x\n', ['a'], 'z')).toBe('a:\n  - x\n  - z\n')
    expect(appended('b:\n  a: x # why\nc: 1\n', ['b', 'a'], 'z')).toBe('b:\n  a:\n    - x # why\n    - z\nc: 1\n')
    expect(appended('{ a: x }\n', ['a'], 'z')).toBe('{ a: [x, z] }\n')
    expect(appended('a: |\n  x\n  y\n', ['a'], 'z')).toBe('refused: the value has several lines')
    expect(appended('a:\n  x\n', ['a'], 'z')).toBe('a:\n  [x, z]\n')
    expect(appended('a: &x v\nb: *x\n', ['b'], 'z')).toBe('a: &x v\nb:\n  - *x\n  - z\n')
    expect(appended('a: 1\n', [], 'z')).toBe('refused: the value is not on a line of its own')
  })

  it('that is a map takes the dash in its first line', () => {
    expect(appended('Statement:\n    Effect: Allow\n    Action: x\n', ['Statement'], { Effect: 'Deny' })).toBe(
      'Statement:\n  - Effect: Allow\n    Action: x\n  - Effect: Deny\n',
    )
    expect(appended('Statement: { Effect: Allow }\n', ['Statement'], { Effect: 'Deny' })).toBe(
      'Statement: [{ Effect: Allow }, { Effect: Deny }]\n',
    )
    expect(appended('- a: 1\n', [], { b: 2 })).toMatch(/- a: 1\n- b: 2\n/)
  })
})

describe('a key that is added in YAML', () => {
  it('follows the others, in their way', () => {
    expect(withEntry('a:\n  b: 1\nc: 2\n', ['a'], 'd', 'x')).toBe('a:\n  b: 1\n  d: x\nc: 2\n')
    expect(withEntry('a:\n  b: 1\n', ['a'], 'd', { e: ['x'] })).toMatch(/^a:\n {2}b: 1\n {2}d:\n {4}e:\n +- x\n$/)
    expect(withEntry('a: { b: 1 }\n', ['a'], 'd', ['x'])).toBe('a: { b: 1, d: [x] }\n')
    expect(withEntry('a: {}\n', ['a'], 'd', 'x')).toBe('refused: the map is empty')
    expect(withEntry('a: &x\n  b: 1\nc: *x\n', ['a'], 'd', 'x')).toBe(
      'refused: other parts of the template use the anchor &x too',
    )
  })

  it('comes before the last one in JSON, which has no comma', () => {
    const json = (text: string): string => {
      const map = jsonLiteral({ file: 'a', text, start: 0, end: text.length })
      const dialect = jsonTemplateDialect(
        jsonDialect(() => text, '  '),
        text,
        (value, indent) => jsonLiteralText(value, indent, '  '),
      )
      const edits = dialect.addEntry(map as MapLiteral, 'd', ['x'])
      return edits.ok ? (withEdits([{ path: 'a', text }], edits.value)[0]?.text ?? '') : edits.error
    }
    expect(json('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}')).toBe(
      '{\n  "a": 1,\n  "b": 2,\n  "d": [\n    "x"\n  ],\n  "c": 3\n}',
    )
    expect(json('{\r\n  "a": 1\r\n}')).toBe('{\r\n  "d": [\r\n    "x"\r\n  ],\r\n  "a": 1\r\n}')
    for (const text of ['{ "a": 1 }', '{}']) expect(json(text)).toBe('its properties are not on lines of their own')
  })
})

describe('a text in YAML', () => {
  const written = (value: unknown, text = 'a:\n  - "x"\n') => appended(text, ['a'], value).split('\n').at(-2)

  it.each([
    ['iam:PassRole', '  - iam:PassRole'],
    ['arn:aws:iam::111122223333:role/x', '  - arn:aws:iam::111122223333:role/x'],
    ['2012-10-17', '  - "2012-10-17"'],
    ['yes', '  - "yes"'],
    ['Off', '  - "Off"'],
    ['null', '  - "null"'],
    ['x:', '  - "x:"'],
    ['*', '  - "*"'],
    ['', '  - ""'],
    [true, '  - true'],
    [7, '  - 7'],
  ])('that another reader would take for something else has quotes: %j', (value, line) => {
    expect(written(value)).toBe(line)
  })

  it('has the quotes of the file, doubled within', () => {
    expect(written("it's *", "a:\n  - 'x'\n")).toBe("  - 'it''s *'")
    expect(written('*\u2028', "a:\n  - 'x'\n")).toBe('  - "*\u2028"')
  })
})

const place = { file: 'a', start: 0, end: 0 }
const scalar = (value: string | number): Literal => ({ ...place, kind: 'scalar', value })
const open = (...pieces: readonly (string | null)[]): Literal => ({ ...place, kind: 'open', text: 'x', pieces })
const list = (...items: readonly Literal[]): Literal => ({ ...place, kind: 'list', items, fixed: null })
const map = (key: string, value: Literal): Literal => ({
  ...place,
  kind: 'map',
  entries: [{ key, start: 0, value }],
  fixed: null,
})

describe('an open name', () => {
  it.each<[string, readonly (string | null)[], string, boolean]>([
    ['with the same start', ['app-', null], 'app-task', true],
    ['with another start', ['api-', null], 'app-task', false],
    ['with the start further on', ['task', null], 'app-task', false],
    ['with the same end', [null, '-task'], 'app-task', true],
    ['with another end', [null, '-role'], 'app-task', false],
    ['with the end before the end', [null, 'app'], 'app-task', false],
    ['with parts in their order', ['a', null, 'p-t', null, 'k'], 'app-task', true],
    ['with parts in another order', [null, 'task', null, 'app', null], 'app-task', false],
    ['with a part that is there once and wanted twice', [null, 'task', null, 'task', null], 'app-task', false],
    ['with the same part twice', [null, 'a', null, 'a', null], 'app-task', true],
    ['that ends with an open part after a known one', ['app', null], 'app', true],
    ['of which nothing is known', [null, '', null], 'app-task', false],
  ])('%s may be this one or not: %j', (_, pieces, name, may) => {
    expect(mayBeText(open(...pieces), name)).toBe(may)
  })

  it('that is known is no open one', () => {
    expect(mayBeText(scalar('app-task'), 'app-task')).toBe(false)
    expect(mayBeText(null, 'app-task')).toBe(false)
  })
})

describe('a value of the code', () => {
  it('counts itself and its parts, each time that it holds them', () => {
    const shared = list(scalar(1), scalar(2))
    expect(sizeOf(scalar(1))).toBe(1)
    expect(sizeOf(shared)).toBe(3)
    expect(sizeOf(list(shared, map('a', shared)))).toBe(1 + 3 + 1 + 3)
  })

  it('has a member only where it is a map with that key', () => {
    expect(memberOf(map('a', scalar(1)), 'a')).toEqual(scalar(1))
    expect(memberOf(map('a', scalar(1)), 'b')).toBeNull()
    expect(memberOf(list(), 'a')).toBeNull()
    expect(memberOf(undefined, 'a')).toBeNull()
  })
})
