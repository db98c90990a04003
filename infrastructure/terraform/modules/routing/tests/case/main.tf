# A table made of a good one and what a test changes in it, so that a test shows its one fault and nothing else.

variable "rules" {
  description = "Fields over those of a good rule, one object a rule; null takes a field out."
  type        = any
  default     = [{}]
}

variable "targets" {
  description = "Fields over those of a good target, by target."
  type        = any
  default     = {}
}

variable "default" {
  description = "Fields over those of a good default answer."
  type        = any
  default     = {}
}

variable "document" {
  description = "A whole table in place of all that."
  type        = any
  default     = null
}

variable "direct_access_cidrs" {
  type    = list(string)
  default = []
}

locals {
  good_targets = { for name in ["api", "mlflow"] : name => { port = 8001, health_check = { path = "/health" } } }
  document = {
    default = merge({ status = 404, content_type = "application/json", body = "{}" }, var.default)
    targets = { for name in distinct(concat(["api", "mlflow"], keys(var.targets))) : name => merge(lookup(local.good_targets, name, {}), lookup(var.targets, name, {})) }
    rules   = [for index, rule in var.rules : merge({ name = "rule-${index + 1}", priority = (index + 1) * 10, paths = ["/path-${index + 1}"], target = "api" }, rule)]
  }
}

module "routing" {
  source              = "../.."
  document            = [for document in [var.document, local.document] : document if document != null][0]
  direct_access_cidrs = var.direct_access_cidrs
  enforce             = false
}

output "codes" {
  value = distinct([for violation in module.routing.violations : violation.code])
}

output "details" {
  value = join("\n", [for violation in module.routing.violations : violation.detail])
}

output "rules" {
  value = module.routing.rules
}
