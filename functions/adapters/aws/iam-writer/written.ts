/** What one write did. `notes`: what else had to be done for it, for the record. */
export type Written = { readonly requestIds: readonly string[]; readonly notes: readonly string[] }
