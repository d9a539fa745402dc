//! Addresses of members as people write them.

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::error::{ConfigError, Problem};
use crate::Str;

/// The ports of an address that names none: members on one host take the first that is free.
const PORTS: core::ops::RangeInclusive<u16> = 5701..=5703;

/// Most ports of one address, and most addresses of a list.
const MAX_PORTS: u16 = 100;
const MAX_ADDRESSES: usize = 10_000;

/// What an address may look like.
const WHAT: &str = "host, host:port, host:first-last (at most 100 ports) or [IPv6]:port";

/// The addresses of a list, ports expanded.
pub(super) fn read(at: &Cursor<'_>) -> Result<Vec<(Str, u16)>, ConfigError> {
    let mut addresses = Vec::new();
    for (item, text) in at.texts()? {
        let (host, ports) = parse(text)
            .ok_or_else(|| item.error(Problem::Expected { what: WHAT, found: quoted(text) }))?;
        let host = Str::from(host);
        addresses.extend(ports.map(|port| (host.clone(), port)));
        if addresses.len() > MAX_ADDRESSES {
            let found = "more".into();
            return Err(at.error(Problem::Expected { what: "at most 10,000 addresses", found }));
        }
    }
    Ok(addresses)
}

fn quoted(text: &str) -> alloc::string::String {
    let short: alloc::string::String = text.chars().take(40).collect();
    alloc::format!("{short:?}")
}

/// Host and ports of one address. Several colons without brackets are an IPv6 address without a port.
fn parse(text: &str) -> Option<(&str, core::ops::RangeInclusive<u16>)> {
    let text = text.trim();
    let (host, ports) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        let ports = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(':')?),
        };
        (host, ports)
    } else {
        match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (text, None),
        }
    };
    let is_host = |c: char| c.is_alphanumeric() || "-_.:%".contains(c);
    if host.is_empty() || !host.chars().all(is_host) {
        return None;
    }
    let Some(ports) = ports else { return Some((host, PORTS)) };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (first, last) = (port(first)?, port(last)?);
    (last.checked_sub(first)? < MAX_PORTS).then_some((host, first..=last))
}

fn port(text: &str) -> Option<u16> {
    // `u16` takes a plus sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?.filter(|p| *p > 0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, host, first, last) in [
            ("10.0.0.1", "10.0.0.1", 5701, 5703),
            (" node-1.example ", "node-1.example", 5701, 5703),
            ("node:5710", "node", 5710, 5710),
            ("node:5701-5705", "node", 5701, 5705),
            ("[::1]", "::1", 5701, 5703),
            ("[::1]:5702", "::1", 5702, 5702),
            ("[fe80::1%eth0]:1-2", "fe80::1%eth0", 1, 2),
            ("2001:db8::1", "2001:db8::1", 5701, 5703),
            ("bücher.example:65535", "bücher.example", 65535, 65535),
        ] {
            assert_eq!(parse(text), Some((host, first..=last)), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ":5701",
            "node:",
            "node:0",
            "node:65536",
            "node:+1",
            "node:5703-5701",
            "node:1-101",
            "node:a",
            "[::1",
            "[::1]5701",
            "[]:1",
            "a b",
            "node:1-",
            "10.0.0.*",
            "http://node",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
