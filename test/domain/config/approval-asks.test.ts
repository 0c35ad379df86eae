import { describe, expect, it } from 'vitest'
import {
  approvalAsksAnywhere,
  approvalAsksIn,
  askedAt,
  ticketUrl,
} from '../../../functions/domain/config/approval-asks.ts'
import { parseConfig } from '../../../functions/domain/config/check-config.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'

const ACCOUNT = '111122223333'
const WORKLOADS = 'ou-ab12-11111111'
const SANDBOX = 'ou-ab12-22222222'
const TICKET = { pattern: 'OPS-[0-9]+', url: 'https://jira.example.com/browse/{ticket}', required: true }
const CONFIG = configSchema.parse({
  approval: { ticket: { ...TICKET, required: false } },
  organizationalUnits: {
    [WORKLOADS]: { approval: { reason: 'required', fromRisk: 'elevated' } },
    [SANDBOX]: { mode: 'approve', approval: { ticket: null } },
  },
  accounts: { [ACCOUNT]: { approval: { ticket: TICKET } } },
})

describe('what an approval is asked for', () => {
  it.each([
    ['of the top', '999999999999', [], { reason: 'optional', ticket: { ...TICKET, required: false }, fromRisk: 'low' }],
    [
      'of the unit, for what it sets',
      '999999999999',
      [WORKLOADS],
      { reason: 'required', ticket: { ...TICKET, required: false }, fromRisk: 'elevated' },
    ],
    [
      'of the nearest unit first',
      '999999999999',
      [WORKLOADS, SANDBOX],
      { reason: 'required', ticket: null, fromRisk: 'elevated' },
    ],
    ['of the account before that', ACCOUNT, [WORKLOADS], { reason: 'required', ticket: TICKET, fromRisk: 'elevated' }],
  ])('is that %s', (_whose, account, units, expected) => {
    expect(approvalAsksIn(CONFIG, account, units)).toEqual(expected)
  })

  it('is the most that any unit asks for where the units cannot be seen, and of any account for a change in all', () => {
    expect(approvalAsksIn(CONFIG, '999999999999', null)).toMatchObject({ reason: 'required', fromRisk: 'low' })
    expect(approvalAsksAnywhere(CONFIG)).toEqual({ reason: 'required', ticket: TICKET, fromRisk: 'low' })
  })

  it.each([
    ['low', null],
    ['elevated', { reason: 'required', ticket: null }],
    ['high', { reason: 'required', ticket: null }],
  ] as const)('at %s risk is %o where it begins with elevated', (risk, expected) => {
    expect(askedAt({ reason: 'required', ticket: null, fromRisk: 'elevated' }, risk)).toEqual(expected)
  })
})

describe('the address of a ticket', () => {
  it.each([
    ['OPS-12', TICKET, 'https://jira.example.com/browse/OPS-12'],
    ['a/../b?c', { ...TICKET, pattern: '.*' }, 'https://jira.example.com/browse/a%2F..%2Fb%3Fc'],
    ["$&$'", { ...TICKET, pattern: '.*' }, "https://jira.example.com/browse/%24%26%24'"],
    ['OPS-12', { ...TICKET, url: null }, null],
    ['SEC-12', TICKET, null],
  ])('of %s is in one piece, or nowhere', (ticket, form, url) => {
    expect(ticketUrl(ticket, form)).toBe(url)
  })
})

describe('a pattern', () => {
  const errors = (pattern: string, url: string | null = null) => {
    const parsed = parseConfig(JSON.stringify({ approval: { ticket: { pattern, url } } }))
    return parsed.ok ? [] : parsed.error
  }

  it.each(['OPS-[0-9]+', '[A-Z][A-Z0-9]{1,9}-\\d+', 'INC\\d{7}', '(?:OPS|SEC)-\\d+', 'https://\\S+'])(
    '%s is one',
    text => expect(errors(text)).toEqual([]),
  )

  it.each(['OPS|SEC|INC', 'OPS-\\d{4,8}', 'C\\+\\+\\?\\*\\(-[0-9]+', '[+*?(){1,2}]+'])('%s is one', text =>
    expect(errors(text)).toEqual([]),
  )

  it.each([
    '(',
    '(a+)+',
    '(?=a)b',
    '(a)\\1',
    'a*b*c*d*',
    '[',
    '(?:a|b)*',
    'a?'.repeat(20),
    '(?:a|a)'.repeat(20),
    'a{1,9}a{2,8}a{3,}a+',
    '((((a))))',
    'a'.repeat(201),
  ])('%s is none', text => expect(errors(text)).toEqual([expect.stringMatching(/^approval\.ticket\.pattern: /)]))

  it.each([
    'http://jira.example.com/{ticket}',
    'https://jira.example.com/',
    'https://{ticket}.example.com/',
    'javascript:alert({ticket})',
    'https://a@b.example.com/{ticket}',
    'https://jira.example.com/{ticket}/{ticket}',
  ])('has no page at %s', url => expect(errors('A', url)).toEqual([expect.stringMatching(/^approval\.ticket\.url: /)]))
})
