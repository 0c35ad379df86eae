/** A set of event ids, as 64-bit digests in one flat table: 16 to 32 bytes each. */
import { randomBytes } from 'node:crypto'

/** At most 128 MiB. In a longer history, redelivered records without interest count more than once. */
const MAX_SLOTS = 2 ** 24
const FIRST_SLOTS = 2 ** 16

export type EventIds = {
  /** False: the id was added before. */
  add(id: string): boolean
}

export function eventIds(maxSlots: number = MAX_SLOTS): EventIds {
  // Random, so that nobody can choose colliding ids.
  const [seedA, seedB] = [randomBytes(4).readUInt32LE(), randomBytes(4).readUInt32LE()]
  let slots = Math.min(FIRST_SLOTS, maxSlots)
  let table = new Uint32Array(slots * 2)
  let used = 0

  /** False: it is already there. A table that is three quarters full accepts no more. */
  function put(high: number, low: number): boolean {
    const mask = slots - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [one, other] = [table[slot * 2], table[slot * 2 + 1]]
      if (one === high && other === low) return false
      if (one !== 0 || other !== 0) continue
      if (used * 4 >= slots * 3) return true
      table[slot * 2] = high
      table[slot * 2 + 1] = low
      used += 1
      return true
    }
  }

  function grow(): void {
    const before = table
    slots *= 2
    table = new Uint32Array(slots * 2)
    used = 0
    for (let at = 0; at < before.length; at += 2) {
      const [high = 0, low = 0] = [before[at], before[at + 1]]
      if (high !== 0 || low !== 0) put(high, low)
    }
  }

  return {
    add(id) {
      let high = seedA
      let low = seedB
      for (let at = 0; at < id.length; at += 1) {
        const code = id.charCodeAt(at)
        // As in MurmurHash3: no step loses information of the previous one.
        high = Math.imul(high ^ code, 0xcc9e2d51)
        high = (high << 13) | (high >>> 19)
        low = Math.imul(low ^ code, 0x1b873593)
        low = (low << 15) | (low >>> 17)
      }
      if (used * 2 >= slots && slots < maxSlots) grow()
      return put(mixed(high), mixed(low) || 1)
    },
  }
}

/** Every bit of the digest affects the slot. */
function mixed(value: number): number {
  let mix = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}
