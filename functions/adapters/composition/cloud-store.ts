/** The store of the functions. This is the only place that selects it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { DEFAULT_TIMEOUTS } from '../aws/clients/client-timeouts.ts'
import { type ProposalsTableOptions, proposalsTable } from '../aws/dynamodb/proposals-table.ts'

export const cloudStore = (options: Omit<ProposalsTableOptions, 'client'>): ProposalStore =>
  proposalsTable({ client: new DynamoDBClient(DEFAULT_TIMEOUTS), ...options })
