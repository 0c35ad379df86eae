/** A row where the product differs from the table, and why the product is right or the table has no value to compare. */
export type Expectation = {
  /** The first 12 hex digits of the SHA-256 of the message. The corpus is read, never copied. */
  readonly row: string
  readonly column: 'delivered' | 'principal' | 'resource' | 'reason'
  /**
   * `not-published`: the cell contains the publisher's elision instead of a value, and is not counted. `differs`: counted as
   * wrong.
   */
  readonly kind: 'not-published' | 'differs'
  readonly ours: string
  readonly why: string
}

/**
 * All of these cells contain what the publisher left of the message: a redacted ARN that is no ARN any more, the word "User" in place of
 * the ARN, or an invalid action. The product returns an ARN or nothing, because a part of a name must never be read as a role.
 */
export const EXPECTATIONS: readonly Expectation[] = [
  {
    row: '4898fbe7b83e',
    column: 'resource',
    kind: 'not-published',
    ours: '',
    why: 'partition and account are cut off: role/NAME is no ARN',
  },
  {
    row: '0e25e7e08895',
    column: 'resource',
    kind: 'not-published',
    ours: '',
    why: 'account and name are cut out: an ARN without a name is of no role',
  },
  {
    row: 'dfaa61b893c6',
    column: 'resource',
    kind: 'not-published',
    ours: '',
    why: 'the name breaks off in three dots: its beginning could be another role',
  },
  { row: '92d0fe30e549', column: 'principal', kind: 'not-published', ours: '', why: '"User" stands where the ARN was' },
  { row: 'e19bf884db64', column: 'principal', kind: 'not-published', ours: '', why: '"User" stands where the ARN was' },
  {
    row: '9071fac4d205',
    column: 'principal',
    kind: 'not-published',
    ours: '',
    why: 'the name of its role breaks off in three dots: its beginning could be another role',
  },
  {
    row: '0ac593788f65',
    column: 'resource',
    kind: 'not-published',
    ours: '',
    why: 'words replace the ARN',
  },
  { row: '8624f8a4b34d', column: 'principal', kind: 'not-published', ours: '', why: 'three dots replace it' },
  { row: '8624f8a4b34d', column: 'resource', kind: 'not-published', ours: '', why: 'three dots replace it' },
  { row: '6373a05d0b6c', column: 'resource', kind: 'not-published', ours: '', why: 'asterisks replace it' },
  {
    row: '1295b8b2b2f0',
    column: 'resource',
    kind: 'not-published',
    ours: '',
    why: '"arn:" and the account are cut off',
  },
  {
    row: '8302618ed3de',
    column: 'delivered',
    kind: 'not-published',
    ours: 'true',
    why: '"iam:Action" replaces the action: the rule delivers this operation whatever the message says',
  },
]
