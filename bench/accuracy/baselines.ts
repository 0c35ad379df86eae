/** Two guesses that similar tools commonly make, for comparison. Neither reads a policy. */
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { CaseInput } from '../../test/case-run.ts'
import type { ProposedDocument } from './proposed-document.ts'

type Event = {
  readonly eventSource?: string
  readonly eventName?: string
  readonly errorMessage?: string
  readonly userIdentity?: { readonly arn?: string }
  readonly requestParameters?: { readonly [key: string]: unknown } | null
}

/** Allows the failed call itself, on a role named in the call or else on everything. */
export function actionFromEventName({ event }: CaseInput): readonly ProposedDocument[] {
  const { eventSource, eventName, requestParameters, userIdentity } = (event ?? {}) as Event
  if (eventSource === undefined || eventName === undefined || userIdentity?.arn === undefined) return []
  const service = eventSource.split('.')[0]
  const role = Object.values(requestParameters ?? {}).find(value => /^arn:aws[a-z-]*:iam::/.test(String(value)))
  return [allowing(`${service}:${eventName.replace(/\d{8}.*$/, '')}`, String(role ?? '*'))]
}

/** "not authorized to perform X on resource Y" becomes an allow of X on Y for the caller, unless the message mentions a deny. */
export function trustTheMessage({ event, message }: CaseInput): readonly ProposedDocument[] {
  const text = message ?? ((event ?? {}) as Event).errorMessage ?? ''
  const named = /not authorized to perform: ?(\S+)(?: on resource: ?(\S+))?/.exec(text)
  if (named === null || /explicit deny/.test(text)) return []
  return [allowing(named[1] ?? '', named[2] ?? '*')]
}

function allowing(action: string, resource: string): ProposedDocument {
  const statement: Statement = { Effect: 'Allow', Action: action, Resource: resource }
  const after: PolicyDocument = { Version: '2012-10-17', Statement: [statement] }
  return { role: null, before: null, after }
}
