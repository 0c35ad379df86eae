/** The table of calls that pass roles is the biggest piece of data in the functions: a bundle carries it compressed. */
import { brotliCompressSync } from 'node:zlib'
import { callsThatPassRoles } from '../../functions/core/denial/passed-service-table.ts'

/** The module with the table, which unpacks it when a call is first looked up. Without its names a row is half as long. */
export function packedTable(): string {
  const rows = callsThatPassRoles().map(({ source, name, keySent, roles }) => [
    source,
    name,
    keySent,
    ...roles.flatMap(({ at, services, sure }) => [at, services.join().replaceAll(SUFFIX, ''), sure ? 1 : 0]),
  ])
  const packed = brotliCompressSync(rows.map(row => row.join(' ')).join('\n')).toString('base64')
  return `
    import { brotliDecompressSync } from 'node:zlib'
    let rows
    export function callsThatPassRoles() {
      rows ??= brotliDecompressSync(Buffer.from('${packed}', 'base64')).toString().split('\\n').map(line => {
        const [source, name, keySent, ...parts] = line.split(' ')
        const roles = []
        for (let i = 0; i < parts.length; i += 3)
          roles.push({
            at: parts[i],
            services: parts[i + 1].split(',').filter(Boolean).map(service => service + '${SUFFIX}'),
            sure: parts[i + 2] === '1',
          })
        return { source, name, keySent, roles }
      })
      return rows
    }`
}

const SUFFIX = '.amazonaws.com'
