/** What was read around a denial, to assess what an opened role could become. */
import type { Fact, Read } from '../../base/index.ts'
import type { Identity, ListedRole, Role } from '../../iam/index.ts'

export type Surroundings = {
  /** Every role of an account, by account id. A missing account was not requested. */
  readonly roles: ReadonlyMap<string, Fact<readonly ListedRole[]>>
  /** Roles and users with their policies, by ARN. A missing one was not requested. */
  readonly identities: ReadonlyMap<string, Read<Identity | Role>>
}

/** What must be read to know more. */
export type Want =
  | { readonly kind: 'roles-of'; readonly accountId: string }
  | { readonly kind: 'identity'; readonly arn: string }

export const NOTHING_READ: Surroundings = { roles: new Map(), identities: new Map() }
