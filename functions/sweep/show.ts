/** What a proposal needs to show in the chat. Runs after all work that needs no chat. */
export type ShowKind = 'card' | 'reminder' | 'refresh'

export type Show = { readonly kind: ShowKind; readonly run: () => Promise<void> }

export const show = (kind: ShowKind, run: () => Promise<void>): Show => ({ kind, run })

/** Updates the card even if `work` fails, and settles the item only after both. */
export async function shownAfter(
  work: () => Promise<unknown>,
  update: () => Promise<void>,
  settle: () => Promise<unknown>,
): Promise<Show> {
  const fault = await work().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return show('refresh', async () => {
    await update()
    if (fault !== null) throw fault.error
    await settle()
  })
}
