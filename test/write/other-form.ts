/** ECDSA of P-256 takes s and n − s: https://www.secg.org/sec1-v2.pdf (4.1.4). */
export function otherForm(base64: string): string {
  const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const der = Buffer.from(base64, 'base64')
  const rLength = der[3] ?? 0
  const r = der.subarray(4, 4 + rLength)
  const s = BigInt(`0x${der.subarray(6 + rLength).toString('hex')}`)
  const hex = (N - s).toString(16).padStart(64, '0')
  const bytes = Buffer.from(/^[89a-f]/.test(hex) ? `00${hex}` : hex.replace(/^(?:00(?=[0-7]))+/, ''), 'hex')
  const body = Buffer.concat([Buffer.from([2, r.length]), r, Buffer.from([2, bytes.length]), bytes])
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64')
}
