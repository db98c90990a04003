namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <summary>Mistakes in task definitions, services and their permissions.</summary>
internal static class ServiceMistakes
{
    public static Mistake[] All { get; } =
    [
        new("wrong container port", "modules/service/main.tf", "container_port   = var.port", "container_port   = 80", "container_port 80 and the program listens on 8001"),
        new("wrong container name", "modules/service/main.tf", "container_name   = var.role", "container_name   = \"web\"", "container_name \"web\" and the container is \"api\""),
        new("a port that the container does not show", "modules/service/main.tf", "{ containerPort = var.port, hostPort = var.port,", "{ containerPort = 8080, hostPort = 8080,", "the container shows 8080 and the program listens on 8001"),
        new("host port not the container's", "modules/service/main.tf", "hostPort = var.port,", "hostPort = 80,", "with awsvpc hostPort 80 must be containerPort"),
        new("health check asks another port", "services.tf", "\"http://127.0.0.1:${local.ports.auth}/health\"", "\"http://127.0.0.1:${local.ports.api}/health\"", "its health check asks port 8001 and the program listens on 8002"),
        new("health check by a shell that is not there", "modules/service/main.tf", "concat([\"CMD\"], var.health_command)", "var.health_command", "healthCheck.command begins with \"hokusai\""),
        new("a field that containers don't have", "modules/service/main.tf", "readonlyRootFilesystem = true", "readOnlyRootFilesystem = true", "$[0].readOnlyRootFilesystem: there is no such field"),
        new("a container that may write", "modules/service/main.tf", "readonlyRootFilesystem = true", "readonlyRootFilesystem = false", "the container may write into its image"),
        new("a program that does not know how much memory it has", "modules/service/main.tf", "    memory = var.memory\n", "", "the program sees a limit of 0 MiB and the task has 1024 MiB"),
        new("a container of root's", "modules/service/main.tf", "user      = var.user", "user      = \"0\"", "the container runs as root"),
        new("a process before the program", "modules/service/main.tf", "linuxParameters        = { capabilities", "linuxParameters        = { initProcessEnabled = true, capabilities", "another process stands before the program"),
        new("a task definition that every plan makes anew", "modules/service/main.tf", "add = [], drop", "drop", "every plan would make the task definition anew"),
        new("no time to bring a store up to date", "modules/service/main.tf", "startPeriod = 120", "startPeriod = 30", "its health check counts before a store can be brought up to date"),
        new("tasks killed before they started", "modules/service/main.tf", "var.target_group_arn == null ? null : 120", "null", "its tasks may be killed before they had time to start"),
        new("tasks killed while a store is brought up to date", "modules/service/main.tf", "var.target_group_arn == null ? null : 120", "var.target_group_arn == null ? null : 60", "the load balancer's checks count after 60 s, and the container's own after 120 s"),
        new("the release before is taken away", "modules/service/main.tf", "  skip_destroy = true\n", "", "ECS can't go back to a task definition that is inactive"),
        new("a grace period where no load balancer looks", "modules/service/main.tf", "var.target_group_arn == null ? null : 120", "120", "ECS takes a grace period only with a load balancer"),
        new("logs for no group", "modules/service/main.tf", "awslogs-group         = var.log_group", "awslogs-group         = \"${var.log_group}-x\"", "which is no group of this configuration"),
        new("a size that Fargate has not", "environments/development.tfvars", "auth   = { cpu = 256, memory = 512", "auth   = { cpu = 256, memory = 4096", "memory of 4096 MiB does not go with cpu 256"),
        new("a network that Fargate has not", "modules/service/main.tf", "network_mode             = \"awsvpc\"", "network_mode             = \"bridge\"", "Fargate needs awsvpc"),
        new("an unknown architecture", "modules/service/main.tf", "cpu_architecture        = var.architecture", "cpu_architecture        = \"AMD64\"", "\"AMD64\" is not one of X86_64, ARM64"),
        new("no way back from a bad deployment", "modules/service/main.tf", "    rollback = true", "    rollback = false", "switch on deployment_circuit_breaker with rollback"),
        new("deployments take capacity away", "modules/service/main.tf", "deployment_minimum_healthy_percent = 100", "deployment_minimum_healthy_percent = 0", "deployment_minimum_healthy_percent 0"),
        new("one task in production", "environments/production.tfvars", "least_tasks = 3, most_tasks = 12", "least_tasks = 1, most_tasks = 12", "1 task in production") { Environment = "production" },
        new("autoscaling of nothing", "modules/service/autoscaling.tf", "resource_id        = \"service/${var.cluster.name}/${aws_ecs_service.this.name}\"", "resource_id        = \"service/${var.cluster.name}/other-${aws_ecs_service.this.name}\"", "is no service of this configuration"),
        new("autoscaling of another dimension", "modules/service/autoscaling.tf", "\"ecs:service:DesiredCount\"", "\"ecs:service:Count\"", "\"ecs:service:Count\" is not one of ecs:service:DesiredCount"),
        new("a secret in the clear", "services.tf", "HOKUSAI_GATEWAY__EMF                  = \"true\"", "HOKUSAI_GATEWAY__EMF                  = \"true\"\n        HOKUSAI_GATEWAY__SESSIONSECRET = \"x\"", "is set twice"),
        new("a password in the environment", "services.tf", "      environment = try(var.services[\"mlflow\"].image, null) == null ? {} : {", "      environment = try(var.services[\"mlflow\"].image, null) == null ? { PGPASSWORD_FILE = \"/x\" } : {", "PGPASSWORD_FILE stands in the environment in the clear"),

        new("a secret that the role may not read", "iam.tf", "api    = [aws_secretsmanager_secret.session.arn]", "api    = [aws_db_instance.this[\"keys\"].master_user_secret[0].secret_arn]", "its execution role may not read"),
        new("a secret of somebody else", "iam.tf", "api    = [aws_secretsmanager_secret.session.arn]", "api    = [aws_secretsmanager_secret.session.arn, aws_db_instance.this[\"keys\"].master_user_secret[0].secret_arn]", "which is no secret of its"),
        new("all of S3", "iam.tf", "\"s3:GetObject\", \"s3:PutObject\",", "\"s3:*\", \"s3:GetObject\", \"s3:PutObject\",", "it allows s3:*"),
        new("every bucket", "iam.tf", "resources = [\"${aws_s3_bucket.artifacts.arn}/${local.artifacts_prefix}/*\"]", "resources = [\"*\"]", "on everything"),
        new("artifacts for the gateway", "iam.tf", "role   = aws_iam_role.task[\"mlflow\"].id", "role   = aws_iam_role.task[\"api\"].id", "api may touch artifacts and stores none"),
        new("one task role for all", "services.tf", "task_role_arn      = aws_iam_role.task[each.key].arn", "task_role_arn      = aws_iam_role.task[\"mlflow\"].arn", "share a task role"),
        new("a role where another kind of ARN belongs", "services.tf", "task_role_arn      = aws_iam_role.task[each.key].arn", "task_role_arn      = aws_ecs_cluster.this.arn", "is not a arn:iam:role/"),
        new("an action that is none", "iam.tf", "actions   = [\"logs:CreateLogStream\", \"logs:PutLogEvents\"]", "actions   = [\"CreateLogStream\"]", "\"CreateLogStream\" is not SERVICE:ACTION"),
    ];
}
