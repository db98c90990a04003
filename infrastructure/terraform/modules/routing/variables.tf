variable "document" {
  description = "The routing table, decoded from routes.json. Its format and the codes of what is wrong with one: docs/routing.md."
  type        = any
}

variable "direct_access_cidrs" {
  description = "Networks from which the rules with direct_access may be used, as CIDR. Such rules exist only if there is one. At most 3: a rule takes 5 condition values, and its paths count too."
  type        = list(string)
  default     = []
}

variable "http_mode" {
  description = "What the HTTP listener does with what a rule takes: rules (the same as the HTTPS listener) or redirect (to HTTPS, with host, path and query as they are)."
  type        = string
  default     = "rules"

  validation {
    condition     = contains(["rules", "redirect"], var.http_mode)
    error_message = "http_mode is '${var.http_mode}'; write rules or redirect."
  }
}

variable "enforce" {
  description = "Whether a fault in the table stops the plan. The tests switch it off to read the faults one by one."
  type        = bool
  default     = true
}
