import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../core/base/fact.ts'
import type { RequesterClaim } from '../../../functions/domain/authority/requester.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { ineligible, isOwnRequest, tooFewInWords } from '../../../functions/domain/proposal/approval-policy.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { approvalSummaryOf } from '../../../functions/workflows/approval/approval-summary.ts'
import { eligibilityOf } from '../../../functions/workflows/approval/approver-eligibility.ts'
import { requesterOf } from '../../../functions/workflows/approval/requester-identity.ts'
import { memoryChat } from '../../fakes/memory-chat.ts'
import { approver, DIGEST, HOUR, movedTo, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const UNPROVED: RequesterClaim = { kind: 'unknown', why: 'people can assume this role', claimed: null }

const UNITS = async () => known([])

describe('the right of an approver', () => {
  it('comes from the list, without asking the chat', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ONCALL1'], groups: ['S0UNREADABLE'] },
    })
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', config, memoryChat(), UNITS)).approver).toEqual(
      known(true),
    )
  })

  it('comes from a group, and an unreadable group gives none', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { groups: ['S0ONCALL', 'S0OTHERS'] } })
    const chat = memoryChat()
    chat.groups.set('S0ONCALL', known(['U0ONCALL1']))
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', config, chat, UNITS)).approver).toEqual(known(true))
    expect((await eligibilityOf(sampleProposal(), 'U0VISITOR', config, chat, UNITS)).approver).toMatchObject({
      known: false,
    })
    chat.groups.set('S0OTHERS', known([]))
    expect((await eligibilityOf(sampleProposal(), 'U0VISITOR', config, chat, UNITS)).approver).toEqual(known(false))
  })

  it('is the account’s own where the account names approvers', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ONCALL1'] },
      accounts: { '111122223333': { approvers: { users: ['U0ONCALL2'] } } },
    })
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', config, memoryChat(), UNITS)).approver).toEqual(
      known(false),
    )
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL2', config, memoryChat(), UNITS)).approver).toEqual(
      known(true),
    )
  })

  it('is needed in every account that the patch changes', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
      accounts: { '444455556666': { approvers: { users: ['U0ONCALL2'] } } },
    })
    const sample = sampleProposal()
    const [change] = sample.patch?.changes ?? []
    if (change === undefined || sample.patch === null) throw new Error('the sample has no change')
    const other = { ...change, target: { ...change.target, accountId: '444455556666' } }
    const both = { ...sample, patch: { ...sample.patch, changes: [change, other] } }
    expect((await eligibilityOf(both, 'U0ONCALL1', config, memoryChat(), UNITS)).approver).toEqual(known(false))
    expect((await eligibilityOf(both, 'U0ONCALL2', config, memoryChat(), UNITS)).approver).toEqual(known(true))
  })

  it('for a permission set is common to all accounts, not that of one', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ONCALL1'] },
      accounts: { '111122223333': { approvers: { users: ['U0ONCALL2'] } } },
    })
    const sample = sampleProposal()
    const [change] = sample.patch?.changes ?? []
    if (change === undefined || sample.patch === null) throw new Error('the sample has no change')
    const set = { ...change, target: { ...change.target, kind: 'permission-set-inline-policy' as const } }
    const reaching = { ...sample, patch: { ...sample.patch, changes: [set] } }
    expect((await eligibilityOf(reaching, 'U0ONCALL1', config, memoryChat(), UNITS)).approver).toEqual(known(true))
    expect((await eligibilityOf(reaching, 'U0ONCALL2', config, memoryChat(), UNITS)).approver).toEqual(known(false))
    expect((await approvalSummaryOf(reaching, config, memoryChat(), NOON)).mayApprove).toEqual(approver('U0ONCALL1'))
  })

  it('is nobody’s where nobody is configured', async () => {
    const config = configSchema.parse({ mode: 'approve' })
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', config, memoryChat(), UNITS)).approver).toEqual(
      known(false),
    )
    expect((await approvalSummaryOf(sampleProposal(), config, memoryChat(), NOON)).mayApprove).toEqual([
      { kind: 'own', text: 'nobody (no approvers are configured)' },
    ])
  })

  it('of two is needed for a person who cannot be named, and it is said why', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })
    const machine = sampleProposal()
    const person = { ...machine, requester: UNPROVED }
    expect(await approvalSummaryOf(machine, config, memoryChat(), NOON)).toMatchObject({ needed: 1, because: null })
    expect(await approvalSummaryOf(person, config, memoryChat(), NOON)).toMatchObject({
      needed: 2,
      because: 'it cannot be seen who was denied, as people can assume this role',
    })
  })

  it('is not shown for the person whose own request it is, by the rule that refuses their press', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ADA', 'U0JANE'], groups: ['S0ONCALL'] },
    })
    const sample = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } })
    const own: Proposal = { ...sample, requester: { kind: 'email', email: 'jane@example.com' } }
    const chat = memoryChat()
    chat.emails.set('jane@example.com', known('U0JANE'))
    chat.groups.set('S0ONCALL', known(['U0JANE']))
    expect(await approvalSummaryOf(own, config, chat, NOON)).toMatchObject({
      needed: 2,
      mayApprove: [
        { kind: 'person', id: 'U0ADA', name: null },
        { kind: 'own', text: ', ' },
        { kind: 'own', text: 'group ' },
        { kind: 'group', id: 'S0ONCALL' },
      ],
      leftOut: 'U0JANE',
      tooFew: 1,
    })
    const permissions = await eligibilityOf(own, 'U0JANE', config, chat, UNITS)
    const press = { action: 'approve' as const, by: { id: 'U0JANE', name: 'jane' }, proposalId: own.id, digest: DIGEST }
    expect(ineligible(own, { ...press, reason: null }, permissions, NOON)).toMatchObject({ code: 'self-approval' })
    chat.groups.set('S0ONCALL', known(['U0JANE', 'U0BEN']))
    expect(await approvalSummaryOf(own, config, chat, NOON)).toMatchObject({ leftOut: 'U0JANE', tooFew: null })
    chat.groups.delete('S0ONCALL')
    expect(await approvalSummaryOf(own, config, chat, NOON)).toMatchObject({ tooFew: null })
  })

  it('is lost for an approval given before, unless that cannot be seen', async () => {
    const approvals = [{ by: { id: 'U0LEFT', name: 'left' }, atMs: NOON, limitHours: null, reason: null, signed: null }]
    const proposal = sampleProposal({ approvals })
    const listed = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ADA'] } })
    expect((await eligibilityOf(proposal, 'U0ADA', listed, memoryChat(), UNITS)).lapsed).toEqual(['U0LEFT'])
    const grouped = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ADA'], groups: ['S0ONCALL'] } })
    const chat = memoryChat()
    chat.groups.set('S0ONCALL', unknown('Slack does not answer'))
    expect((await eligibilityOf(proposal, 'U0ADA', grouped, chat, UNITS)).lapsed).toEqual([])
    chat.groups.set('S0ONCALL', known(['U0LEFT']))
    expect((await eligibilityOf(proposal, 'U0ADA', grouped, chat, UNITS)).lapsed).toEqual([])
    chat.groups.set('S0ONCALL', known([]))
    expect((await eligibilityOf(proposal, 'U0ADA', grouped, chat, UNITS)).lapsed).toEqual(['U0LEFT'])
  })

  it('is counted over all accounts, with those who have approved already', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ADA', 'U0BEN'] } })
    const twice = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } })
    expect(await approvalSummaryOf(twice, config, memoryChat(), NOON)).toMatchObject({ leftOut: null, tooFew: null })
    const one = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ADA'] } })
    expect(await approvalSummaryOf(twice, one, memoryChat(), NOON)).toMatchObject({ tooFew: 1 })
    const by = (id: string) => ({ by: { id, name: id }, atMs: NOON, limitHours: null, reason: null, signed: null })
    const ada = { ...twice, approvals: [by('U0ADA')] }
    expect(await approvalSummaryOf(ada, config, memoryChat(), NOON)).toMatchObject({ had: ['U0ADA'], tooFew: null })
    expect(await approvalSummaryOf(ada, one, memoryChat(), NOON)).toMatchObject({ had: ['U0ADA'], tooFew: 1 })
    const left = { ...twice, approvals: [by('U0LEFT')] }
    expect(await approvalSummaryOf(left, one, memoryChat(), NOON)).toMatchObject({ had: [], tooFew: 1 })
    const over = { ...ada, approvals: ada.approvals.map(each => ({ ...each, limitHours: 1 })) }
    expect(await approvalSummaryOf(over, config, memoryChat(), NOON + HOUR - 1)).toMatchObject({ had: ['U0ADA'] })
    expect(await approvalSummaryOf(over, config, memoryChat(), NOON + HOUR)).toMatchObject({ had: [] })
    expect(await approvalSummaryOf(movedTo(twice, { status: 'applied' }), one, memoryChat(), NOON)).toMatchObject({
      tooFew: null,
    })
  })

  it('does not come with break-glass unless that is switched on', async () => {
    const off = configSchema.parse({ mode: 'approve' })
    const on = configSchema.parse({ mode: 'approve', breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' } })
    const chat = memoryChat()
    chat.groups.set('S0GLASS', known(['U0ONCALL1']))
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', off, chat, UNITS)).breakGlass).toEqual(known(false))
    expect((await eligibilityOf(sampleProposal(), 'U0ONCALL1', on, chat, UNITS)).breakGlass).toEqual(known(true))
  })
})

describe('the denied person', () => {
  const chat = memoryChat()
  chat.emails.set('anna@example.com', known('U0ONCALL1'))
  chat.emails.set('broken@example.com', unknown('Slack does not answer'))

  it('is found by the e-mail address that was proved', async () => {
    expect(await requesterOf({ kind: 'email', email: 'anna@example.com' }, chat)).toEqual({
      kind: 'person',
      userId: 'U0ONCALL1',
    })
  })

  it('is unknown when the address belongs to nobody and when Slack does not answer', async () => {
    for (const email of ['nobody@example.com', 'broken@example.com'])
      expect(await requesterOf({ kind: 'email', email }, chat)).toMatchObject({ kind: 'unknown', claimed: null })
  })

  it('who is only claimed stays unknown, and is named so that they do not approve', async () => {
    expect(await requesterOf({ ...UNPROVED, claimed: 'anna@example.com' }, chat)).toEqual({
      ...UNPROVED,
      claimed: 'U0ONCALL1',
    })
    expect(await requesterOf({ ...UNPROVED, claimed: 'broken@example.com' }, chat)).toEqual(UNPROVED)
    expect(await requesterOf(UNPROVED, chat)).toEqual(UNPROVED)
  })

  it('everybody whom the session claims stays out, by address or by the configuration', async () => {
    const claim = { ...UNPROVED, claimed: 'anna@example.com', alsoClaimed: ['nobody@example.com', 'U0ONCALL2'] }
    const requester = await requesterOf(claim, chat)
    expect(requester).toMatchObject({ claimed: 'U0ONCALL1', alsoClaimed: ['U0ONCALL2'] })
    expect(['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'].map(id => isOwnRequest(requester, id))).toEqual([true, true, false])
  })

  it('who is only claimed may not approve, and does not make one approval enough', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] } })
    const claimed = sampleProposal({ requester: { ...UNPROVED, claimed: 'anna@example.com' } })
    const press = { action: 'approve' as const, proposalId: claimed.id, digest: DIGEST, reason: null }
    const anna = await eligibilityOf(claimed, 'U0ONCALL1', config, chat, UNITS)
    expect(ineligible(claimed, { ...press, by: { id: 'U0ONCALL1', name: 'anna' } }, anna, NOON)).toMatchObject({
      code: 'self-approval',
      message: 'The session of the denied request claims to be you: somebody else must approve it.',
    })
    const ben = await eligibilityOf(claimed, 'U0ONCALL2', config, chat, UNITS)
    expect(ineligible(claimed, { ...press, by: { id: 'U0ONCALL2', name: 'ben' } }, ben, NOON)).toBeNull()
    expect(await approvalSummaryOf(claimed, config, chat, NOON)).toMatchObject({
      needed: 2,
      tooFew: 1,
      leftOut: 'U0ONCALL1',
    })
  })

  it('is taken as the configuration maps it', async () => {
    expect(await requesterOf({ kind: 'person', userId: 'U0ADA' }, chat)).toEqual({ kind: 'person', userId: 'U0ADA' })
    expect(await requesterOf({ kind: 'machine' }, chat)).toEqual({ kind: 'machine' })
  })
})

describe('what is missing where nobody can approve', () => {
  const OWN = '111122223333'
  const words = async (config: object, proposal: Proposal, chat = memoryChat()) =>
    tooFewInWords(await approvalSummaryOf(proposal, configSchema.parse(config), chat, NOON))
  const twoNeeded = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } })

  it.each([
    ['no approvers at all', {}, 'Nobody may approve this: add approvers to "approvers" in rolemedic.config.json.'],
    [
      'one of two that are needed',
      { approvers: { users: ['U0ADA'] } },
      'Only 1 of the 2 people needed may approve: add approvers to "approvers" in rolemedic.config.json.',
    ],
    [
      'one in the account’s own list',
      { approvers: { users: ['U0ADA', 'U0BEN'] }, accounts: { [OWN]: { approvers: { users: ['U0BEN'] } } } },
      `Only 1 of the 2 people needed may approve: add approvers to "accounts.${OWN}.approvers" in rolemedic.config.json.`,
    ],
  ])('names the setting for %s', async (_what, config, message) => {
    expect(await words(config, twoNeeded)).toBe(message)
  })

  it('names the group that has no members', async () => {
    const chat = memoryChat()
    chat.groups.set('S0EMPTY', known([]))
    expect(await words({ approvers: { groups: ['S0EMPTY'] } }, sampleProposal(), chat)).toBe(
      'Nobody may approve this: add approvers to "approvers" in rolemedic.config.json. Group S0EMPTY has no members.',
    )
  })

  it('says that the only approver is the one who was denied', async () => {
    const chat = memoryChat()
    chat.emails.set('jane@example.com', known('U0JANE'))
    const own: Proposal = { ...sampleProposal(), requester: { kind: 'email', email: 'jane@example.com' } }
    expect(await words({ approvers: { users: ['U0JANE'] } }, own, chat)).toBe(
      'The only approver is the person who was denied: add approvers to "approvers" in rolemedic.config.json.',
    )
  })

  it('is nothing where a group cannot be read, as it may be enough', async () => {
    expect(await words({ approvers: { groups: ['S0UNREADABLE'] } }, twoNeeded)).toBe(null)
  })
})
