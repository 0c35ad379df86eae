import { describe, expect, it } from 'vitest'
import { recordSplitter, type Unit, whatIsWrong } from '../../../cli/use-cases/backtest/record-splitter.ts'
import { NotJson } from '../../../core/base/json-scanner.ts'

type Found = { readonly value: unknown; readonly name: string | null; readonly error: string | null }

function split(text: string | Buffer, size: number, maxUnitBytes?: number) {
  const found: Found[] = []
  let tooLarge = 0
  const splitter = recordSplitter(
    (unit: Unit) => {
      const value: unknown = JSON.parse(unit.text.toString())
      found.push({ value, name: unit.field('eventName'), error: unit.field('errorCode') })
    },
    {
      onTooLarge() {
        tooLarge += 1
      },
      ...(maxUnitBytes === undefined ? {} : { maxUnitBytes }),
    },
  )
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
  splitter.end()
  return { found, tooLarge }
}

function whyNot(read: () => void): string | null {
  try {
    read()
    return null
  } catch (error) {
    return error instanceof NotJson ? whatIsWrong(error) : String(error)
  }
}

const SIZES = [1, 2, 3, 7, 64, 1_000_000]

const RECORD = {
  eventName: 'RunInstances',
  requestParameters: { eventName: 'not this one', text: 'quotes " and \\ and } ] {"Records":[{' },
  list: [{ errorCode: 'nor this' }],
  errorCode: 'Client.UnauthorizedOperation',
  'naïve \u00e9\u{1f512}': '\u2028',
}

describe('a stream of records', () => {
  it.each(SIZES)('is split at its records, in pieces of %d bytes', size => {
    const records = [RECORD, { ...RECORD, eventName: 'AssumeRole' }]
    for (const text of [
      JSON.stringify({ Records: records }),
      JSON.stringify({ before: { Records: 1 }, Records: records, after: [{ x: 1 }] }, null, 2),
      JSON.stringify(records),
      JSON.stringify([{ Records: [records[0]] }, { Records: [records[1]] }]),
      records.map(each => JSON.stringify(each)).join('\n'),
      records.map(each => JSON.stringify({ Records: [each] })).join('\r\n'),
      JSON.stringify([records]),
    ]) {
      const { found } = split(text, size)
      expect(found.map(({ value }) => value)).toEqual(records)
      expect(found.map(({ name, error }) => [name, error])).toEqual([
        ['RunInstances', 'Client.UnauthorizedOperation'],
        ['AssumeRole', 'Client.UnauthorizedOperation'],
      ])
    }
  })

  it('keeps an envelope whole', () => {
    const event = { 'detail-type': 'AWS API Call via CloudTrail', detail: RECORD }
    expect(split(JSON.stringify(event), 5).found).toEqual([{ value: event, name: null, error: null }])
    const lookup = { EventId: 'x', CloudTrailEvent: JSON.stringify(RECORD) }
    expect(split(JSON.stringify({ Events: [lookup] }), 5).found).toEqual([{ value: lookup, name: null, error: null }])
  })

  it('reads the last of two members of one name, and no text where the member is none', () => {
    expect(split('{"errorCode":"a","errorCode":"b"}', 4).found[0]?.error).toBe('b')
    expect(split('{"errorCode":"a","errorCode":null}', 4).found[0]?.error).toBe(null)
    expect(split('{"eventName":["x"],"errorCode":7}', 4).found[0]).toMatchObject({ name: null, error: null })
    expect(split('{"eventName":"A\\u0042"}', 4).found[0]?.name).toBe('AB')
  })

  it.each([
    ['{"Records":[{"eventName":"A"}', 'cut: it ends inside a value'],
    ['{"Records":[{"eventName":"A', 'cut: it ends inside a value'],
    ['<html>', 'not JSON: text at byte 0'],
    ['{"a":1}]', 'not JSON: a bracket that nothing opens at byte 7'],
    ['{"a":[}', 'not JSON: a bracket that nothing opens at byte 6'],
    ['{"a":<}', 'not JSON: a stray character at byte 5'],
    ['{"a":"\n"}', 'not JSON: a control character in a string at byte 6'],
    ['"text"', 'not JSON: a text outside an object at byte 0'],
    [`${'['.repeat(20_000)}`, 'not JSON: more brackets than any record has at byte 10000'],
  ])('says where %j is no JSON', (text, message) => {
    for (const size of SIZES) expect(whyNot(() => split(text, size))).toBe(message)
  })

  it('gives what comes before the break', () => {
    const found: unknown[] = []
    const splitter = recordSplitter(unit => found.push(unit.field('eventName')))
    splitter.push(Buffer.from('{"Records":[{"eventName":"A"},{"eventName":"B"},{"eventNa'))
    expect(() => splitter.end()).toThrow('cut')
    expect(found).toEqual(['A', 'B'])
  })

  it('steps over an object larger than any record, and reads the records after it', () => {
    const large = JSON.stringify({ eventName: 'Large', blob: 'x'.repeat(5_000) })
    for (const size of [1, 100]) {
      const { found, tooLarge } = split(`{"Records":[${large},{"eventName":"B"}]}`, size, 1_000)
      expect(found.map(({ name }) => name)).toEqual(['B'])
      expect(tooLarge).toBe(1)
    }
  })

  it('takes a large file without a record for no damaged one', () => {
    expect(split(`{"configurationItems":["${'x'.repeat(5_000)}"]}`, 100, 1_000)).toEqual({ found: [], tooLarge: 0 })
  })

  it('finds the list behind a member larger than any record', () => {
    const { found, tooLarge } = split(`{"blob":"${'x'.repeat(5_000)}","Records":[{"eventName":"B"}]}`, 100, 1_000)
    expect(found.map(({ name }) => name)).toEqual(['B'])
    expect(tooLarge).toBe(0)
  })
})
