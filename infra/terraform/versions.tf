terraform {
  required_version = ">= 1.3"

  required_providers {
    # From 6.0 on, each resource can name its Region.
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 6.0"
      configuration_aliases = [aws.stacksets]
    }
  }
}
