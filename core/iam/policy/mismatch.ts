/** Why an ARN or a name nearly matched. */
export type NearMiss = 'case' | 'path' | 'account' | 'partition' | 'name' | 'session-for-role' | null

/** The first element of a statement that does not match the request. */
export type Mismatch =
  | { readonly element: 'action' }
  | { readonly element: 'resource' | 'principal'; readonly pattern: string | null; readonly near: NearMiss }
  | {
      readonly element: 'condition'
      readonly operator: string
      readonly key: string
      readonly wanted: readonly string[]
      /** The values of the request. Null: the request is known to lack the key. */
      readonly got: readonly string[] | null
    }
