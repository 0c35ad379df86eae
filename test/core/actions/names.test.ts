import { expect, it } from 'vitest'
import { ACTIONS } from '../../../core/actions/actions.ts'
import { GRANTED_TO_CALLERS } from '../../../core/actions/names.ts'

it('may be allowed to callers: every action that is drafted as a statement, and what PassRole needs beside it', () => {
  const drafted = ACTIONS.filter(({ draft }) => draft.kind !== 'nothing' && draft.kind !== 'claim').map(
    ({ name }) => name,
  )
  expect(GRANTED_TO_CALLERS.toSorted()).toEqual([...drafted, 'iam:GetRole'].sort())
})
