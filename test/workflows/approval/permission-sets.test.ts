import { describe, expect, it } from 'vitest'
import { known } from '../../../core/base/fact.ts'
import { asPlainText } from '../../../core/base/index.ts'
import { cardOf } from '../../../functions/domain/card/index.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import { modeRefusal } from '../../../functions/domain/proposal/approval-policy.ts'
import { decidingMode } from '../../../functions/workflows/approval/account-mode.ts'
import { approver, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const UNITS = async () => known([])
const CONFIG = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })
/** Deployed without `organization.identityCenter`. */
const WITHOUT: Config = { ...CONFIG, writesPermissionSets: false }

function proposal(kind: 'permission-set-inline-policy' | 'role-inline-policy') {
  const sample = sampleProposal()
  if (sample.patch === null) throw new Error('the sample has no change')
  const changes = sample.patch.changes.map(change => ({ ...change, target: { ...change.target, kind } }))
  return { ...sample, patch: { ...sample.patch, changes } }
}

async function cardWith(config: Config, kind: Parameters<typeof proposal>[0] = 'permission-set-inline-policy') {
  const one = proposal(kind)
  const mode = await decidingMode(one, { config, units: UNITS })
  const card = cardOf(one, { config, mode, nowMs: NOON, needed: 1, mayApprove: approver('U0ONCALL1') })
  const text = [...card.lines, ...card.status].map(asPlainText).join('\n')
  return { text, buttons: card.buttons.map(({ action }) => action), mode }
}

describe('a change to a permission set', () => {
  it('has no Approve where the bot is deployed without the account that administers Identity Center', async () => {
    const { buttons, text, mode } = await cardWith(WITHOUT)
    expect(buttons).toEqual(['details'])
    expect(text).toContain('permission sets are not written here (organization.identityCenter of rolemedic.deploy.json')
    expect(text).not.toContain('rolemedic.config.json')
    expect(modeRefusal(mode)?.message).toContain('permission sets are not written here')
  })

  it('has it where it is deployed with it, and so has any other change', async () => {
    expect((await cardWith(CONFIG)).buttons).toContain('approve')
    expect((await cardWith(WITHOUT, 'role-inline-policy')).buttons).toContain('approve')
  })

  it('stays as low as the configuration says', async () => {
    expect((await cardWith({ ...WITHOUT, mode: 'observe' })).mode).toMatchObject({ mode: 'observe', setting: 'mode' })
  })
})
