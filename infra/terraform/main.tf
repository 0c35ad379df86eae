locals {
  artifacts = coalesce(var.artifacts, "${path.module}/..")
  release   = trimspace(file("${local.artifacts}/VERSION"))
  templates = "${local.artifacts}/templates/${var.organization == null ? "one-account" : "organization"}"
  members   = var.organization == null ? [] : ["members"]

  # Each zip of the release, by its own name: what the template asks for.
  zips   = { for file in fileset("${local.artifacts}/functions", "*-${local.release}.zip") : file => "${local.artifacts}/functions/${file}" }
  digest = sha256(join("", [for zip in values(local.zips) : filesha256(zip)]))

  # Lambda takes no notice of a new object under an old key.
  code_prefix = "${var.key_prefix}${substr(local.digest, 0, 16)}/"
  s3_host     = "https://${var.code_bucket}.s3.${var.region}.${data.aws_partition.current.dns_suffix}"

  # Each makes another key in the state, which the bot then signs with.
  key_rotations = {
    DecisionsKeyRetiredAt    = var.key_rotations.decisions
    AttestationsKeyRetiredAt = var.key_rotations.attestations
    OutcomesKeyRetiredAt     = var.key_rotations.outcomes
    EnrollmentsKeyRetiredAt  = var.key_rotations.enrollments
  }

  # Only the templates of an organization have these.
  organization_id = { for _ in local.members : "OrganizationId" => var.organization.id }
  hub_account_id  = { for _ in local.members : "HubAccountId" => var.organization.hub_account_id }
}

data "aws_partition" "current" {}

# What runs is deleted after the stack has left it: if an update fails, CloudFormation goes back to the code before. By default,
# Terraform deletes first. https://github.com/hashicorp/terraform/blob/main/docs/destroying.md
resource "aws_s3_object" "config" {
  bucket      = var.code_bucket
  key         = "${var.key_prefix}config/${basename(var.config_archive)}"
  source      = var.config_archive
  source_hash = filesha256(var.config_archive)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "function" {
  for_each = local.zips

  bucket      = var.code_bucket
  key         = "${local.code_prefix}${each.key}"
  source      = each.value
  source_hash = filesha256(each.value)

  lifecycle {
    create_before_destroy = true
  }
}

# Too long for a request. The key has the digest, because Terraform compares the address alone.
resource "aws_s3_object" "template" {
  for_each = toset(["rolemedic-bot", "rolemedic-state"])

  bucket       = var.code_bucket
  key          = "${var.key_prefix}templates/${filesha256("${local.templates}/${each.key}.template.json")}.json"
  source       = "${local.templates}/${each.key}.template.json"
  source_hash  = filesha256("${local.templates}/${each.key}.template.json")
  content_type = "application/json"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "state" {
  name         = "rolemedic-state"
  template_url = "${local.s3_host}/${aws_s3_object.template["rolemedic-state"].key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = merge({
    AlertEmails            = join(",", var.alert_emails)
    EndpointDomain         = var.endpoint.domain_name
    EndpointCertificateArn = var.endpoint.certificate_arn
  }, local.key_rotations)
  tags         = var.tags

  lifecycle {
    # The table, the audit log and the keys.
    prevent_destroy = true
  }
}

resource "aws_cloudformation_stack" "bot" {
  name         = "rolemedic-bot"
  template_url = "${local.s3_host}/${aws_s3_object.template["rolemedic-bot"].key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  tags         = var.tags

  parameters = merge({
    CodeBucket          = var.code_bucket
    CodePrefix          = local.code_prefix
    ConfigKey           = aws_s3_object.config.key
    WriterExternalId    = var.writer_external_id
    ReservedConcurrency = var.reserved_concurrency ? "yes" : "no"
    Enabled             = var.enabled ? "yes" : "no"
    PermissionsBoundary = var.permissions_boundary
    MemberRegions       = join(",", setunion([var.region], var.other_regions))
    RetiredMembers      = join(",", var.retired_members)
    EndpointDomain      = var.endpoint.domain_name
  }, local.chat_parameters, local.key_rotations, local.organization_id)

  depends_on = [aws_cloudformation_stack.state, aws_s3_object.function]

  lifecycle {
    # The functions of this release have to read it. What runs goes on with what it has.
    precondition {
      condition     = startswith(basename(var.config_archive), "rolemedic-config-${local.release}-")
      error_message = "The configuration was packed by another version than this release: pack it again with that one (npx rolemedic config pack FILE)."
    }

    precondition {
      condition     = length(local.zips) > 0
      error_message = "The folder of artifacts holds no functions/NAME-VERSION.zip: unpack rolemedic-deploy-VERSION.zip, and use the module in it."
    }
  }
}

locals {
  roles_parameters = merge({
    WriterExternalId    = var.writer_external_id
    ProtectedArns       = join(",", var.protected_arns)
    PermissionsBoundary = var.permissions_boundary
  }, local.organization_id, local.hub_account_id)

  writer_role = { WriterRole = var.writer_role ? "yes" : "no" }

  member_parameters = merge({
    HubRegion           = var.region
    Enabled             = var.enabled ? "yes" : "no"
    PermissionsBoundary = var.permissions_boundary
  }, local.hub_account_id)
}

resource "aws_cloudformation_stack" "roles" {
  name          = "rolemedic-roles"
  template_body = file("${local.templates}/rolemedic-roles.template.json")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  parameters    = merge(local.roles_parameters, local.writer_role)
  tags          = var.tags
}

resource "aws_cloudformation_stack" "member" {
  for_each = var.other_regions

  region        = each.key
  name          = "rolemedic-member"
  template_body = file("${local.templates}/rolemedic-member.template.json")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  parameters    = local.member_parameters
  tags          = var.tags

  # It sends heartbeats at once, and the bus of the hub takes nothing before it exists.
  depends_on = [aws_cloudformation_stack.bot]
}

# Roles are global: one Region is enough, and no order is needed between the two StackSets.
resource "aws_cloudformation_stack_set" "roles" {
  for_each = toset(local.members)
  provider = aws.stacksets

  name             = "rolemedic-roles"
  description      = "rolemedic: the roles that the bot assumes in each account"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.organization.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${local.templates}/rolemedic-roles.template.json")
  parameters       = merge(local.roles_parameters, { WriterRole = "no" })
  tags             = var.tags

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    max_concurrent_percentage    = var.roll_out.max_concurrent_percentage
    failure_tolerance_percentage = var.roll_out.failure_tolerance_percentage
  }
}

# One for each unit, because each can have the writer role or not.
resource "aws_cloudformation_stack_set_instance" "roles" {
  for_each = var.organization == null ? toset([]) : var.organization.organizational_unit_ids
  provider = aws.stacksets

  stack_set_name            = aws_cloudformation_stack_set.roles["members"].name
  call_as                   = var.organization.call_as
  stack_set_instance_region = var.region
  parameter_overrides       = { WriterRole = contains(var.organization.writer_unit_ids, each.key) ? "yes" : "no" }

  # The hub has its own stack of this kind, and names are unique.
  deployment_targets {
    organizational_unit_ids = [each.key]
    account_filter_type     = "DIFFERENCE"
    accounts                = [var.organization.hub_account_id]
  }

  operation_preferences {
    max_concurrent_percentage    = var.roll_out.max_concurrent_percentage
    failure_tolerance_percentage = var.roll_out.failure_tolerance_percentage
    concurrency_mode             = "SOFT_FAILURE_TOLERANCE"
  }
}

resource "aws_cloudformation_stack_set" "member" {
  for_each = toset(local.members)
  provider = aws.stacksets

  name             = "rolemedic-member"
  description      = "rolemedic: the rules that forward to the bot from each account and Region"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.organization.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${local.templates}/rolemedic-member.template.json")
  parameters       = local.member_parameters
  tags             = var.tags

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    max_concurrent_percentage    = var.roll_out.max_concurrent_percentage
    failure_tolerance_percentage = var.roll_out.failure_tolerance_percentage
    region_concurrency_type      = "PARALLEL"
  }
}

# Without a unit there is nothing to create, and CloudFormation takes no such request:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
resource "aws_cloudformation_stack_instances" "member" {
  for_each = toset([for name in local.members : name if length(var.organization.organizational_unit_ids) > 0])
  provider = aws.stacksets

  stack_set_name = aws_cloudformation_stack_set.member[each.key].name
  call_as        = var.organization.call_as
  regions        = setunion([var.region], var.other_regions)

  deployment_targets {
    organizational_unit_ids = var.organization.organizational_unit_ids
    account_filter_type     = "DIFFERENCE"
    accounts                = [var.organization.hub_account_id]
  }

  operation_preferences {
    max_concurrent_percentage    = var.roll_out.max_concurrent_percentage
    failure_tolerance_percentage = var.roll_out.failure_tolerance_percentage
    concurrency_mode             = "SOFT_FAILURE_TOLERANCE"
    region_concurrency_type      = "PARALLEL"
  }

  # The bus of the hub takes nothing before it exists.
  depends_on = [aws_cloudformation_stack.bot]
}
