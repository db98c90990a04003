# What an environment is called and where it is. The other variables stand by their concern: variables-*.tf.

variable "environment" {
  description = "Name of the environment, part of every resource's name; 2 to 12 characters, because a target group's name has 32."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.environment)) && length(var.environment) >= 2 && length(var.environment) <= 12
    error_message = "environment is '${var.environment}'; write 2 to 12 lower-case letters, digits and single inner hyphens, with a letter first."
  }
}

variable "region" {
  description = "AWS region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}'; write one such as eu-central-1."
  }
}

variable "tags" {
  description = "Tags of every resource, besides application and environment."
  type        = map(string)
  default     = {}
}

variable "kms_key_arn" {
  description = "Key of the customer's own for databases, bucket, secrets, logs and topics; null for those that AWS keeps. Its policy must let the region's CloudWatch Logs and CloudWatch alarms use it. Chosen before the first apply: databases and cache take another key only when they are made anew, empty."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is '${coalesce(var.kms_key_arn, "null")}'; write a key's ARN or leave it out."
  }
}
