output "slack_url" {
  description = "The three request URLs of the Slack app."
  value       = aws_cloudformation_stack.bot.outputs["SlackUrl"]
}

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
