variable "certificate_arn" {
  description = "Certificate of the HTTPS listener, in AWS Certificate Manager; null for no HTTPS listener, for development only."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn is '${coalesce(var.certificate_arn, "null")}'; write the ARN of a certificate of AWS Certificate Manager."
  }
}

variable "public_name" {
  description = "Name under which clients come, such as mlflow.example.org: the certificate's, with an alias record for the load balancer (output load_balancer). Null for the load balancer's own name, which no certificate of yours has, so that clients refuse it over https."
  type        = string
  default     = null

  validation {
    condition     = var.public_name == null ? true : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", var.public_name)) && length(var.public_name) <= 253
    error_message = "public_name is '${coalesce(var.public_name, "null")}'; write a host name alone, in lower-case letters, such as mlflow.example.org: no scheme, port or path."
  }
}

variable "tls_policy" {
  description = "Security policy of the HTTPS listener: which versions and ciphers of TLS it speaks."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  validation {
    condition     = can(regex("^ELBSecurityPolicy-(TLS13-1-[23]|FS-1-2)", var.tls_policy))
    error_message = "tls_policy is '${var.tls_policy}'; write one that speaks nothing below TLS 1.2, such as ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "http_mode" {
  description = "What the HTTP listener does: rules (the same as HTTPS; keys travel in the clear, for development only) or redirect (to HTTPS)."
  type        = string
  default     = "redirect"

  validation {
    condition     = contains(["rules", "redirect"], var.http_mode)
    error_message = "http_mode is '${var.http_mode}'; write rules or redirect."
  }

  validation {
    condition     = var.http_mode != "redirect" || var.certificate_arn != null
    error_message = "http_mode is redirect, but without certificate_arn there is no HTTPS listener to redirect to; name a certificate, or write http_mode = \"rules\" for development."
  }
}

variable "client_cidrs" {
  description = "Networks from which the load balancer may be reached."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.client_cidrs) > 0 && alltrue([for cidr in var.client_cidrs : can(cidrhost(cidr, 0))])
    error_message = "client_cidrs is ${jsonencode(var.client_cidrs)}; write networks such as 203.0.113.0/24, one at least."
  }
}

variable "direct_access_cidrs" {
  description = "Networks from which MLflow may be reached past the gateway, without a key; none by default, and at most 3, because a listener rule takes 5 values."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.direct_access_cidrs) <= 3 && alltrue([for cidr in var.direct_access_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "direct_access_cidrs is ${jsonencode(var.direct_access_cidrs)}; write at most 3 networks such as 203.0.113.0/24. /0 would open MLflow to everybody."
  }
}

variable "direct_access_hosts" {
  description = "Host names under which MLflow may be asked past the gateway, as clients write them (with a port that is not 443 or 80); needed with direct_access_cidrs."
  type        = list(string)
  default     = []

  validation {
    condition     = (length(var.direct_access_cidrs) == 0) == (length(var.direct_access_hosts) == 0)
    error_message = "direct_access_hosts and direct_access_cidrs go together: name both, or neither."
  }
}

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
  default     = false
}

variable "idle_timeout_seconds" {
  description = "When the load balancer ends a connection without a byte, 60 to 120 s: above the gateway's deadlines (30 s in all, 55 s without a byte of an artifact), below the 130 s for which the services keep a connection."
  type        = number
  default     = 60

  validation {
    condition     = var.idle_timeout_seconds >= 60 && var.idle_timeout_seconds <= 120
    error_message = "idle_timeout_seconds is ${var.idle_timeout_seconds}; write 60 to 120: the services close idle connections after 130 s, and one that closes before the load balancer does means a 502."
  }
}

variable "deletion_protection" {
  description = "Whether load balancer and databases refuse to be deleted."
  type        = bool
  default     = true
}

variable "access_logs_bucket" {
  description = "Bucket for the load balancer's access logs, with a policy that lets it write; null for none."
  type        = string
  default     = null
}

variable "target_groups" {
  description = "What differs from routes.json in this environment, by target."
  type = map(object({
    health_check_path            = optional(string)
    health_check_matcher         = optional(string)
    interval_seconds             = optional(number)
    timeout_seconds              = optional(number)
    healthy_threshold            = optional(number)
    unhealthy_threshold          = optional(number)
    deregistration_delay_seconds = optional(number)
    algorithm                    = optional(string)
    slow_start_seconds           = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.target_groups) : contains(["api", "auth", "mlflow"], name)])
    error_message = "target_groups names ${join(", ", keys(var.target_groups))}; there are api, auth and mlflow."
  }

  validation {
    condition     = alltrue([for group in var.target_groups : group.interval_seconds == null ? true : group.interval_seconds >= 5 && group.interval_seconds <= 300])
    error_message = "target_groups: interval_seconds must be 5 to 300."
  }

  validation {
    condition     = alltrue([for group in var.target_groups : group.timeout_seconds == null ? true : group.timeout_seconds >= 2 && group.timeout_seconds <= 120])
    error_message = "target_groups: timeout_seconds must be 2 to 120, and below the interval."
  }

  validation {
    condition     = alltrue(flatten([for group in var.target_groups : [for threshold in [group.healthy_threshold, group.unhealthy_threshold] : threshold == null ? true : threshold >= 2 && threshold <= 10]]))
    error_message = "target_groups: healthy_threshold and unhealthy_threshold must be 2 to 10."
  }

  validation {
    condition     = alltrue([for group in var.target_groups : group.health_check_matcher == null ? true : can(regex("^[234][0-9]{2}([,-][234][0-9]{2})*$", group.health_check_matcher))])
    error_message = "target_groups: health_check_matcher must be statuses from 200 to 499, such as 200, 200,202 or 200-299."
  }

  validation {
    condition     = alltrue([for group in var.target_groups : group.deregistration_delay_seconds == null ? true : group.deregistration_delay_seconds >= 0 && group.deregistration_delay_seconds <= 3600])
    error_message = "target_groups: deregistration_delay_seconds must be 0 to 3600."
  }
}
