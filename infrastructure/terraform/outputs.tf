locals {
  # Without a name of its own the load balancer has AWS's, for which there is no certificate: infrastructure/deploy does not verify it over https.
  url = "${var.certificate_arn == null ? "http" : "https"}://${coalesce(var.public_name, aws_lb.this.dns_name)}"
}

output "url" {
  description = "Where clients come: public_name, or without one the load balancer's own name. The record for public_name is DNS' business."
  value       = local.url
}

output "tracking_uri" {
  description = "What MLflow's clients take as MLFLOW_TRACKING_URI."
  value       = "${local.url}/api/mlflow"
}

output "load_balancer" {
  description = "Name for an alias record: DNS name and hosted zone."
  value       = { dns_name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
}

output "listeners" {
  description = "ARNs of the listeners, for hokusai routes review."
  value       = merge({ http = aws_lb_listener.http.arn }, var.certificate_arn == null ? {} : { https = aws_lb_listener.https[0].arn })
}

output "cluster" {
  description = "Name of the ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "services" {
  description = "Names of the ECS services and the task definitions that they were given."
  value       = { for name, service in module.service : name => { name = service.name, task_definition = service.task_definition_arn } }
}

output "names" {
  description = "What the services are called inside the network."
  value       = { for name, service in aws_service_discovery_service.this : name => "${service.name}.${aws_service_discovery_private_dns_namespace.this.name}" }
}

output "artifacts" {
  description = "Where artifacts lie."
  value       = local.artifacts_uri
}

output "secrets" {
  description = "Secrets whose values are put in by hand."
  value       = concat([for secret in aws_secretsmanager_secret.pepper : secret.name], [aws_secretsmanager_secret.session.name])
}

output "dashboard" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
