variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_emails" {
  description = "Who gets alarms, by severity; each address must confirm once."
  type = object({
    critical = optional(list(string), [])
    warning  = optional(list(string), [])
  })
  default = {}
}

variable "runbook_url" {
  description = "Where docs/runbook.md is published; alarms link to its entries."
  type        = string
  default     = "docs/runbook.md"
}

variable "alarm_thresholds" {
  description = "Thresholds that differ from alarms.json in this environment, by alarm."
  type        = map(number)
  default     = {}
}
