# Write-only arguments and state locking without a table are from 1.11 on.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.66, < 7"
    }
  }

  # The rest of it stands in environments/*.s3.tfbackend: terraform init -backend-config=environments/production.s3.tfbackend
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ application = "hokusai", environment = var.environment }, var.tags)
  }
}
