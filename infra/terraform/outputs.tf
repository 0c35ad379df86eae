output "alert_topic_arn" {
  description = "Where alarms and notices go: subscribe people to it."
  value       = aws_cloudformation_stack.state.outputs["AlertTopicArn"]
}

output "audit_bucket" {
  description = "Holds the audit log."
  value       = aws_cloudformation_stack.state.outputs["AuditBucketName"]
}

output "version" {
  description = "The release that is deployed."
  value       = local.release
}

output "settings" {
  description = "What is deployed where, for `rolemedic doctor --settings`: terraform output -json."
  value = merge({
    region           = var.region
    otherRegions     = var.other_regions
    organization     = var.organization == null ? null : { id = var.organization.id, hubAccountId = var.organization.hub_account_id }
    writerExternalId = var.writer_external_id
    enabled          = var.enabled
    heartbeats       = { retired = var.retired_members }
  }, local.chat_settings)
}
