/**
 * What each function may do with the items of the table, by prefixes of their keys.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */

import { tableAccess } from '../../../functions/adapters/aws/dynamodb/index.ts'
import type { FunctionName } from '../../functions.ts'
import type { Permission } from './permission.ts'

/** Excludes `Scan`, batches and PartiQL, because each call must name the keys that its condition checks. */
export function tablePermissions(name: FunctionName, tableArn: string): readonly Permission[] {
  const { read, put, count, query } = tableAccess(name)
  const onItems = (sid: string, action: string, keys: readonly string[]): readonly Permission[] =>
    keys.length === 0 ? [] : [{ sid, actions: [action], resources: [tableArn], conditions: onlyKeys(keys) }]
  return [
    ...onItems('ReadItems', 'dynamodb:GetItem', read),
    ...onItems('PutItems', 'dynamodb:PutItem', put),
    ...onItems('CountItems', 'dynamodb:UpdateItem', count),
    ...query.map(({ index, keys }) => ({
      sid: `Query${index.charAt(0).toUpperCase()}${index.slice(1)}`,
      actions: ['dynamodb:Query'],
      resources: [`${tableArn}/index/${index}`],
      conditions: onlyKeys(keys),
    })),
  ]
}

/**
 * `ForAllValues` is true for a request without keys, so their presence is required too. For a query of an index, the key is
 * that of the index.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
const onlyKeys = (keys: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys].sort() },
  Null: { 'dynamodb:LeadingKeys': 'false' },
})
