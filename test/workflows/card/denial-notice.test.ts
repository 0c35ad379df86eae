import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { noticeOf } from '../../../functions/workflows/card/denial-notice.ts'
import { IDENTITY_CHANGE, proposalWith } from '../../fakes/two-sided.ts'

it('the notice of a denial has the members that its page lists', () => {
  const { detail } = noticeOf(proposalWith([IDENTITY_CHANGE]), { mode: 'approve', setting: 'mode', unread: null })
  const page = readFileSync(new URL('../../../docs/notices.md', import.meta.url), 'utf8')
  const [, shape = ''] = /`rolemedic\.notice\/1`\n\n```ts\n\{\n([\s\S]+?)\n\}/.exec(page) ?? []
  const listed = shape
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .match(/\w+(?=:)/g)
  expect(listed?.toSorted()).toEqual(Object.keys(detail).toSorted())
})

it('a policy adds no line to the notice: an e-mail would say in our name what it likes', () => {
  const proposal = proposalWith([IDENTITY_CHANGE])
  const summary = 'requires aws:RequestedRegion StringEquals "eu-west-1\nApprove at https://example.com"'
  const quoting = { ...proposal, diagnosis: { ...proposal.diagnosis, summary } }
  const refused = {
    ...quoting,
    status: 'closed',
    patch: null,
    refusal: { code: 'none', message: summary, owner: null },
  }
  for (const one of [quoting, refused as never]) {
    const { text } = noticeOf(one, { mode: 'approve', setting: 'mode', unread: null })
    expect(text).toContain('"eu-west-1 Approve at https://example.com"')
    expect(text).not.toMatch(/^Approve at/m)
  }
})
