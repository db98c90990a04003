variable "image" {
  description = "The image of all roles, best by digest: REGISTRY/hokusai@sha256:…"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9./_-]+(:[0-9]+)?[a-z0-9./_-]*([:@][A-Za-z0-9:._-]+)$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image is '${var.image}'; write it with a tag or a digest, and not :latest, which is another image tomorrow."
  }
}

variable "image_repository_arns" {
  description = "ARNs of the ECR repositories that images come from; none if they come from elsewhere."
  type        = list(string)
  default     = []

  # ECS would start tasks again and again that can't pull their image.
  validation {
    condition = alltrue([for image in concat([var.image], [for service in var.services : service.image if service.image != null]) : (
      !can(regex("^[0-9]{12}[.]dkr[.-]ecr[.]", image)) || anytrue([for arn in var.image_repository_arns : strcontains(arn, "*") || try(
        endswith(arn, format(":ecr:%[2]s:%[1]s:repository/%[3]s", regex("^([0-9]{12})[.]dkr[.-]ecr[.]([a-z0-9-]+)[.][^/]+/([^:@]+)", image)...)), false,
      )])
    )])
    error_message = "image_repository_arns is ${jsonencode(var.image_repository_arns)}; name the repository of each image that comes from ECR (${join(", ", concat([var.image], [for service in var.services : service.image if service.image != null]))}): without it no task may pull it."
  }
}

variable "architecture" {
  description = "Processors that the image is for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture is '${var.architecture}'; write X86_64 or ARM64."
  }
}

variable "services" {
  description = "What differs from the defaults, by service: api, auth, mlflow. With image, command and health_command another program (a real MLflow) can stand in; environment is added to the role's own."
  type = map(object({
    cpu            = optional(number)
    memory         = optional(number)
    least_tasks    = optional(number)
    most_tasks     = optional(number)
    image          = optional(string)
    command        = optional(list(string))
    health_command = optional(list(string))
    user           = optional(string)
    writable_paths = optional(list(string))
    environment    = optional(map(string), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.services) : contains(["api", "auth", "mlflow"], name)])
    error_message = "services names ${join(", ", keys(var.services))}; there are api, auth and mlflow."
  }

  validation {
    condition     = alltrue([for service in var.services : service.cpu == null ? true : contains([256, 512, 1024, 2048, 4096, 8192, 16384], service.cpu)])
    error_message = "services: cpu must be 256, 512, 1024, 2048, 4096, 8192 or 16384 (1024 is one processor)."
  }

  validation {
    condition     = alltrue([for service in var.services : (service.image == null) || (service.command != null && service.health_command != null)])
    error_message = "services: another image needs its own command and health_command."
  }

  validation {
    condition     = alltrue([for service in var.services : coalesce(service.least_tasks, 0) <= coalesce(service.most_tasks, 1000)])
    error_message = "services: least_tasks is above most_tasks."
  }
}

variable "log_level" {
  description = "Least level of log lines: Debug, Information, Warning or Error."
  type        = string
  default     = "Information"

  validation {
    condition     = contains(["Debug", "Information", "Warning", "Error"], var.log_level)
    error_message = "log_level is '${var.log_level}'; write Debug, Information, Warning or Error."
  }
}

variable "container_insights" {
  description = "CloudWatch Container Insights of the cluster: enabled, enhanced or disabled."
  type        = string
  default     = "enabled"

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.container_insights)
    error_message = "container_insights is '${var.container_insights}'; write enabled, enhanced or disabled."
  }
}

variable "peppers" {
  description = "Ids of the secrets that keys are hashed with, the newest first. Each is a secret of Secrets Manager whose value is put in by hand, see README.md; docs/audit.md tells how they are rotated."
  type        = list(string)
  default     = ["1"]

  validation {
    condition     = length(var.peppers) > 0 && length(distinct(var.peppers)) == length(var.peppers) && alltrue([for id in var.peppers : can(regex("^[a-z0-9-]{1,20}$", id))])
    error_message = "peppers is ${jsonencode(var.peppers)}; write at least one id of lower-case letters and digits, each once."
  }
}

variable "admin_cidrs" {
  description = "Networks from which keys are administered (port 8003 of the auth service) and each gateway is asked for its dependencies and metrics (port 8001), such as a VPN's; none by default. Never the load balancer's."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "admin_cidrs is ${jsonencode(var.admin_cidrs)}; write networks such as 203.0.113.0/24."
  }
}

variable "bootstrap_key" {
  description = "Whether the auth service issues a first key with all scopes if there is none. It is printed once, into the service's log: make others with it and revoke it."
  type        = bool
  default     = false
}
