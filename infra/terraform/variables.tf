variable "region" {
  description = "Where the bot runs: the Region of the provider `aws`."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A Region looks like eu-west-1."
  }
}

variable "other_regions" {
  description = "Further Regions whose denials are forwarded, in this account and in every member. Include the Region with the events of IAM: us-east-1, us-gov-west-1 or cn-north-1."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.other_regions : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]$", region))])
    error_message = "A Region looks like eu-west-1."
  }
}

variable "artifacts" {
  description = "The unpacked rolemedic-deploy-VERSION.zip of a release. Null: the folder above this module, as it is in that zip."
  type        = string
  default     = null
}

variable "code_bucket" {
  description = "An existing bucket in `region` for the code and the templates. Only people who may deploy the bot should be able to write there."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.code_bucket))
    error_message = "A bucket name without dots, because the address of a template has it as a host."
  }
}

variable "key_prefix" {
  description = "What the keys of all objects start with."
  type        = string
  default     = "rolemedic/"

  validation {
    condition     = can(regex("^([A-Za-z0-9_.-]+/)*$", var.key_prefix))
    error_message = "A prefix is empty or ends with /."
  }
}

variable "config_archive" {
  description = "What `rolemedic config pack` wrote: your rolemedic.config.json (who may approve, where cards go, modes), checked. The name holds the version and the digest, so that nothing else is deployed."
  type        = string

  validation {
    condition     = try(can(regex("^rolemedic-config-[0-9]+\\.[0-9]+\\.[0-9]+[^/]*-${substr(filesha256(var.config_archive), 0, 12)}\\.zip$", basename(var.config_archive))), false)
    error_message = "Not an archive that was checked. Make it with: npx rolemedic config pack FILE"
  }
}

variable "writer_external_id" {
  description = "Needed to assume the writer role. Choose your own."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]{8,128}$", var.writer_external_id))
    error_message = "An external id has 8 to 128 letters, digits or + = , . @ : / - _"
  }
}

variable "organization" {
  description = "Null: one account. Otherwise this account is the hub, and the units get the member stacks; those under `writer_unit_ids` with the writer role. No unit may be inside another. `call_as` is DELEGATED_ADMIN if the provider `aws.stacksets` is a delegated administrator."
  type = object({
    id                      = string
    hub_account_id          = string
    organizational_unit_ids = set(string)
    writer_unit_ids         = optional(set(string), [])
    call_as                 = optional(string, "SELF")
  })
  default = null

  validation {
    condition     = var.organization == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization.id))
    error_message = "An organization id looks like o-a1b2c3d4e5."
  }

  validation {
    condition     = var.organization == null || can(regex("^[0-9]{12}$", var.organization.hub_account_id))
    error_message = "An account id has 12 digits."
  }

  validation {
    condition     = try(length(setsubtract(var.organization.writer_unit_ids, var.organization.organizational_unit_ids)) == 0, true)
    error_message = "Each of writer_unit_ids is also one of organizational_unit_ids."
  }

  validation {
    condition     = try(contains(["SELF", "DELEGATED_ADMIN"], var.organization.call_as), true)
    error_message = "The value of call_as is SELF or DELEGATED_ADMIN."
  }
}

variable "roll_out" {
  description = "How fast the StackSets go, in percent of the accounts of a Region: at once, and failed before they stop."
  type = object({
    max_concurrent_percentage    = optional(number, 25)
    failure_tolerance_percentage = optional(number, 10)
  })
  default = {}

  validation {
    condition     = var.roll_out.max_concurrent_percentage >= 1 && var.roll_out.max_concurrent_percentage <= 100
    error_message = "A percentage from 1 to 100."
  }

  validation {
    condition     = var.roll_out.failure_tolerance_percentage >= 0 && var.roll_out.failure_tolerance_percentage <= 100
    error_message = "A percentage from 0 to 100."
  }
}

variable "alert_emails" {
  description = "Addresses that get alarms and notices; each confirms by mail. At most five."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.alert_emails) <= 5 && alltrue([for address in var.alert_emails : can(regex("^[^@,\\s]+@[^@,\\s]+$", address))])
    error_message = "At most five addresses."
  }
}

variable "writer_role" {
  description = "Of this account. False: the reader role alone, enough for the modes observe and recommend. For members: `organization.writer_unit_ids`."
  type        = bool
  default     = false
}

variable "enabled" {
  description = "False: the rules are there, and deliver nothing until Slack is set up."
  type        = bool
  default     = false
}

variable "retired_members" {
  description = "Accounts, or account/Region, whose silence is intended: no alarm."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.retired_members : can(regex("^[0-9]{12}(/[a-z0-9-]+)?$", member))])
    error_message = "A retired member looks like 111122223333 or 111122223333/eu-west-1."
  }
}

variable "protected_arns" {
  description = "What the writer role can never change: the ARNs under `protected` of the configuration, with * and ?."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.protected_arns : can(regex("^arn:[a-z*-]+:(iam|sso):[^:,]*:[^:,]*:[^,]+$", arn))])
    error_message = "An ARN of IAM or Identity Center, without a comma."
  }
}

variable "permissions_boundary" {
  description = "The name of a managed policy that exists in every account, as the boundary of every role but the writer, which has its own. Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = !startswith(var.permissions_boundary, "arn:") && !startswith(var.permissions_boundary, "/")
    error_message = "The name of the policy, not its ARN."
  }
}

variable "reserved_concurrency" {
  description = "False: for an account with a quota of 10 concurrent executions."
  type        = bool
  default     = true
}

variable "tags" {
  description = "On the stacks, the StackSets and everything in them that can have tags."
  type        = map(string)
  default     = {}
}

variable "endpoint" {
  description = "A host of your own for the endpoint, and its certificate of ACM in `region`; its DNS record is yours. Empty: the host that API Gateway gives. Passkeys belong to the host: a change loses all of them."
  type = object({
    domain_name     = optional(string, "")
    certificate_arn = optional(string, "")
  })
  default = {}

  validation {
    condition     = can(regex("^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63})?$", var.endpoint.domain_name))
    error_message = "A host name looks like rolemedic.example.com."
  }

  validation {
    condition     = (var.endpoint.domain_name == "") == (var.endpoint.certificate_arn == "")
    error_message = "A host of your own needs its certificate, and the reverse."
  }
}

variable "key_rotations" {
  description = "When the signing key of each use was replaced, like 2026-12-01T09:00:00Z: another key signs from then on. Once for each, and never changed again."
  type = object({
    decisions    = optional(string, "")
    attestations = optional(string, "")
    outcomes     = optional(string, "")
    enrollments  = optional(string, "")
  })
  default = {}

  validation {
    condition     = alltrue([for at in values(var.key_rotations) : can(regex("^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$", at))])
    error_message = "A time looks like 2026-12-01T09:00:00Z."
  }
}
