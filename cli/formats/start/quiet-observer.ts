import type { Observer } from '../../../functions/ports/index.ts'
import type { Io } from '../../io.ts'

/** Prints errors only. */
export function quietObserver(io: Pick<Io, 'err'>): Observer {
  return {
    log(level, message, fields = {}) {
      if (level !== 'error') return
      const details = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
      io.err(`rolemedic: ${[message, ...details].join(' ')}`)
    },
    count() {},
  }
}
