/** What a proposal needs to show in the chat. Runs after all work that needs no chat. */
export type ShowKind = 'card' | 'reminder' | 'refresh'

export type Show = { readonly kind: ShowKind; readonly run: () => Promise<void> }

export const show = (kind: ShowKind, run: () => Promise<void>): Show => ({ kind, run })

/** Updates the card even if `work` fails, and settles the item only after both. `update` gives false where another worker shows it. */
export async function shownAfter(
  work: () => Promise<unknown>,
  update: () => Promise<unknown>,
  settle: () => Promise<unknown>,
): Promise<Show> {
  const fault = await work().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return show('refresh', async () => {
    const isShown = await update()
    if (fault !== null) throw fault.error
    if (isShown !== false) await settle()
  })
}
