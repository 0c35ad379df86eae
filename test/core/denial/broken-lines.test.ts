/** Words that a terminal breaks at its edge, and the columns of SAM. */
import { describe, expect, it } from 'vitest'
import { withWholeWords } from '../../../core/denial/logs/broken-words.ts'
import { withoutColumns } from '../../../core/denial/logs/sam-table.ts'

const CALLER = 'arn:aws:iam::111122223333:user/ci'
/** A line of this width that ends with these words. */
const lineTo = (words: string, width: number) => `${'.'.repeat(width - words.length - 1)} ${words}`

describe('a word that is broken at the edge of a terminal', () => {
  it.each([
    // The break moves behind the word.
    [`${lineTo('is not autho', 40)}\nrized to\nend`, `${lineTo('is not autho', 40)}rized\n to\nend`],
    [`${lineTo('is not autho', 40)}\r\nrized to\nend`, `${lineTo('is not autho', 40)}rized\n to\nend`],
    [`${lineTo('iam:Pas', 40)}\nsRole x\nend`, `${lineTo('iam:Pas', 40)}sRole\n x\nend`],
    [`${lineTo('the PassRo', 40)}\nle action\nend`, `${lineTo('the PassRo', 40)}le\n action\nend`],
    [`${lineTo('perfo', 40)}\nrm: iam:PassRole\nend`, `${lineTo('perfo', 40)}rm:\n iam:PassRole\nend`],
    [`${lineTo('on ar', 40)}\nn:aws:iam::1 x\nend`, `${lineTo('on ar', 40)}n:aws:iam::\n1 x\nend`],
    [`${lineTo('perfo', 24)}\nrm: x\nend`, `${lineTo('perfo', 24)}rm:\n x\nend`],
    // Where no line follows, it moves to the end.
    [`${lineTo('perfo', 40)}\nrm: x`, `${lineTo('perfo', 40)}rm: x\n`],
    // A word that fills a line of its own.
    [`${lineTo('autho', 40)}\nrized\nnext one\nend`, `${lineTo('autho', 40)}rized\nnext\n one\nend`],
  ])('is whole again: %j', (text, whole) => {
    expect(withWholeWords(text)).toBe(whole)
  })

  it.each([
    ['a line narrower than any column', `${lineTo('perfo', 23)}\nrm: x`],
    ['another word', `${lineTo('orde', 40)}\nrs: x`],
    ['two words', `${lineTo('is', 40)}\nnot x`],
    ['a word with more before it', `${lineTo('xautho', 40)}\nrized to`],
    ['a word with more after it', `${lineTo('autho', 40)}\nrizeds to`],
    ['an ARN that begins the next line', `${lineTo('on', 40)}\narn:aws:iam::1`],
    ['a blank before the break', `${lineTo('autho ', 40)}\nrized`],
    ['a blank after it', `${lineTo('autho', 40)}\n rized`],
    ['a longer part than words have', `${lineTo(`${'a'.repeat(50)}uthor`, 60)}\nized`],
    ['one line', 'not autho'],
  ])('is not joined from %s', (_, text) => {
    expect(withWholeWords(text)).toBe(text)
  })
})

describe('an ARN that is broken at the edge of a terminal', () => {
  const WIDTH = 70
  const first = `User: ${CALLER} is not authorized to perform: iam:PassRole on`.slice(0, WIDTH).padEnd(WIDTH, ' ')
  const second = lineTo('resource: arn:aws:iam::111122223333:role/or', WIDTH)
  it.each([
    ['ders because no identity-based', 'ders'],
    ['ders with an explicit deny', 'ders'],
    ['ders (Service: Ecs)', 'ders'],
    ['d=e@r,s because no', 'd=e@r,s'],
    ['@d because no', '@d'],
    ['=d because no', '=d'],
    ['_d because no', '_d'],
  ])('is whole again where a denial goes on: %s', (next, rest) => {
    const lines = [first, second, next, 'end']
    expect(withWholeWords(lines.join('\n'))).toBe([first, second + rest, next.slice(rest.length), 'end'].join('\n'))
  })

  it.each([
    ['another word of the sentence', [first, second, 'because no identity-based']],
    ['another word alone in its line', [first, second, 'because', 'no identity-based']],
    ['another sentence', [first, second, 'ders of another kind']],
    ['lines of two widths', [`${first} `, second, 'ders because no']],
    ['a line that begins the sentence', [first, lineTo(`User: ${CALLER}`, WIDTH), 'x is not']],
    ['a denial that is repeated', [first, lineTo('authorized arn:aws:iam::1:role/or', WIDTH), 'ders because no']],
    [
      'a denial that is repeated from the edge',
      ['authorized'.padEnd(WIDTH, ' x'), lineTo('authorized arn:aws:iam::1:role/or', WIDTH), 'ders because no'],
    ],
    ['lines narrower than a terminal', [first.slice(0, 59), second.slice(-59), 'ders because no']],
    ['no ARN', [first, lineTo('resource: or', WIDTH), 'ders because no']],
    ['a service that begins the next sentence', [first, second, 'states.amazonaws.com is unable to assume']],
    ['a mark', [first, second, '!ders because no']],
    ['a blank', [first, second, ' ders because no']],
    ['a blank before another word of the sentence', [first, second, ' because no identity-based']],
    ['another sentence after a long name', [first, second, 'ders-of-all-shops-in-all-the-world of another kind']],
  ])('is not joined from %s', (_, lines) => {
    expect(withWholeWords(lines.join('\n'))).toBe(lines.join('\n'))
  })

  it.each(['ders', 'ders.'])('is whole again where its rest %j fills a line: the break moves to the end', rest => {
    const lines = [first, second, rest, 'end']
    expect(withWholeWords(lines.join('\n'))).toBe([first, second + rest, 'end', ''].join('\n'))
  })

  it('is whole again where an earlier line, not the one before it, denies something too', () => {
    const third = lineTo('authorized to pass arn:aws:iam::111122223333:role/or', WIDTH)
    const lines = [lineTo('was not authorized', WIDTH), first.replace('authorized', 'permitted.'), third]
    expect(withWholeWords([...lines, 'ders because no', 'end'].join('\n')).split('\n')[2]).toBe(`${third}ders`)
  })

  it('is joined from the first line too, where its part ends in a hyphen', () => {
    const line = lineTo('on resource: arn:aws:iam::111122223333:role/orders-', 80)
    expect(withWholeWords(`${line}\ntask`)).toBe(`${line}task\n`)
    expect(withWholeWords(`${line.slice(0, -1)}\ntask`)).toBe(`${line.slice(0, -1)}\ntask`)
  })

  it('is joined from lines of 60 characters', () => {
    const lines = [first.slice(0, 60), second.slice(-60), 'ders because no', 'end']
    expect(withWholeWords(lines.join('\n')).split('\n')[1]).toBe(`${second.slice(-60)}ders`)
  })
})

describe("the columns of SAM's table", () => {
  const COLUMN = 22
  const line = (...cells: readonly string[]) =>
    cells
      .map(cell => cell.padEnd(COLUMN + 3))
      .join('')
      .trimEnd()
  const HEADER = line('ResourceStatus', 'ResourceType', 'LogicalResourceId', 'ResourceStatusReason')
  const RULE = '-'.repeat(97)
  const table = (...reasons: readonly string[]) => [
    RULE,
    HEADER,
    RULE,
    ...reasons.map((reason, index) =>
      index === 0 ? line('CREATE_FAILED', 'AWS::Lambda::Function', 'Worker', reason) : line('', '', '', reason),
    ),
  ]
  const joined = (lines: readonly string[]) => withoutColumns(lines.join('\n'), text => text).split('\n')

  it.each([
    [['Resource handler', 'returned message'], 'Resource handler returned message'],
    // A part that fills its column ends within an ARN, and only there.
    [['arn:aws:iam::111122223', '333:role/orders'], 'arn:aws:iam::111122223333:role/orders'],
    [['on arn:aws:iam::111122', '223333:role/orders'], 'on arn:aws:iam::111122223333:role/orders'],
    [['arn:aws:iam::11112222', '3333:role/orders'], 'arn:aws:iam::11112222 3333:role/orders'],
    [['abcdefghijklmnopqrstuv', 'wxyz'], 'abcdefghijklmnopqrstuv wxyz'],
    [['xarn:aws:iam::11112222', '3333:role/orders'], 'xarn:aws:iam::11112222 3333:role/orders'],
    [['"arn:aws:iam::11112222', '3333:role/orders'], '"arn:aws:iam::111122223333:role/orders'],
    // Words that follow a name, and another ARN.
    [['arn:aws:iam::1:role/ab', 'because no policy'], 'arn:aws:iam::1:role/ab because no policy'],
    [['arn:aws:iam::1:role/ab', 'is not authorized'], 'arn:aws:iam::1:role/ab is not authorized'],
    [['arn:aws:iam::1:role/ab', 'arn:aws:iam::1:user/x'], 'arn:aws:iam::1:role/ab arn:aws:iam::1:user/x'],
    [['arn:aws:iam::1:role/ab', '(Service: Lambda)'], 'arn:aws:iam::1:role/ab (Service: Lambda)'],
    [['no identity-', 'based policy'], 'no identity-based policy'],
    [['a', '--b'], 'a--b'],
  ])('hold one reason: %j', (cells, reason) => {
    const lines = joined(table(...cells))
    expect(lines[3]).toBe(reason)
    expect(lines.slice(4)).toEqual(cells.slice(1).map(() => ''))
  })

  it.each([
    ['a line across the columns', `Error: ${'.'.repeat(90)}`],
    ['the last rule', RULE],
  ])('end before %s', (_, end) => {
    const after = [end, line('', '', '', 'c')]
    expect(joined([...table('a', 'b'), ...after]).slice(3)).toEqual(['a b', '', ...after])
  })

  it('leave empty lines and lines before the first row as they are', () => {
    const before = [RULE, HEADER, RULE, line('', '', '', 'x'), ...table('a', '', 'b').slice(3)]
    expect(joined(before)).toEqual([RULE, HEADER, RULE, line('', '', '', 'x'), 'a b', '', ''])
    expect(joined(['ResourceStatusReason: none', line('', '', '', 'x')])).toEqual([
      'ResourceStatusReason: none',
      line('', '', '', 'x'),
    ])
  })

  it('end 400 lines after the start of a row', () => {
    const cells = (count: number) => ['a', ...Array.from({ length: count }, () => 'b')]
    expect(joined(table(...cells(400)))[3]).toBe(`a${' b'.repeat(400)}`)
    expect(joined(table(...cells(401)))[3]).toBe(`a${' b'.repeat(400)}`)
    expect(joined(table(...cells(401)))[404]).toBe(line('', '', '', 'b'))
  })
})
