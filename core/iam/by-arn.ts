import { perObject } from '../base/index.ts'

type WithArn = { readonly arn: string }

const indexOf = perObject((items: readonly WithArn[]): ReadonlyMap<string, WithArn> => {
  const index = new Map<string, WithArn>()
  for (const item of items) if (!index.has(item.arn)) index.set(item.arn, item)
  return index
})

/** Up to this many items, comparing is faster than an index. */
const FEW = 4

/** The first item with this ARN. Indexed, because a call may pass a hundred roles. */
export function itemOf<T extends WithArn>(items: readonly T[], arn: string | null): T | undefined {
  if (arn === null) return undefined
  if (items.length > FEW) return indexOf(items).get(arn) as T | undefined
  for (const item of items) if (item.arn === arn) return item
  return undefined
}
