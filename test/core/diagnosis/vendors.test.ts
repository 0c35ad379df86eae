import { describe, expect, it } from 'vitest'
import { VENDORS, vendorOf } from '../../../core/diagnosis/wording/vendors.ts'

describe('a vendor that assumes roles of its customers', () => {
  it.each(VENDORS)(
    'is known by accounts that it publishes itself, and says where its external id is: $name',
    vendor => {
      expect(vendor.accounts.length).toBeGreaterThan(0)
      expect(vendor.accounts.every(id => /^\d{12}$/.test(id))).toBe(true)
      expect(vendor.source).toMatch(/^https:\/\//)
      expect(vendor.externalId).not.toBe('')
    },
  )

  it('owns an account alone', () => {
    const accounts = VENDORS.flatMap(vendor => vendor.accounts)
    expect(new Set(accounts).size).toBe(accounts.length)
  })

  it('is nobody for an account that none publishes', () => {
    expect(vendorOf('111122223333')).toBe(null)
    expect(vendorOf(null)).toBe(null)
    expect(vendorOf('464622532012')?.name).toBe('Datadog')
  })
})
