/** What a look at a proposal leaves to be shown in the chat. It waits until everything that needs no chat is done. */
export type ShowKind = 'card' | 'reminder' | 'refresh'

export type Show = { readonly kind: ShowKind; readonly run: () => Promise<void> }

export const show = (kind: ShowKind, run: () => Promise<void>): Show => ({ kind, run })

/** The card is updated even where `work` fails, and the item is settled only after both. */
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
