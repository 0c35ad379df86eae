import { describe, expectTypeOf, it } from 'vitest'
import type { ActionDescriptor } from '../../core/actions/action.ts'
import { type DeniedAction, descriptorOf } from '../../core/actions/actions.ts'

/** Members that a descriptor may omit. */
type MayLack<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]

describe('the descriptor of an action', () => {
  it('has no optional member, at any depth', () => {
    expectTypeOf<MayLack<ActionDescriptor>>().toEqualTypeOf<never>()
    expectTypeOf<MayLack<ActionDescriptor['record']>>().toEqualTypeOf<never>()
    expectTypeOf<MayLack<ActionDescriptor['message']>>().toEqualTypeOf<never>()
    expectTypeOf<MayLack<ActionDescriptor['authorization']>>().toEqualTypeOf<never>()
    expectTypeOf<MayLack<ActionDescriptor['target']>>().toEqualTypeOf<never>()
    expectTypeOf<MayLack<ActionDescriptor['wording']>>().toEqualTypeOf<never>()
  })

  it('exists for every denied action, and for no other text', () => {
    expectTypeOf(descriptorOf).parameter(0).toEqualTypeOf<DeniedAction>()
    expectTypeOf<'iam:PassRole'>().toExtend<DeniedAction>()
    // @ts-expect-error: an action without a descriptor is not one of ours
    const other: DeniedAction = 'sts:GetFederationToken'
    expectTypeOf(other).toBeString()
  })
})
