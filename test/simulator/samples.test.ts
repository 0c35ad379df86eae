import { describe, expect, it } from 'vitest'
import { SAMPLES } from '../../simulator/web-ui/samples.ts'

const NOW = Date.parse('2027-01-01T12:00:00Z')

/** Name, seconds after the denial, and whether it was denied. */
function seenIn(id: string) {
  const sample = SAMPLES.find(one => one.id === id)
  return (sample?.events(NOW) ?? []).map(event => {
    const record = ('reader' in event ? {} : event.record) as { readonly [member: string]: unknown }
    return [record['eventName'], (Date.parse(String(record['eventTime'])) - NOW) / 1_000, 'errorCode' in record]
  })
}

describe('the samples with records around a denial', () => {
  it('keep the distance of each record to the denial, which is as if it had just happened', () => {
    expect(seenIn('young-role')).toEqual([
      ['CreateRole', -3, false],
      ['AssumeRole', 0, true],
      ['AssumeRole', 8, false],
    ])
    expect(seenIn('lost-permission').map(([name, , isDenied]) => [name, isDenied])).toEqual([
      ['PutUserPolicy', false],
      ['TagRole', false],
      ['DeleteUserPolicy', false],
      ['CreateFunction20150331', true],
    ])
    expect(seenIn('lost-permission').at(-1)?.[1]).toBe(0)
  })
})
