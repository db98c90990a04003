# The routing table as listener rules. No provider is needed: the logic that can be wrong is here, where it can be tested
# without a cloud; the resources that take it stay thin.

terraform {
  required_version = ">= 1.11"
}

locals {
  violations = concat(local.document_violations, local.target_violations, local.condition_violations, local.action_violations, local.order_violations)

  # Rules of the same name are grouped, so that the check for twins can tell about them before the map would fail.
  grouped = { for rule in local.existing : rule.name => rule... }

  rules = {
    for name, twins in local.grouped : name => {
      priority      = twins[0].priority
      direct_access = twins[0].direct_access
      conditions = {
        paths   = twins[0].paths
        hosts   = twins[0].hosts
        methods = twins[0].methods
        sources = twins[0].sources
        headers = twins[0].headers
        query   = twins[0].query
      }
      action = {
        type           = length(twins[0].forward) > 0 ? "forward" : twins[0].redirect != null ? "redirect" : "fixed-response"
        forward        = twins[0].forward
        redirect       = twins[0].redirect
        fixed_response = twins[0].fixed_response
      }
      transforms = concat(
        twins[0].rewrite == null ? [] : [{ type = "url-rewrite", regex = twins[0].rewrite.regex, replace = twins[0].rewrite.replace }],
        twins[0].host_rewrite == null ? [] : [{ type = "host-header-rewrite", regex = twins[0].host_rewrite.regex, replace = twins[0].host_rewrite.replace }],
      )
    }
  }

  # The same conditions, so that an unknown path gets the fixed answer on both listeners and only what exists is redirected.
  redirects = {
    for name, rule in local.rules : name => merge(rule, {
      transforms = []
      action = {
        type           = "redirect"
        forward        = []
        redirect       = { status = 301, protocol = "HTTPS", host = "#{host}", port = "443", path = "/#{path}", query = "#{query}" }
        fixed_response = null
      }
    })
  }

  # Chosen by filter: the two branches of a condition must have one type, and rules differ in what they leave out.
  http_rules = merge([for mode, rules in { rules = local.rules, redirect = local.redirects } : rules if mode == var.http_mode]...)
}

# What stops a plan with a bad table, with all its faults.
resource "terraform_data" "contract" {
  lifecycle {
    precondition {
      condition     = !var.enforce || length(local.violations) == 0
      error_message = join("\n", concat(["The routing table has ${length(local.violations)} fault(s), see docs/routing.md:"], [for v in local.violations : "- ${v.code}: ${v.detail}"]))
    }
  }
}
