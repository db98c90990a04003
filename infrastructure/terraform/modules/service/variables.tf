variable "name" {
  description = "Name of service and task family."
  type        = string
}

variable "role" {
  description = "Name of the container: api, auth or mlflow."
  type        = string
}

variable "cluster" {
  description = "The cluster that it runs in."
  type        = object({ arn = string, name = string })
}

variable "region" {
  description = "Region of the logs."
  type        = string
}

variable "architecture" {
  description = "X86_64 or ARM64."
  type        = string
}

variable "image" {
  description = "The image."
  type        = string
}

variable "command" {
  description = "What follows the image's entry point."
  type        = list(string)
}

variable "health_command" {
  description = "Run in the container, without a shell; it is well while the command ends with 0."
  type        = list(string)
}

variable "user" {
  description = "Who it runs as; never root."
  type        = string

  validation {
    condition     = !contains(["0", "root", "0:0", "root:root"], var.user)
    error_message = "user is '${var.user}'; a service does not run as root."
  }
}

variable "writable_paths" {
  description = "Folders that may be written, each a volume that ends with the task; everything else is read-only."
  type        = list(string)
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that come from Secrets Manager: name to the ARN, with a field of a JSON secret as ARN:FIELD::."
  type        = map(string)
}

variable "port" {
  description = "Where it listens."
  type        = number
}

variable "cpu" {
  description = "Units of processor; 1024 is one."
  type        = number
}

variable "memory" {
  description = "MiB of memory. Fargate takes certain pairs of cpu and memory only."
  type        = number

  validation {
    condition = (
      var.cpu == 256 ? contains([512, 1024, 2048], var.memory) :
      var.cpu == 512 ? var.memory >= 1024 && var.memory <= 4096 && var.memory % 1024 == 0 :
      var.cpu == 1024 ? var.memory >= 2048 && var.memory <= 8192 && var.memory % 1024 == 0 :
      var.cpu == 2048 ? var.memory >= 4096 && var.memory <= 16384 && var.memory % 1024 == 0 :
      var.cpu == 4096 ? var.memory >= 8192 && var.memory <= 30720 && var.memory % 1024 == 0 :
      var.cpu == 8192 ? var.memory >= 16384 && var.memory <= 61440 && var.memory % 4096 == 0 :
      var.memory >= 32768 && var.memory <= 122880 && var.memory % 8192 == 0
    )
    error_message = "memory of ${var.memory} MiB does not go with cpu ${var.cpu} on Fargate; see AWS, \"Task CPU and memory\"."
  }
}

variable "stop_timeout" {
  description = "Seconds between SIGTERM and the end; Fargate takes 2 to 120."
  type        = number

  validation {
    condition     = var.stop_timeout >= 2 && var.stop_timeout <= 120
    error_message = "stop_timeout is ${var.stop_timeout}; Fargate takes 2 to 120 s."
  }
}

variable "least_tasks" {
  description = "How many tasks there are at least."
  type        = number
}

variable "most_tasks" {
  description = "How many tasks there are at most."
  type        = number
}

variable "requests_per_task" {
  description = "Requests a minute and task that are aimed at, and the load balancer and target group that count them; null for processors only."
  type        = object({ target = number, label = string })
}

variable "execution_role_arn" {
  description = "Role by which the task is started."
  type        = string
}

variable "task_role_arn" {
  description = "Role of the program in it."
  type        = string
}

variable "log_group" {
  description = "Where its output goes."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Its security groups."
  type        = list(string)
}

variable "registry_arn" {
  description = "Its entry in Cloud Map."
  type        = string
}

variable "target_group_arn" {
  description = "Its target group; null if the load balancer does not reach it."
  type        = string
}
