/**
 * Matches IPv4 and IPv6 addresses against CIDR ranges.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
 */
import { badPolicyValue, type CompileValue, NO_COMPARISON } from './operator.ts'

type Address = { readonly bits: 32 | 128; readonly value: bigint }

export const ipAddress: CompileValue = wanted => {
  const range = parseRange(wanted)
  if (range === null) return badPolicyValue(wanted, 'an address range')
  const shift = BigInt(range.bits - range.prefix)
  return (got, scope) => {
    const address = parseAddress(got)
    if (address === null) return NO_COMPARISON
    if (address.bits !== range.bits) {
      if (!isMapped(address) && !isMapped(range)) return 'no'
      scope.note({
        fact: `"${wanted.slice(0, 100)}"`,
        why: 'AWS does not document how it compares an IPv4-mapped address',
      })
      return 'unknown'
    }
    return address.value >> shift === range.value >> shift ? 'yes' : 'no'
  }
}

/** In `::ffff:0:0/96`, which holds the IPv4 addresses. */
const isMapped = ({ bits, value }: Address): boolean => bits === 128 && value >> 32n === 0xffffn

/** Rejects leading zeros, which some parsers read as octal: `010.0.0.0/08` is invalid. */
const DECIMAL = /^(?:0|[1-9]\d{0,2})$/

function parseRange(text: string): (Address & { readonly prefix: number }) | null {
  const [host = '', length, ...rest] = text.split('/')
  const address = parseAddress(host)
  if (address === null || rest.length > 0) return null
  if (length === undefined) return { ...address, prefix: address.bits }
  if (!DECIMAL.test(length) || Number(length) > address.bits) return null
  return { ...address, prefix: Number(length) }
}

/** Null when `text` is not an IPv4 or IPv6 address. */
export function parseAddress(text: string): Address | null {
  if (text.length > 64) return null
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

function parseV4(text: string): Address | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => DECIMAL.test(part) && Number(part) <= 255)) return null
  return { bits: 32, value: BigInt(parts.reduce((value, part) => value * 256 + Number(part), 0)) }
}

function parseV6(text: string): Address | null {
  const halves = withV4Tail(text)?.split('::') ?? []
  if (halves.length < 1 || halves.length > 2) return null
  const [head = [], tail] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = tail === undefined ? head : [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) }
}

/** Rewrites the IPv4 tail of `::ffff:192.0.2.1` as two groups. */
function withV4Tail(text: string): string | null {
  const colon = text.lastIndexOf(':')
  const tail = text.slice(colon + 1)
  if (!tail.includes('.')) return text
  const v4 = parseV4(tail)
  if (v4 === null) return null
  return `${text.slice(0, colon + 1)}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`
}
