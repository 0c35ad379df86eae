/** One thing that a function needs, tried. Rejects with the reason why it may not, and leaves nothing behind. */
export type Trial = readonly [what: string, run: () => Promise<unknown>]
