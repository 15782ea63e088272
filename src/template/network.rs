//! Addresses and networks: the tests `ip`, `cidr`, `in_cidr` and `overlapping`, the filters `ip`, `network` and
//! `cidr_size`.
//!
//! IPv4 and IPv6 are never mixed up: no address of one family lies in a network of the other. `in_cidr` and
//! `overlapping` take one network or a list of them, in which none is skipped, since networks that are not used are
//! none in the values.

use std::net::IpAddr;

use ipnet::IpNet;
use minijinja::{Environment, Error, Value};

use super::convert::scalar_text;
use super::encode::is_container;
use super::engine::invalid;

pub(super) fn add(env: &mut Environment<'static>) {
    env.add_test("ip", |value: &Value, version: Option<u8>| {
        let address = scalar_text(value).and_then(|text| text.parse::<IpAddr>().ok());
        address.is_some_and(|address| is_version(address, version))
    });
    env.add_test("cidr", |value: &Value, version: Option<u8>| {
        let net = scalar_text(value).and_then(|text| text.parse::<IpNet>().ok());
        net.is_some_and(|net| is_version(net.addr(), version))
    });
    env.add_test("in_cidr", |value: &Value, networks: &Value| {
        let inner = network_or_address(value)?;
        Ok::<_, Error>(networks_of(networks)?.iter().any(|outer| outer.contains(&inner)))
    });
    env.add_test("overlapping", |value: &Value, networks: &Value| {
        let one = network_or_address(value)?;
        let overlap = |other: &IpNet| other.contains(&one) || one.contains(other);
        Ok::<_, Error>(networks_of(networks)?.iter().any(overlap))
    });
    env.add_filter("ip", |value: &Value| Ok::<_, Error>(address(value)?.to_string()));
    env.add_filter("network", |value: &Value| Ok::<_, Error>(network(value)?.trunc().to_string()));
    env.add_filter("cidr_size", |value: &Value| {
        let net = network(value)?;
        let bits = u32::from(net.max_prefix_len() - net.prefix_len());
        // Only ::/0 is larger than any number we have.
        Ok::<_, Error>(Value::from(1_u128.checked_shl(bits).unwrap_or(u128::MAX)))
    });
}

fn is_version(address: IpAddr, version: Option<u8>) -> bool {
    match version {
        None => true,
        Some(4) => address.is_ipv4(),
        Some(6) => address.is_ipv6(),
        Some(_) => false,
    }
}

fn address(value: &Value) -> Result<IpAddr, Error> {
    read(value, "address; write it like 192.168.0.10 or fd00::10")
}

fn network(value: &Value) -> Result<IpNet, Error> {
    read(value, "network; write it like 10.3.0.0/16 or fd00:10::/64")
}

fn network_or_address(value: &Value) -> Result<IpNet, Error> {
    address(value).map(IpNet::from).or_else(|_| network(value))
}

fn networks_of(value: &Value) -> Result<Vec<IpNet>, Error> {
    if !is_container(value) {
        return Ok(vec![network_or_address(value)?]);
    }
    value.try_iter()?.filter(|item| !item.is_none()).map(|item| network_or_address(&item)).collect()
}

fn read<T: std::str::FromStr>(value: &Value, what: &str) -> Result<T, Error> {
    let text = scalar_text(value)
        .ok_or_else(|| invalid(format!("{} is no {what}", super::convert::describe(value))))?;
    text.parse().map_err(|_| invalid(format!("`{text}` is no {what}")))
}
