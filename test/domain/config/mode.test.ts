import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../core/base/fact.ts'
import { parseConfig } from '../../../functions/domain/config/check-config.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { dependsOnUnits, lowestMode, mayObserve, modeIn, nextUp } from '../../../functions/domain/config/mode.ts'

const ACCOUNT = '111122223333'
const ROOT = 'r-ab12'
const WORKLOADS = 'ou-ab12-11111111'
const SANDBOX = 'ou-ab12-22222222'
const config = (given: object) => configSchema.parse(given)

describe('the mode of an account', () => {
  it('is observe where nobody has chosen one', () => {
    expect(modeIn(config({}), ACCOUNT, unknown('not asked'))).toEqual({
      mode: 'observe',
      setting: 'mode',
      unread: null,
      isUnset: true,
    })
  })

  it.each([
    ['its own', { accounts: { [ACCOUNT]: { mode: 'approve' } } }, 'approve', `accounts.${ACCOUNT}.mode`],
    ['that of its nearest unit', {}, 'recommend', `organizationalUnits.${SANDBOX}.mode`],
    [
      'that of a unit further up where the nearest says nothing',
      { organizationalUnits: { [WORKLOADS]: { mode: 'approve' } } },
      'approve',
      `organizationalUnits.${WORKLOADS}.mode`,
    ],
    ['that of the top where no unit of it says anything', { organizationalUnits: {} }, 'observe', 'mode'],
  ])('is %s', (_whose, changed, mode, setting) => {
    const given = config({
      mode: 'observe',
      organizationalUnits: { [WORKLOADS]: { mode: 'approve' }, [SANDBOX]: { mode: 'recommend' } },
      ...changed,
    })
    const units = known([ROOT, WORKLOADS, SANDBOX])
    expect(modeIn(given, ACCOUNT, units)).toEqual({ mode, setting, unread: null })
  })

  it('is the lowest that is possible, and says why, where its units cannot be read', () => {
    const given = config({ mode: 'approve', organizationalUnits: { [SANDBOX]: { mode: 'recommend' } } })
    expect(modeIn(given, ACCOUNT, unknown('access denied'))).toEqual({
      mode: 'recommend',
      setting: `organizationalUnits.${SANDBOX}.mode`,
      unread: 'access denied',
    })
    const lower = config({ mode: 'observe', organizationalUnits: { [SANDBOX]: { mode: 'approve' } } })
    expect(modeIn(lower, ACCOUNT, unknown('access denied'))).toMatchObject({ mode: 'observe', setting: 'mode' })
  })

  it('asks for units only where they can decide', () => {
    const units = { organizationalUnits: { [SANDBOX]: { mode: 'approve' } } }
    expect(dependsOnUnits(config({ mode: 'observe' }), ACCOUNT)).toBe(false)
    expect(dependsOnUnits(config(units), ACCOUNT)).toBe(true)
    expect(dependsOnUnits(config({ ...units, accounts: { [ACCOUNT]: { mode: 'observe' } } }), ACCOUNT)).toBe(false)
  })

  it('of an object’s own member is none', () => {
    const given = config({ mode: 'approve', organizationalUnits: { [SANDBOX]: { mode: 'observe' } } })
    expect(modeIn(given, 'constructor', known(['__proto__', 'toString']))).toMatchObject({
      mode: 'approve',
      setting: 'mode',
    })
  })
})

describe('the lowest mode of a configuration', () => {
  it('is what a change counts as that reaches any account', () => {
    expect(lowestMode(config({ mode: 'approve', accounts: { [ACCOUNT]: { mode: 'recommend' } } }))).toMatchObject({
      mode: 'recommend',
      setting: `accounts.${ACCOUNT}.mode`,
    })
    expect(mayObserve(config({ mode: 'approve', accounts: { [ACCOUNT]: { mode: 'recommend' } } }))).toBe(false)
    expect(mayObserve(config({ organizationalUnits: { [SANDBOX]: { mode: 'observe' } } }))).toBe(true)
  })
})

describe('moving up', () => {
  it('is one line', () => {
    const at = (mode: 'observe' | 'recommend' | 'approve') => nextUp({ mode, setting: 'mode', unread: null })
    expect([at('observe'), at('recommend'), at('approve')]).toEqual(['"mode": "recommend"', '"mode": "approve"', null])
  })
})

describe('the check of the configuration', () => {
  it.each([
    ['{"mode": "approved"}', 'mode: a mode is observe, recommend or approve, got "approved"'],
    [
      '{"accounts": {"111122223333": {"mode": "off"}}}',
      'accounts.111122223333.mode: a mode is observe, recommend or approve, got "off"',
    ],
    [
      '{"organizationalUnits": {"r-ab12": {"mode": "observe"}}}',
      'organizationalUnits.r-ab12: an organizational unit id is like ou-ab12-11111111',
    ],
    [
      '{"organizationalUnits": {"ou-ab12-11111111": {"modes": "observe"}}}',
      'organizationalUnits.ou-ab12-11111111.modes: unknown key; did you mean "mode"?',
    ],
  ])('of %s says what is wrong', (text, message) => {
    const parsed = parseConfig(text)
    expect(parsed.ok ? [] : parsed.error).toContain(message)
  })
})
