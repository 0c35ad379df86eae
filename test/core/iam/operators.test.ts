import { describe, expect, it } from 'vitest'
import { present } from '../../../core/iam/conditions/context.ts'
import type { Truth } from '../../../core/iam/conditions/truth.ts'
import { meets } from '../../fixtures/conditions.ts'

/** Operator, values of the policy, the value of the request, whether the condition is met. */
type Row = readonly [operator: string, wanted: string | number | boolean | readonly string[], got: string, met: Truth]

const string: readonly Row[] = [
  ['StringEquals', 'ecs.amazonaws.com', 'ecs.amazonaws.com', 'yes'],
  ['StringEquals', 'ecs.amazonaws.com', 'ECS.amazonaws.com', 'no'],
  ['StringEquals', ['a', 'b'], 'b', 'yes'],
  ['StringEquals', ['a', 'b'], 'c', 'no'],
  ['StringEquals', 'repo:acme/*', 'repo:acme/*', 'yes'],
  ['StringEquals', 'repo:acme/*', 'repo:acme/shop', 'no'],
  ['StringEquals', '', '', 'yes'],
  ['StringEquals', true, 'true', 'yes'],
  ['StringEquals', 42, '42', 'yes'],
  ['StringNotEquals', 'a', 'a', 'no'],
  ['StringNotEquals', 'a', 'A', 'yes'],
  ['StringNotEquals', ['a', 'b'], 'b', 'no'],
  ['StringNotEquals', ['a', 'b'], 'c', 'yes'],
  ['StringEqualsIgnoreCase', 'Team', 'tEAM', 'yes'],
  ['StringEqualsIgnoreCase', 'Team', 'teams', 'no'],
  ['StringNotEqualsIgnoreCase', 'Team', 'team', 'no'],
  ['StringNotEqualsIgnoreCase', 'Team', 'other', 'yes'],
  ['StringLike', 'repo:acme/*:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/main', 'yes'],
  ['StringLike', 'repo:acme/*:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/mainline', 'no'],
  ['StringLike', 'repo:acme/*', 'repo:Acme/shop', 'no'],
  ['StringLike', 'v?.?', 'v1.2', 'yes'],
  ['StringLike', 'v?.?', 'v1.20', 'no'],
  ['StringLike', '*', '', 'yes'],
  ['StringLike', '?', '', 'no'],
  ['StringNotLike', 'repo:acme/*', 'repo:acme/shop', 'no'],
  ['StringNotLike', 'repo:acme/*', 'repo:other/shop', 'yes'],
]

const numeric: readonly Row[] = [
  ['NumericEquals', '3600', '3600', 'yes'],
  ['NumericEquals', 3600, '3600.0', 'yes'],
  ['NumericEquals', '3600', '3601', 'no'],
  ['NumericNotEquals', '3600', '3600', 'no'],
  ['NumericNotEquals', '3600', '1', 'yes'],
  ['NumericLessThan', '10', '9', 'yes'],
  ['NumericLessThan', '10', '10', 'no'],
  ['NumericLessThan', '10', '-11.5', 'yes'],
  ['NumericLessThanEquals', '10', '10', 'yes'],
  ['NumericLessThanEquals', '10', '10.01', 'no'],
  ['NumericGreaterThan', '10', '10', 'no'],
  ['NumericGreaterThan', '9', '10', 'yes'],
  ['NumericGreaterThanEquals', '10', '10', 'yes'],
  ['NumericGreaterThanEquals', '10', '9', 'no'],
  ['NumericEquals', '10', 'ten', 'no'],
  ['NumericNotEquals', '10', 'ten', 'unknown'],
  ['NumericEquals', 'ten', '10', 'unknown'],
]

const date: readonly Row[] = [
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T13:00:00+01:00', 'yes'],
  ['DateEquals', '2026-11-24', '2026-11-24T00:00:00Z', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T17:45:00+05:45', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T08:30:00-03:30', 'yes'],
  ['DateEquals', '1795521600', '2026-11-24T12:00:00Z', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '1795521600', 'yes'],
  ['DateNotEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:01Z', 'yes'],
  ['DateNotEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateLessThan', '2026-11-24T12:00:00Z', '2026-11-24T11:59:59Z', 'yes'],
  ['DateLessThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateLessThanEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'yes'],
  ['DateGreaterThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00.001Z', 'yes'],
  ['DateGreaterThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateGreaterThanEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'yes'],
  ['DateLessThan', 'tomorrow', '2026-11-24T12:00:00Z', 'unknown'],
  ['DateLessThan', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-00-01T00:00:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-12-01T25:00:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-12-01T00:60:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-12-01T00:00:61Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateEquals', '2026-12-31T24:00:00Z', '2027-01-01T00:00:00Z', 'yes'],
  ['DateEquals', '2026-12-31T23:59:60Z', '2027-01-01T00:00:00Z', 'yes'],
  ['DateLessThan', '2026-11-24T12:00:00Z', 'noon', 'no'],
]

const bool: readonly Row[] = [
  ['Bool', 'true', 'true', 'yes'],
  ['Bool', true, 'true', 'yes'],
  ['Bool', 'TRUE', 'true', 'yes'],
  ['Bool', 'true', 'false', 'no'],
  ['Bool', 'false', 'false', 'yes'],
  ['Bool', ['true', 'false'], 'false', 'yes'],
  ['Bool', 'yes', 'true', 'unknown'],
  ['Bool', 'true', '1', 'no'],
]

const binary: readonly Row[] = [
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', 'yes'],
  ['BinaryEquals', 'QQ==', 'QQ', 'yes'],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ6', 'no'],
  ['BinaryEquals', 'not base64!', 'QQ==', 'unknown'],
]

const ip: readonly Row[] = [
  ['IpAddress', '192.0.2.0/24', '192.0.2.255', 'yes'],
  ['IpAddress', '192.0.2.0/24', '192.0.3.0', 'no'],
  ['IpAddress', '192.0.2.77/24', '192.0.2.1', 'yes'],
  ['IpAddress', '192.0.2.1', '192.0.2.1', 'yes'],
  ['IpAddress', '192.0.2.1', '192.0.2.10', 'no'],
  ['IpAddress', '192.0.2.1/32', '192.0.2.1', 'yes'],
  ['IpAddress', '192.0.2.1/32', '192.0.2.0', 'no'],
  ['IpAddress', '2001:db8::1/128', '2001:db8::1', 'yes'],
  ['IpAddress', '2001:db8::/129', '2001:db8::', 'unknown'],
  ['IpAddress', '0.0.0.0/0', '203.0.113.9', 'yes'],
  ['IpAddress', '0.0.0.0/0', '2001:db8::1', 'no'],
  ['IpAddress', '0.0.0.0/0', '::1', 'no'],
  ['IpAddress', '::/0', '192.0.2.1', 'no'],
  ['IpAddress', ['192.0.2.0/24', '2001:db8::/32'], '2001:db8:ffff::1', 'yes'],
  ['IpAddress', '2001:DB8:0:0:0:0:0:1', '2001:db8::1', 'yes'],
  ['IpAddress', '2001:db8::/33', '2001:db8:8000::1', 'no'],
  ['IpAddress', '::ffff:192.0.2.0/120', '::ffff:192.0.2.9', 'yes'],
  ['IpAddress', '::/0', '::', 'yes'],
  ['NotIpAddress', '192.0.2.0/24', '192.0.2.1', 'no'],
  ['NotIpAddress', '192.0.2.0/24', '198.51.100.1', 'yes'],
  ['NotIpAddress', '192.0.2.0/24', '2001:db8::1', 'yes'],
  // No page says whether `::ffff:192.0.2.1` is 192.0.2.1.
  ['IpAddress', '192.0.2.0/24', '::ffff:192.0.2.1', 'unknown'],
  ['NotIpAddress', '192.0.2.1', '::ffff:192.0.2.1', 'unknown'],
  ['NotIpAddress', '::ffff:192.0.2.0/120', '192.0.2.1', 'unknown'],
  ['NotIpAddress', '192.0.2.1', '::fffe:c000:201', 'yes'],
  ['NotIpAddress', '192.0.2.1', '::1:ffff:c000:201', 'yes'],
  ['IpAddress', '192.0.2.0/24', 'cloudformation.amazonaws.com', 'no'],
  ['NotIpAddress', '192.0.2.0/24', 'cloudformation.amazonaws.com', 'unknown'],
  ['IpAddress', '192.0.2.0/33', '192.0.2.1', 'unknown'],
  ['IpAddress', '192.0.2.256', '192.0.2.1', 'unknown'],
  ['IpAddress', '1:2:3:4:5:6:7', '::1', 'unknown'],
  ['IpAddress', '1::2::3', '::1', 'unknown'],
  ['IpAddress', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 'yes'],
  ['IpAddress', '1:2:3:4:5:6:7:8::', '::1', 'unknown'],
  ['IpAddress', '::ffff:192.0.2.256', '::1', 'unknown'],
  ['IpAddress', '2001:db8::/32', '2001:db8::xyz', 'no'],
  ['IpAddress', '2001:db8::/32', '2001:db8::12345', 'no'],
]

const ROLE = 'arn:aws:iam::111122223333:role/team/app'
const arn: readonly Row[] = [
  ['ArnEquals', ROLE, ROLE, 'yes'],
  ['ArnEquals', 'arn:aws:iam::111122223333:role/*', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:iam::*:role/team/???', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:iam::111122223333:role/Team/app', ROLE, 'no'],
  ['ArnLike', 'arn:aws:iam:*:role/team/app', ROLE, 'unknown'],
  ['ArnLike', 'arn:aws:sns:*:a:b', 'arn:aws:sns:eu-west-1:111122223333:a:b', 'no'],
  ['ArnLike', 'arn:*:*:*:*:*', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:sns:*:*:a:b', 'arn:aws:sns:eu-west-1:111122223333:a:b', 'yes'],
  ['ArnLike', '*', ROLE, 'unknown'],
  ['ArnLike', 'arn:aws:iam::*', ROLE, 'unknown'],
  ['ArnLike', ROLE, 'not an arn', 'no'],
  ['ArnNotEquals', ROLE, ROLE, 'no'],
  ['ArnNotLike', 'arn:aws:iam::111122223333:role/*', ROLE, 'no'],
  ['ArnNotLike', 'arn:aws:iam::444455556666:role/*', ROLE, 'yes'],
]

describe.each([
  ['String', string],
  ['Numeric', numeric],
  ['Date', date],
  ['Bool', bool],
  ['Binary', binary],
  ['IpAddress', ip],
  ['Arn', arn],
])('%s operators', (_, rows) => {
  it.each(rows.map(row => [...row] as const))('%s %j with %s: %s', (operator, wanted, got, met) => {
    expect(meets(operator, wanted, present(got))).toBe(met)
  })
})
