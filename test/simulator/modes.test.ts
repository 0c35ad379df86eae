import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { unknown } from '../../core/base/fact.ts'
import { openSampleAccounts } from '../../simulator/sample-accounts.ts'
import { renderAccounts } from '../../simulator/web-ui/accounts.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-units-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the sample accounts', () => {
  it('are in the units that the organization file says', async () => {
    const org = join(folder, 'org.json')
    const path = [{ id: 'r-ab12' }, { id: 'ou-ab12-11111111' }, { id: '111122223333' }]
    writeFileSync(org, JSON.stringify({ organizationId: 'o-abc1234567', accounts: { '111122223333': { path } } }))
    const { units } = openSampleAccounts({ files: [], folder: join(folder, 'accounts'), org })
    expect(await units('111122223333')).toEqual({ known: true, value: ['r-ab12', 'ou-ab12-11111111'] })
    expect(await units('444455556666')).toMatchObject({ known: false })
    const none = openSampleAccounts({ files: [], folder: join(folder, 'none') })
    expect(await none.units('111122223333')).toEqual(unknown('no organization file was given'))
  })

  it('show their mode on the page, as text', () => {
    const account = { id: '111122223333', original: {}, current: {} } as Parameters<
      typeof renderAccounts
    >[0][number]['account']
    const { html } = renderAccounts([
      { account, mode: { mode: 'recommend', setting: 'mode', unread: '<b>refused</b>' } },
    ])
    expect(html).toContain('nobody can approve it. Its units are unknown: &lt;b&gt;refused&lt;/b&gt;')
  })
})
