/** What an approver must give with an approval: why, and the ticket that it is for. */
import type { Risk } from '../../../core/patch/index.ts'
import type { Config } from './config.ts'

export type TicketForm = NonNullable<Config['approval']['ticket']>
/** Of the accounts that a change reaches. */
export type ApprovalAsks = Omit<Config['approval'], 'passkey'>
/** For one approval. Both optional and no form of a ticket: nothing is asked. */
export type Asked = Pick<ApprovalAsks, 'reason' | 'ticket'>

const RANKS = { low: 0, elevated: 1, high: 2 } as const satisfies Record<Risk, number>
const NOTHING: Asked = { reason: 'optional', ticket: null }

/** The nearest setting of an account, of its nearest unit, then the top. `units`: root first; null: they cannot be seen. */
export function approvalAsksIn(config: Config, accountId: string, units: readonly string[] | null): ApprovalAsks {
  const own = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.approval : undefined
  const ofUnit = (id: string): Partial<ApprovalAsks> =>
    (Object.hasOwn(config.organizationalUnits, id) ? config.organizationalUnits[id]?.approval : undefined) ?? {}
  const { passkey: _, ...whole } = config.approval
  if (units !== null) return { ...whole, ...Object.assign({}, ...units.map(ofUnit)), ...own }
  // Any unit may be that of the account.
  const possible = Object.keys(config.organizationalUnits).map(id => ({ ...whole, ...ofUnit(id), ...own }))
  return strictest([{ ...whole, ...own }, ...possible])
}

/** For a change in any account. */
export function approvalAsksAnywhere(config: Config): ApprovalAsks {
  const accounts = Object.keys(config.accounts).map(id => approvalAsksIn(config, id, null))
  const units = Object.keys(config.organizationalUnits).map(id => approvalAsksIn(config, '', [id]))
  return strictest([config.approval, ...accounts, ...units])
}

export const asksByUnit = ({ organizationalUnits }: Pick<Config, 'organizationalUnits'>): boolean =>
  Object.values(organizationalUnits).some(({ approval }) => approval !== undefined)

/** What any of them requires, from the lowest risk on at which one of them asks. The first form of a ticket counts. */
export function strictest(all: readonly ApprovalAsks[]): ApprovalAsks {
  const [first, ...others] = all.filter(asksForSomething)
  return others.reduce(
    (strict, one) => {
      const ticket = strict.ticket ?? one.ticket
      const required = [strict, one].some(each => each.ticket?.required === true)
      return {
        reason: strict.reason === 'required' ? strict.reason : one.reason,
        ticket: ticket === null ? null : { ...ticket, required },
        fromRisk: RANKS[strict.fromRisk] <= RANKS[one.fromRisk] ? strict.fromRisk : one.fromRisk,
      }
    },
    first ?? { ...NOTHING, fromRisk: 'low' as const },
  )
}

const asksForSomething = ({ reason, ticket }: Asked): boolean => reason === 'required' || ticket !== null

/** Of an approval of a change of this risk. Null: nothing is asked, so no form opens. */
export function askedAt(asks: ApprovalAsks | undefined, risk: Risk): Asked | null {
  if (asks === undefined || !asksForSomething(asks) || RANKS[risk] < RANKS[asks.fromRisk]) return null
  return { reason: asks.reason, ticket: asks.ticket }
}

/** The whole text, in the form of the configuration. */
export const isTicket = (text: string, { pattern }: Pick<TicketForm, 'pattern'>): boolean =>
  text.length <= MAX_TICKET_CHARS && new RegExp(`^(?:${pattern})$`, 'u').test(text)

export const MAX_TICKET_CHARS = 100

/** Where the ticket is read. Null: the configuration names no address, or the text is no ticket any more. */
export function ticketUrl(ticket: string, form: TicketForm | null): string | null {
  if (form === null || form.url === null || !isTicket(ticket, form)) return null
  return form.url.replace('{ticket}', () => encodeURIComponent(ticket))
}
