/** What was read around a denial, to judge what a role that is opened could become. */
import type { Fact, Read } from '../../base/index.ts'
import type { Identity, ListedRole, Role } from '../../iam/index.ts'

export type Surroundings = {
  /** Every role of an account, by account id. An account that is missing was not asked for. */
  readonly roles: ReadonlyMap<string, Fact<readonly ListedRole[]>>
  /** Roles and users with their policies, by ARN. One that is missing was not asked for. */
  readonly identities: ReadonlyMap<string, Read<Identity | Role>>
}

/** What would have to be read to say more. */
export type Want =
  | { readonly kind: 'roles-of'; readonly accountId: string }
  | { readonly kind: 'identity'; readonly arn: string }

export const NOTHING_READ: Surroundings = { roles: new Map(), identities: new Map() }
