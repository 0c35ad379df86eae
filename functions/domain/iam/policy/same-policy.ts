/** Compares two documents regardless of how IAM stored them. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { list, type PolicyDocument, type PrincipalBlock, type Statement } from './policy-document.ts'

/**
 * IAM returns a document as it was written, except trust policies: it unwraps a single value from its list and replaces an
 * account id by the account's ARN. Statement order is significant, order inside lists is not.
 */
export function samePolicy(a: PolicyDocument | null, b: PolicyDocument | null): boolean {
  if (a === null || b === null) return a === b
  return canonicalJson(plain(a)) === canonicalJson(plain(b))
}

const plain = (document: PolicyDocument) => ({
  Version: document.Version ?? '2008-10-17',
  Id: document.Id ?? null,
  Statement: document.Statement.map(plainStatement),
})

function plainStatement(statement: Statement): object {
  const { Condition, Principal, NotPrincipal, ...rest } = statement
  const lists = Object.entries(rest).map(([name, value]) => [name, sorted(value)])
  return {
    ...Object.fromEntries(lists),
    ...(Principal === undefined ? {} : { Principal: plainPrincipal(Principal) }),
    ...(NotPrincipal === undefined ? {} : { NotPrincipal: plainPrincipal(NotPrincipal) }),
    // An empty block equals no block.
    ...(Condition === undefined || Object.keys(Condition).length === 0 ? {} : { Condition: plainCondition(Condition) }),
  }
}

function plainPrincipal(principal: PrincipalBlock): unknown {
  if (principal === '*') return principal
  return Object.fromEntries(Object.entries(principal).map(([type, value]) => [type, sorted(list(value).map(account))]))
}

function account(principal: string): string {
  return /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal
}

/** Names of operators and keys are not case-sensitive. */
function plainCondition(condition: NonNullable<Statement['Condition']>): unknown {
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator.toLowerCase(),
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), sorted(value)])),
    ]),
  )
}

function sorted(value: string | number | boolean | readonly (string | number | boolean)[] | undefined): string[] {
  return list<string | number | boolean>(value).map(String).sort()
}
