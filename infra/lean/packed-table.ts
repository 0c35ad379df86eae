/** The table of calls that pass roles is the biggest piece of data in the functions: a bundle carries it compressed. */
import { brotliCompressSync } from 'node:zlib'
import { callsThatPassRoles } from '../../functions/core/denial/passed-service-table.ts'

/** The module with the table, which unpacks it when a call is first looked up. */
export function packedTable(): string {
  const rows = callsThatPassRoles().map(({ source, name, keySent, roles }) => ({ source, name, keySent, roles }))
  const packed = brotliCompressSync(JSON.stringify(rows)).toString('base64')
  return `
    import { brotliDecompressSync } from 'node:zlib'
    let rows
    export function callsThatPassRoles() {
      rows ??= JSON.parse(brotliDecompressSync(Buffer.from('${packed}', 'base64')))
      return rows
    }`
}
