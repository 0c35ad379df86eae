import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { type BracketStyle, bracketDialect } from '../../../../iac/edit/document/brackets.ts'
import { isExactly, isStatement, literalSite, siteEdits } from '../../../../iac/edit/document/document-site.ts'
import { jsonDialect, jsonLiteralText, stepOf } from '../../../../iac/edit/document/json-dialect.ts'
import { plainLiteral } from '../../../../iac/edit/document/literal.ts'
import { policyDelta } from '../../../../iac/edit/document/policy-delta.ts'
import { lineEndAt, withEdits } from '../../../../iac/edit/document/text-edit.ts'
import { alignedLines, hclText } from '../../../../iac/edit/terraform/hcl-text.ts'
import { jsonLiteral } from './literals.ts'

describe('edits of a text', () => {
  const files = [
    { path: 'a', text: '0123456789' },
    { path: 'b', text: 'other' },
  ]
  const edit = (start: number, end: number, text: string) => ({ file: 'a', start, end, text })
  const textAfter = (...edits: readonly ReturnType<typeof edit>[]) => withEdits(files, edits)[0]?.text

  it('are made in the order of their places, and leave other files', () => {
    expect(textAfter(edit(7, 8, 'x'), edit(2, 4, 'y'))).toBe('01y456x89')
    expect(textAfter(edit(3, 3, 'a'), edit(3, 3, 'b'))).toBe('012ab3456789')
    expect(textAfter(edit(2, 4, 'x'), edit(4, 5, 'y'))).toBe('01xy56789')
    expect(withEdits(files, [edit(0, 0, 'x')])[1]).toBe(files[1])
    expect(withEdits(files, [])).toEqual(files)
  })

  it('may be made at the end of a line, before its line end', () => {
    const text = '\nab\r\nc\r'
    expect([0, 1, 3, 5].map(offset => lineEndAt(text, offset))).toEqual([0, 3, 3, 6])
    expect(lineEndAt('ab', 1)).toBe(2)
  })

  it('may not overlap', () => {
    expect(() => textAfter(edit(2, 5, 'x'), edit(4, 6, 'y'))).toThrow('edits of a overlap')
  })
})

/** Adds values to the list or single value in the text. */
function edited(text: string, values: readonly unknown[], style: Partial<BracketStyle> = {}): string {
  const json = { render: (value: unknown, indent: string) => jsonLiteralText(value, indent, '  ') }
  const dialect = bracketDialect(() => text, {
    ...json,
    ...{
      inline: value => jsonLiteralText(value, '', null),
      step: '  ',
      trailingComma: false,
    },
    ...style,
  })
  const start = text.search(/[[{"]/)
  const end = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'), text.lastIndexOf('"')) + 1
  // JSON has no comments, so blanks of the same length replace them.
  const blank = text.replaceAll(/#[^\n]*|\/\/[^\n]*|\/\*.*?\*\/|,(?=\s*(?:#[^\n]*\s*)?\])/g, one =>
    ' '.repeat(one.length),
  )
  const literal = jsonLiteral({ file: 'a', text: blank, start, end })
  if (literal === null || literal.kind === 'open') throw new Error(`not JSON: ${blank}`)
  const edits = literal.kind === 'list' ? dialect.appendItem(literal, values) : dialect.wrap(literal, values)
  return edits.ok ? (withEdits([{ path: 'a', text }], edits.value)[0]?.text ?? '') : `refused: ${edits.error}`
}

describe('an item that is added in brackets', () => {
  it('goes on in the line of a list that is in one line', () => {
    expect(edited('x = ["a"]', ['b', 'c'])).toBe('x = ["a", "b", "c"]')
    expect(edited('x = ["a",]', ['b'])).toBe('x = ["a", "b"]')
    expect(edited('x = [{"a": 1}]', [{ b: 2 }])).toBe('x = [{"a": 1}, { "b": 2 }]')
  })

  it('hugs the brackets as the last one does', () => {
    expect(edited('x = [{\n  "a": 1\n}]', [{ b: 2 }])).toBe('x = [{\n  "a": 1\n}, {\n  "b": 2\n}]')
  })

  it('has a line of its own where the others have, with their line end', () => {
    expect(edited('x = [\n    "a"\n]', ['b', 'c'])).toBe('x = [\n    "a",\n    "b",\n    "c"\n]')
    expect(edited('x = [\r\n  "a"\r\n]', ['b'])).toBe('x = [\r\n  "a",\r\n  "b"\r\n]')
    expect(edited('x = [\n  "a",\n]', ['b'])).toBe('x = [\n  "a",\n  "b",\n]')
  })

  it('leaves a comment with the item that it is behind', () => {
    expect(edited('x = [\n  "a" # why\n]', ['b'])).toBe('x = [\n  "a", # why\n  "b"\n]')
    expect(edited('x = [\n  "a", # why\n]', ['b'])).toBe('x = [\n  "a", # why\n  "b",\n]')
    expect(edited('x = [\r\n  "a" // why, so\r\n]', ['b'])).toBe('x = [\r\n  "a", // why, so\r\n  "b"\r\n]')
    expect(edited('x = [\n  "a" /* one, */,\n]', ['b'])).toBe('x = [\n  "a" /* one, */,\n  "b",\n]')
  })

  it('follows a comma behind a comment, in one line and in several', () => {
    expect(edited('x = [\n  "a" # why\n  ,\n]', ['b'])).toBe('x = [\n  "a" # why\n  ,\n  "b",\n]')
    expect(edited('x = [\n  "a" // one\n  // two\n  ,\n]', ['b'])).toBe('x = [\n  "a" // one\n  // two\n  ,\n  "b",\n]')
    expect(edited('x = ["a" /* why */, ]', ['b'])).toBe('x = ["a" /* why */, "b" ]')
    expect(edited('x = ["a" /* no, **/ ]', ['b'])).toBe('x = ["a", "b" /* no, **/ ]')
    expect(edited('x = [\n  "a" # no, no\n  # no,\n]', ['b'])).toBe('x = [\n  "a", # no, no\n  "b"\n  # no,\n]')
  })

  it('goes on behind the last one where the bracket is in its line', () => {
    expect(edited('x = [\n  "a",\n  "b"]\ny', ['c'])).toBe('x = [\n  "a",\n  "b",\n  "c"]\ny')
    expect(edited('x = [\n  "a",\n  "b"]', ['c'])).toBe('x = [\n  "a",\n  "b",\n  "c"]')
    expect(edited('x = ["a",\n  "b"]\n', ['c'])).toBe('x = ["a",\n  "b",\n  "c"]\n')
  })

  it('opens an empty list, and not one that holds a comment', () => {
    expect(edited('  x = []', ['b'])).toBe('  x = [\n    "b"\n  ]')
    expect(edited('  x = []', ['b', 'c'], { trailingComma: true })).toBe('  x = [\n    "b",\n    "c",\n  ]')
    expect(edited('x = [ # none\n]', ['b'])).toBe('refused: the list holds only a comment')
  })

  it('makes a list of a single value', () => {
    expect(edited('x = "a"', ['b', 'c'])).toBe('x = ["a", "b", "c"]')
    expect(edited('x = {\n  "a": 1\n}', [{ b: 2 }])).toBe('x = [{\n  "a": 1\n}, {\n  "b": 2\n}]')
  })
})

it('an empty list of JSON stays JSON', () => {
  const text = '{\n  "Statement": []\n}'
  const literal = jsonLiteral({ file: 'a', text, start: 0, end: text.length })
  if (literal === null) throw new Error('not JSON')
  const site = literalSite(
    literal,
    jsonDialect(() => text, '  '),
  )
  const edits = site.append([{ Effect: 'Deny', Action: '*', Resource: '*' }])
  const after = edits.ok ? (withEdits([{ path: 'a', text }], edits.value)[0]?.text ?? '') : edits.error
  expect(JSON.parse(after)).toEqual({ Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] })
})

describe('a value as text', () => {
  const value = { a: 'x', b: ['y', 1], c: {}, d: [], e: undefined, f: true }

  it('is JSON with the indentation of the file, or in one line', () => {
    expect(jsonLiteralText(value, '  ', '\t')).toBe(
      '{\n  \t"a": "x",\n  \t"b": [\n  \t\t"y",\n  \t\t1\n  \t],\n  \t"c": {},\n  \t"d": [],\n  \t"f": true\n  }',
    )
    expect(jsonLiteralText(value, '', null)).toBe('{ "a": "x", "b": ["y", 1], "c": {}, "d": [], "f": true }')
    expect(jsonLiteralText(null, '', null)).toBe('null')
  })

  it('has the step of the first block of the file', () => {
    expect(stepOf('{\n    "a": 1\n}')).toBe('    ')
    expect(stepOf('  {\n\t  "a": 1')).toBe('  ')
    expect(stepOf('  [\r\n     "a"')).toBe('   ')
    expect(stepOf('{"a": 1}')).toBe('  ')
    expect(stepOf('   {\n   "a": 1')).toBe('  ')
    expect(stepOf('x = [\n y\n]\nz = {\n    a', 10)).toBe('    ')
  })

  it('is HCL with its signs aligned, and a group for each value of several lines', () => {
    expect(
      alignedLines(
        [
          { name: 'a', value: '1' },
          { name: 'long', value: '2' },
        ],
        '  ',
      ),
    ).toBe('  a    = 1\n  long = 2')
    expect(
      hclText(
        { a: 'x', long: ['y', 'z'], 'aws:k': { Bool: true, none: undefined }, list: [{ b: 1 }], z: null },
        '',
        new Map([['z', 'local.z']]),
      ),
    ).toBe(
      '{\n  a    = "x"\n  long = ["y", local.z]\n  "aws:k" = {\n    Bool = true\n  }\n  list = [\n    {\n      b = 1\n    }\n  ]\n  z = null\n}',
    )
    expect(hclText('${aws:username}-%{x}', '', new Map())).toBe('"$${aws:username}-%%{x}"')
    expect(hclText([{ a: 1 }], '', new Map())).toBe('[\n  {\n    a = 1\n  }\n]')
  })
})

const statement = (more: Partial<Statement> = {}): Statement => ({
  ...{ Sid: 'Pass', Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/a' },
  ...more,
})
const document = (...Statement: readonly Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const A = 'arn:aws:iam::111122223333:role/a'
const B = 'arn:aws:iam::111122223333:role/b'
const other = statement({ Sid: 'Other', Action: 'sts:AssumeRole' })

describe('what a change adds to a document', () => {
  it('is everything where there is no document yet', () => {
    expect(policyDelta({ before: null, after: document(statement()) })).toEqual({
      ok: true,
      value: { added: [statement()], grown: [], dropped: [] },
    })
  })

  it('is each new statement; one that is gone is dropped', () => {
    expect(policyDelta({ before: document(other), after: document(statement()) })).toMatchObject({
      value: { added: [statement()], grown: [], dropped: [other] },
    })
    expect(policyDelta({ before: document(other), after: document(other, statement()) })).toMatchObject({
      value: { added: [statement()], grown: [], dropped: [] },
    })
  })

  it('is values of a list that grows at its end', () => {
    expect(
      policyDelta({ before: document(statement()), after: document(statement({ Resource: [A, B] })) }),
    ).toMatchObject({
      value: { added: [], grown: [{ statement: statement(), path: ['Resource'], values: [B] }], dropped: [] },
    })
  })

  it.each<[string, Statement, Statement]>([
    ['another first value', statement(), statement({ Resource: [B, A] })],
    ['fewer values', statement({ Resource: [A, B] }), statement({ Resource: A })],
    ['another action too', statement(), statement({ Resource: [A, B], Action: 'sts:AssumeRole' })],
    ['the same value in a list', statement(), statement({ Resource: [A] })],
    ['no resource', statement(), { Sid: 'Pass', Effect: 'Allow', Action: 'iam:PassRole', NotResource: A }],
  ])('is another statement with %s', (_, before, after) => {
    expect(policyDelta({ before: document(before), after: document(after) })).toMatchObject({
      value: { added: [after], grown: [], dropped: [before] },
    })
  })

  it('cannot be the version or the id of the policy', () => {
    const error = 'the change is to the version of the policy, not to its statements'
    const before = document(statement())
    expect(policyDelta({ before, after: { ...before, Version: '2008-10-17' } })).toEqual({ ok: false, error })
    expect(policyDelta({ before, after: { ...before, Id: 'x' } })).toEqual({ ok: false, error })
  })
})

describe('a document of the code', () => {
  /** The edit of this document for this change, or why there is none. */
  function change(inCode: unknown, before: PolicyDocument, after: PolicyDocument): string {
    const text = JSON.stringify(inCode)
    const literal = jsonLiteral({ file: 'a', text, start: 0, end: text.length })
    const delta = policyDelta({ before, after })
    if (literal === null || !delta.ok) throw new Error('not a case')
    const edits = siteEdits(
      literalSite(
        literal,
        jsonDialect(() => text, '  '),
      ),
      delta.value,
    )
    return edits.ok ? (withEdits([{ path: 'a', text }], edits.value)[0]?.text ?? '') : edits.error
  }
  const both = document(other, statement())
  const grown = document(statement({ Resource: [A, B] }))

  it('gets a statement in its list, or beside its only one', () => {
    expect(JSON.parse(change(document(other), document(other), both))).toEqual(both)
    expect(JSON.parse(change({ Statement: other }, document(other), both))).toEqual({ Statement: [other, statement()] })
  })

  it('gets a value in the list of its statement, or beside its only one', () => {
    expect(JSON.parse(change(document(statement()), document(statement()), grown))).toEqual(grown)
    const single = change({ Statement: statement() }, document(statement()), grown)
    expect(JSON.parse(single)).toEqual({ Statement: statement({ Resource: [A, B] }) })
    const second = document(other, statement())
    const secondGrown = document(other, statement({ Resource: [A, B] }))
    expect(JSON.parse(change(second, second, secondGrown))).toEqual(secondGrown)
    const longer = document(statement({ Resource: [A, B, 'arn:aws:iam::111122223333:role/c'] }))
    expect(JSON.parse(change(grown, grown, longer))).toEqual(longer)
  })

  it('is not edited without its statements, with an expired one, or with the same Sid', () => {
    expect(change({ Version: '2012-10-17' }, document(other), both)).toBe(
      'its statements are not written out in the document',
    )
    expect(change({ Statement: 'x' }, document(other), both)).toBe('its statements are not written out in the document')
    expect(change(document(other), document(other), document(statement()))).toBe(
      'the document holds a statement that has expired: remove it first',
    )
    expect(change(document(statement({ Action: 'sts:TagSession' })), document(other), both)).toBe(
      'the document already has a statement with the same Sid',
    )
    expect(change(both, document(other), both)).toMatch(/^the document already has this statement: deploy the code/)
  })

  it('is not edited where the statement that grows is not there, or there twice', () => {
    const error = 'the statement whose list grows is not in the document, or not as IAM has it now'
    expect(change(document(other), document(statement()), grown)).toBe(error)
    expect(change(document(statement(), statement()), document(statement()), grown)).toBe(error)
  })

  it('does not hold a statement of which only the deploy knows a part', () => {
    const open = plainLiteral({ kind: 'open', file: 'a', start: 0, end: 5, text: 'var.x', pieces: [null] })
    const wanted = statement({ Condition: { StringEquals: Object.assign({}, open) } })
    expect(isStatement(statement(), statement())).toBe(true)
    expect(isStatement(wanted, wanted)).toBe(false)
  })

  it('is exactly the approved change when nothing else differs', () => {
    const delta = policyDelta({
      before: document(statement()),
      after: document(statement({ Resource: [A, B] }), other),
    })
    if (!delta.ok) throw new Error(delta.error)
    const exactly = (before: readonly unknown[], after: readonly unknown[] | null) =>
      isExactly(before, after, delta.value)
    const wider = statement({ Resource: [A, B] })
    expect(exactly([statement()], [wider, other])).toBe(true)
    expect(exactly([statement(), 'kept'], [wider, 'kept', other])).toBe(true)
    expect(exactly([statement(), 'kept'], [wider, 'changed', other])).toBe(false)
    expect(exactly([statement()], [statement(), other])).toBe(false)
    expect(exactly([statement()], [wider, statement()])).toBe(false)
    expect(exactly([statement()], [wider])).toBe(false)
    expect(exactly([statement()], [wider, other, other])).toBe(false)
    expect(exactly([statement()], null)).toBe(false)
    expect(exactly(['none'], ['none', other])).toBe(false)
    expect(exactly([statement(), statement()], [wider, statement(), other])).toBe(false)
    const twice = ['iam:PassedToService', 'aws:SourceVpc'].map(key => ({
      statement: statement(),
      path: ['Condition', 'StringEquals', key],
      values: ['x'],
    }))
    const half = statement({ Condition: { StringEquals: { 'aws:SourceVpc': ['x'] } } })
    expect(isExactly([statement()], [half], { ...delta.value, added: [], grown: twice })).toBe(false)
  })
})
