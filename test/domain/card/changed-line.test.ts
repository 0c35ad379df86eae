import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { cardOf } from '../../../functions/domain/card/card.ts'
import { changedLine, whatChangedLines } from '../../../functions/domain/card/sentences/changed-line.ts'
import type { WhatChanged } from '../../../functions/domain/proposal/proposal.ts'
import { CONFIG } from '../../fakes/memory-bot.ts'
import { APPROVE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const WRITE = {
  ...{ id: 'e-1', atMs: NOON - 3_600_000, eventName: 'PutRolePolicy', subject: 'deploy' },
  by: 'arn:aws:sts::111122223333:assumed-role/terraform/terraform-run-9f',
  target: 'arn:aws:iam::111122223333:role/deployer',
}
const LOST = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: 'iam:PassRole', Resource: '*' }],
}
const found = (write: Partial<typeof WRITE | { by: null; subject: null }>): WhatChanged => ({
  ...{ outcome: 'found', seenAtMs: NOON, isFinal: true, lost: LOST, othersClosed: false },
  write: { ...WRITE, ...write },
})
const line = (whatChanged: WhatChanged) => {
  const text = changedLine({ whatChanged })
  return text === null ? null : asPlainText(text).replace(/^Worked until 2026-11-24 11:00 UTC: /, '')
}
const onCard = (whatChanged: WhatChanged): string => {
  const context = { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 1, mayApprove: [] }
  const { headline, lines, status } = cardOf(sampleProposal({ whatChanged }), context)
  return [headline, ...lines, ...status].map(asPlainText).join('\n')
}

describe('the line about what took a permission away', () => {
  it.each<[Parameters<typeof found>[0], string]>([
    [{}, 'terraform-run-9f replaced inline policy deploy of deployer.'],
    [{ eventName: 'DeleteRolePolicy' }, 'terraform-run-9f deleted inline policy deploy of deployer.'],
    [
      { eventName: 'DetachRolePolicy', subject: 'arn:aws:iam::111122223333:policy/team/pass' },
      'terraform-run-9f detached policy pass from deployer.',
    ],
    [
      { eventName: 'CreatePolicyVersion', subject: 'arn:aws:iam::111122223333:policy/pass' },
      'terraform-run-9f replaced managed policy pass.',
    ],
    [{ eventName: 'UpdateAssumeRolePolicy' }, 'terraform-run-9f replaced the trust policy of deployer.'],
    [
      { eventName: 'PutRolePermissionsBoundary', subject: 'arn:aws:iam::111122223333:policy/cap' },
      'terraform-run-9f set permissions boundary cap on deployer.',
    ],
    [
      { eventName: 'RemoveUserFromGroup', subject: 'deployers' },
      'terraform-run-9f removed deployer from group deployers.',
    ],
    [{ eventName: 'UntagRole' }, 'terraform-run-9f changed the tags of deployer.'],
    [{ eventName: 'CreateRole' }, 'terraform-run-9f made deployer again.'],
    [{ eventName: 'AttachPolicy' }, 'terraform-run-9f called AttachPolicy on deployer.'],
    [{ by: 'arn:aws:iam::111122223333:user/ada' }, 'ada replaced inline policy deploy of deployer.'],
    [{ by: null }, 'a caller whom the record does not name replaced inline policy deploy of deployer.'],
  ])('of %j is “%s”', (write, expected) => {
    expect(line(found(write))).toBe(expected)
  })

  it('says of a policy that took no statement away that it was written: it may be a new one', () => {
    expect(line({ ...found({}), lost: null } as WhatChanged)).toBe(
      'terraform-run-9f wrote inline policy deploy of deployer.',
    )
  })

  it('says when it was looked up without a day in the middle of a sentence', () => {
    const lines = whatChangedLines({
      whatChanged: { outcome: 'not-proved', why: 'the trail has a gap', seenAtMs: NOON, isFinal: true },
    })
    expect(lines.map(asPlainText)).toEqual([
      'What changed is not proved: the trail has a gap. Looked up: 2026-11-24 12:00 UTC.',
    ])
  })

  it('stands on the card, and who wrote is cut where it is long', () => {
    expect(onCard(found({}))).toContain(
      'Worked until 2026-11-24 11:00 UTC: terraform-run-9f replaced inline policy deploy',
    )
    expect(line(found({ by: `arn:aws:iam::111122223333:user/${'x'.repeat(64)}` }))).toContain(
      `${'x'.repeat(39)}… replaced`,
    )
  })

  it('shows markup and mentions in names as text', () => {
    const hostile = found({ by: 'arn:aws:sts::111122223333:assumed-role/a/<!channel>*x*', subject: '@here' })
    const spans = changedLine({ whatChanged: hostile }) ?? []
    expect(spans.filter(({ kind }) => kind === 'code').map(span => ('text' in span ? span.text : ''))).toEqual([
      '<!channel>*x*',
      '@here',
      'deployer',
    ])
    expect(spans.some(({ kind }) => kind === 'person' || kind === 'link')).toBe(false)
  })

  it('names no write and nobody unless one is found', () => {
    const seen = fc.record({ seenAtMs: fc.constant(NOON), isFinal: fc.boolean() })
    const others = fc.oneof(
      seen.map(one => ({ ...one, outcome: 'never-allowed' as const, sinceMs: NOON - 1_000 })),
      fc.tuple(seen, fc.string()).map(([one, why]) => ({ ...one, outcome: 'not-proved' as const, why: `${why} WHY` })),
    )
    const bare = onCard({ outcome: 'never-allowed', sinceMs: 0, seenAtMs: NOON, isFinal: true })
    fc.assert(
      fc.property(others, whatChanged => {
        expect(line(whatChanged)).toBeNull()
        // Word for word the card without it.
        expect(onCard(whatChanged)).toBe(bare)
        expect(bare).not.toContain('Worked until')
        expect(whatChangedLines({ whatChanged })).toHaveLength(1)
      }),
    )
  })
})
