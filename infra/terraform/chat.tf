# What the module knows of the chat.

variable "slack" {
  description = "The Slack app, and the workspace or organization whose people may decide. `api_url` of GovSlack: https://slack-gov.com/api/"
  type = object({
    app_id        = string
    team_id       = optional(string, "")
    enterprise_id = optional(string, "")
    api_url       = optional(string, "https://slack.com/api/")
  })

  validation {
    condition     = can(regex("^A[A-Z0-9]{2,}$", var.slack.app_id))
    error_message = "A Slack app id starts with A."
  }

  validation {
    condition     = var.slack.team_id != "" || var.slack.enterprise_id != ""
    error_message = "Needed: team_id, or enterprise_id where the app is installed for a whole organization."
  }

  validation {
    condition     = can(regex("^https://[a-z0-9.:-]+/([A-Za-z0-9_-]+/)*$", var.slack.api_url))
    error_message = "The address of Slack's Web API starts with https:// and ends with /."
  }
}

locals {
  chat_parameters = {
    SlackAppId        = var.slack.app_id
    SlackTeamId       = var.slack.team_id
    SlackEnterpriseId = var.slack.enterprise_id
    SlackApiUrl       = var.slack.api_url
  }
  chat_settings = {
    slack = { for key, id in { appId = var.slack.app_id, teamId = var.slack.team_id, enterpriseId = var.slack.enterprise_id, apiUrl = var.slack.api_url } : key => id if id != "" }
  }
}

output "slack_url" {
  description = "The three request URLs of the Slack app."
  value       = aws_cloudformation_stack.bot.outputs["SlackUrl"]
}
