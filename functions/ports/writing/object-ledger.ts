/** Objects that are created once and never replaced: the one place where it stands that something was done. */
export interface ObjectLedger {
  /** `taken`: another object has the key. Durable when it resolves. */
  create(key: string, text: string): Promise<'created' | 'taken'>
  /** Every version of the key and every delete marker, the first one first. Empty: there never was any. */
  versions(key: string): Promise<readonly ObjectVersion[]>
  /** The content of a version. Throws `ledger-unreadable` where the storage does not give it, also if it is asked again. */
  read(key: string, version: string): Promise<string>
  /** The keys below a prefix in order, those with a delete marker among them. */
  keys(prefix: string, after?: string): AsyncIterable<string>
}

export type ObjectVersion = { readonly id: string; readonly isDeleteMarker: boolean }
