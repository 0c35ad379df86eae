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
