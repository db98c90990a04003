output "name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "The revision that the service runs."
  value       = aws_ecs_task_definition.this.arn
}
