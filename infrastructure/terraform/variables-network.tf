variable "vpc_cidr" {
  description = "Addresses of the network that is made; without meaning with existing_network."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.vpc_cidr)[1]), 99) <= 20
    error_message = "vpc_cidr is '${var.vpc_cidr}'; write a network of /16 to /20, of which each subnet gets a sixteenth."
  }
}

variable "availability_zones" {
  description = "In how many availability zones it runs. A load balancer needs 2."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.availability_zones)
    error_message = "availability_zones is ${var.availability_zones}; write 2 or 3."
  }
}

variable "existing_network" {
  description = "A network that is there already, with its way out; null to have one made. The public subnets are the load balancer's alone: addresses in them are trusted to name the client in X-Forwarded-For."
  type = object({
    vpc_id              = string
    public_subnet_ids   = list(string)
    public_subnet_cidrs = list(string)
    private_subnet_ids  = list(string)
  })
  default = null

  validation {
    condition = var.existing_network == null ? true : (
      length(var.existing_network.public_subnet_ids) >= 2 && length(var.existing_network.private_subnet_ids) >= 2
      && length(var.existing_network.public_subnet_ids) == length(var.existing_network.public_subnet_cidrs)
      && alltrue([for cidr in var.existing_network.public_subnet_cidrs : can(cidrhost(cidr, 0))])
    )
    error_message = "existing_network needs two public and two private subnets at least, and a CIDR for each public one."
  }
}

variable "egress" {
  description = "How the services reach AWS: nat (a way out to anywhere on port 443) or endpoints (interface endpoints in the network, and no way out). Without meaning for an existing network's routes, not for its endpoints."
  type        = string
  default     = "nat"

  validation {
    condition     = contains(["nat", "endpoints"], var.egress)
    error_message = "egress is '${var.egress}'; write nat or endpoints."
  }

  validation {
    condition     = var.egress != "endpoints" || alltrue([for image in concat([var.image], [for service in var.services : service.image if service.image != null]) : can(regex("^[0-9]{12}[.]dkr[.-]ecr[.]${var.region}[.]", image))])
    error_message = "egress is endpoints, and these lead to ECR in ${var.region} alone: bring ${join(", ", concat([var.image], [for service in var.services : service.image if service.image != null]))} into a repository there, or write nat."
  }
}

variable "nat_per_zone" {
  description = "Whether each availability zone has a NAT gateway of its own, so that the loss of one zone does not cut off the others."
  type        = bool
  default     = false
}

variable "namespace" {
  description = "The private DNS namespace under which the services find each other: api, auth and mlflow stand in front of it."
  type        = string
  default     = "hokusai.local"

  validation {
    condition     = can(regex("^[a-z0-9-]+([.][a-z0-9-]+)+$", var.namespace))
    error_message = "namespace is '${var.namespace}'; write a domain name in lower-case letters, such as hokusai.local."
  }
}

variable "discovery_ttl_seconds" {
  description = "How long an address may be remembered, 1 to 60 s. A new task is found, and a gone one forgotten, within it."
  type        = number
  default     = 10

  validation {
    condition     = var.discovery_ttl_seconds >= 1 && var.discovery_ttl_seconds <= 60
    error_message = "discovery_ttl_seconds is ${var.discovery_ttl_seconds}; write 1 to 60."
  }
}
