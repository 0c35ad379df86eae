export {
  type AuditLogOptions,
  type AuditObjects,
  auditLog,
  type CheckedAuditLog,
  type Markers,
} from './append-to-chain.ts'
export { s3AuditObjects } from './s3-audit-log.ts'
