/** A fault in the next calls. `when`: whether Slack carries out the call before it fails. */
export type Fault = {
  readonly method?: string /** The number of calls it affects, by default 1. */
  readonly times?: number
} & (
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'http'; readonly status: number; readonly when?: 'before' | 'after' }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'refused'; readonly error: string }
  /** Carried out at once, answered late. */
  | { readonly kind: 'slow'; readonly ms: number }
)

export type FaultPlan = { add(fault: Fault): void; clear(): void; take(method: string): Fault | null }

export function faultPlan(): FaultPlan {
  let waiting: { readonly fault: Fault; readonly left: number }[] = []
  return {
    add(fault) {
      waiting.push({ fault, left: fault.times ?? 1 })
    },
    clear() {
      waiting = []
    },
    take(method) {
      const hit = waiting.find(({ fault }) => fault.method === undefined || fault.method === method)
      if (hit === undefined) return null
      waiting = waiting.flatMap(one => (one !== hit ? [one] : one.left > 1 ? [{ ...one, left: one.left - 1 }] : []))
      return hit.fault
    },
  }
}
