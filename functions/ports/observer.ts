/** Writes structured log lines and metrics, with ids and digests but never bodies. */
export interface Observer {
  log(
    level: 'info' | 'warn' | 'error',
    event: string,
    fields?: { readonly [key: string]: string | number | boolean | null },
  ): void
  count(metric: string, value?: number): void
}
