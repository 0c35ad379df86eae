/** Structured log line and metric. Never bodies, only ids and digests. */
export interface Observer {
  log(
    level: 'info' | 'warn' | 'error',
    event: string,
    fields?: { readonly [key: string]: string | number | boolean | null },
  ): void
  count(metric: string, value?: number): void
}

/** For a reader whose caller reports what fails. */
export const SILENT_OBSERVER: Observer = { log() {}, count() {} }
