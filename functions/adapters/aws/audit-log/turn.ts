/**
 * A turn at the head of the audit chain: a conditional write on the head's item gives one writer some seconds, and the others wait
 * at the table instead of searching S3. It is a courtesy and decides nothing: without one, a record is stored or refused just as well.
 */
import { randomUUID } from 'node:crypto'
import { AUDIT_HEAD, type AuditHead } from '../../../domain/stored/index.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'

/** Small versioned items outside the log. */
export type Markers = Pick<ProposalStore, 'getMarker' | 'putMarker'>
export type TurnTime = { readonly clock: Clock; readonly sleep: (ms: number) => Promise<unknown> }

/** How long a turn lasts after each record: longer than a write takes. Then its writer has crashed. */
const TURN_MS = 2_000
/** The longest and the shortest time between two looks at the turn of another. */
const [LONGEST_ASK_MS, SHORTEST_ASK_MS] = [100, 10]
/** Afterwards a writer appends without a turn: somebody holds all of them back. */
const MAX_STANDSTILL_MS = 5_000
const MAX_WAIT_MS = 60_000

export class Turn {
  /** As it was last read. */
  head: AuditHead | null = null
  readonly #by = randomUUID()
  readonly #markers: Markers
  readonly #time: TurnTime
  readonly #waitsUntilMs: number
  /** The head's item with this turn. Null: it is over, or there is none. */
  #ours: { readonly version: number; readonly value: AuditHead } | null = null

  constructor(markers: Markers, time: TurnTime) {
    this.#markers = markers
    this.#time = time
    this.#waitsUntilMs = time.clock() + MAX_WAIT_MS
  }

  get isTaken(): boolean {
    return this.#ours !== null
  }

  /** Waits for the turns of others, as long as they append. Before the first record there is no head, and so no turn. */
  async take(): Promise<void> {
    const { clock, sleep } = this.#time
    const askedMs = clock()
    let movedMs = askedMs
    for (;;) {
      const found = await this.#markers.getMarker(AUDIT_HEAD)
      const nowMs = clock()
      if (found !== null && this.head !== null && found.value.sequence > this.head.sequence) movedMs = nowMs
      this.head = found?.value ?? null
      if (found === null || nowMs >= Math.min(movedMs + MAX_STANDSTILL_MS, this.#waitsUntilMs)) return
      if (!isAnothers(found.value, nowMs)) {
        const value = { ...found.value, turn: this.#from(nowMs) }
        if (await this.#markers.putMarker(AUDIT_HEAD, found.version, value)) {
          this.#ours = { version: found.version + 1, value }
          return
        }
      }
      // The longer a writer has waited, the more often it asks, and so is earlier.
      await sleep(Math.max(SHORTEST_ASK_MS, LONGEST_ASK_MS - (nowMs - askedMs) / 120) * (0.5 + Math.random()))
    }
  }

  /** Moves the head forward, and ends the turn unless more is to come. The turn of another stays. */
  async moveHead({ sequence, hash, object }: AuditHead, isMore: boolean): Promise<void> {
    for (;;) {
      const found = this.#ours ?? (await this.#markers.getMarker(AUDIT_HEAD))
      this.#ours = null
      const isOurs = found?.value.turn?.by === this.#by
      const isNewer = found === null || found.value.sequence < sequence
      if (!isNewer && !isOurs) return
      const next = isOurs ? (isMore ? this.#from(this.#time.clock()) : undefined) : found?.value.turn
      const head = isNewer ? { sequence, hash, ...(object === undefined ? {} : { object }) } : withoutTurn(found.value)
      const value: AuditHead = { ...head, ...(next === undefined ? {} : { turn: next }) }
      if (!(await this.#markers.putMarker(AUDIT_HEAD, found?.version ?? 0, value))) continue
      if (isOurs && isMore) this.#ours = { version: found.version + 1, value }
      return
    }
  }

  /** Others need not wait until it ends by itself. */
  async end(): Promise<void> {
    if (this.#ours !== null) await this.moveHead(this.#ours.value, false)
  }

  #from(nowMs: number) {
    return { by: this.#by, untilMs: nowMs + TURN_MS }
  }
}

const withoutTurn = ({ turn: _, ...head }: AuditHead): AuditHead => head
/** Nobody gives itself longer, so what claims more is ignored. */
const isAnothers = ({ turn }: AuditHead, nowMs: number): boolean =>
  turn !== undefined && turn.untilMs > nowMs && turn.untilMs <= nowMs + 2 * TURN_MS
