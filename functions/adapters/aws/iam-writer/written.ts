/** The result of one write. `notes`: side effects for the audit record, such as a deleted policy version. */
export type Written = { readonly requestIds: readonly string[]; readonly notes: readonly string[] }
