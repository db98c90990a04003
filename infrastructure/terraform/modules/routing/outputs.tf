output "rules" {
  description = "The rules that exist, by name: priority, conditions, action and transforms, as a listener rule has them."
  value       = local.rules
}

output "http_rules" {
  description = "The same for the HTTP listener, which may redirect in place of forwarding."
  value       = local.http_rules
}

output "targets" {
  description = "The target groups by name, with every default filled in."
  value       = local.targets
}

output "default" {
  description = "The answer to what no rule takes: status, content_type, body."
  value       = local.default
}

output "violations" {
  description = "What is wrong with the table: code and detail of each fault, all at once; empty for a good one."
  value       = local.violations
}
