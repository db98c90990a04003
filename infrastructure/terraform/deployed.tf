# What infrastructure/deploy brought here last, so that it can go back to it.

variable "revision" {
  description = "Commit that is deployed; empty if Terraform is run by hand."
  type        = string
  default     = ""
}

output "deployed" {
  description = "Commit and image of the last apply. infrastructure/deploy goes back to them when a later release fails."
  value       = { revision = var.revision, image = var.image }
}
