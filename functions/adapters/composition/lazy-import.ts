/** Imports modules on first use, to shorten cold starts. */
import type { AuditLog } from '../../ports/audit-log.ts'

/** Loads once. After a failed load, the next call tries again. */
export function lazyImport<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null
  return () => {
    loading ??= load().catch(error => {
      loading = null
      throw error
    })
    return loading
  }
}

type Async<Port> = { readonly [Name in keyof Port]: (...args: never[]) => Promise<unknown> }

/** A port whose adapter loads with the first call. `methods` must list all of them; a missing one does not compile. */
export function lazyPort<Port extends Async<Port>>(
  load: () => Promise<Port>,
  methods: { readonly [Name in keyof Port]: true },
): Port {
  const port = lazyImport(load)
  const forward =
    (name: keyof Port) =>
    async (...args: never[]) =>
      (await port())[name](...args)
  return Object.fromEntries(Object.keys(methods).map(name => [name, forward(name as keyof Port)])) as Port
}

export function lazyAuditLog(load: () => Promise<AuditLog>): AuditLog {
  const log = lazyImport(load)
  return {
    append: async entry => (await log()).append(entry),
    appendAll: async entries => (await log()).appendAll(entries),
    last: async () => (await log()).last(),
    async *records() {
      yield* (await log()).records()
    },
    async *latest() {
      yield* (await log()).latest()
    },
  }
}
