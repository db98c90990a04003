# A network with a public subnet for the load balancer and a private one for everything else in each availability zone, or one
# that is there already.

data "aws_availability_zones" "available" {
  state = "available"

  # No local zones: Fargate and RDS are not offered there.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  make_network = var.existing_network == null
  zones        = local.make_network ? { for index in range(var.availability_zones) : tostring(index) => index } : {}

  vpc_id              = local.make_network ? one(aws_vpc.this[*].id) : var.existing_network.vpc_id
  public_subnet_ids   = local.make_network ? [for zone in keys(local.zones) : aws_subnet.public[zone].id] : var.existing_network.public_subnet_ids
  private_subnet_ids  = local.make_network ? [for zone in keys(local.zones) : aws_subnet.private[zone].id] : var.existing_network.private_subnet_ids
  public_subnet_cidrs = local.make_network ? [for index in local.zones : cidrsubnet(var.vpc_cidr, 4, index)] : var.existing_network.public_subnet_cidrs

  # Where NAT gateways stand: in every zone, or in the first for all.
  nat_zones = local.make_network && var.egress == "nat" ? (var.nat_per_zone ? local.zones : { "0" = 0 }) : {}
}

resource "aws_vpc" "this" {
  count = local.make_network ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = local.name }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = local.vpc_id
  availability_zone = data.aws_availability_zones.available.names[each.value]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, each.value)
  tags              = { Name = "${local.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = local.vpc_id
  availability_zone = data.aws_availability_zones.available.names[each.value]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, each.value + 8)
  tags              = { Name = "${local.name}-private-${each.key}" }
}

resource "aws_internet_gateway" "this" {
  count = local.make_network ? 1 : 0

  vpc_id = local.vpc_id
  tags   = { Name = local.name }
}

resource "aws_route_table" "public" {
  count = local.make_network ? 1 : 0

  vpc_id = local.vpc_id
  tags   = { Name = "${local.name}-public" }
}

resource "aws_route" "internet" {
  count = local.make_network ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  route_table_id = aws_route_table.public[0].id
  subnet_id      = aws_subnet.public[each.key].id
}

resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = local.vpc_id
  tags   = { Name = "${local.name}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

resource "aws_eip" "nat" {
  for_each = local.nat_zones

  domain     = "vpc"
  tags       = { Name = "${local.name}-nat-${each.key}" }
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = { Name = "${local.name}-${each.key}" }
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route" "nat" {
  for_each = var.egress == "nat" ? local.zones : {}

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[contains(keys(local.nat_zones), each.key) ? each.key : "0"].id
}
