//! What to probe: hosts, ports, ranges of ports.

use std::fmt;

/// Where the three protocols usually listen.
const DEFAULT_PORTS: [u16; 5] = [5701, 5702, 5703, 9092, 9944];

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an IP address, an IPv6 one without brackets.
    pub host: String,
    /// A TCP port.
    pub port: u16,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a target can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not HOST, HOST:PORT or HOST:FIRST-LAST")]
pub struct TargetError(String);

/// Reads `HOST` (which stands for its usual ports), `HOST:PORT` or `HOST:FIRST-LAST`. An IPv6 address with
/// ports has brackets.
pub fn parse_target(text: &str) -> Result<Vec<Target>, TargetError> {
    let error = || TargetError(text.to_owned());
    let (host, ports) = split(text).ok_or_else(error)?;
    if host.is_empty() {
        return Err(error());
    }
    let ports: Vec<u16> = match ports {
        None => DEFAULT_PORTS.to_vec(),
        Some(ports) => {
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            let first: u16 = first.parse().map_err(|_| error())?;
            let last: u16 = last.parse().map_err(|_| error())?;
            if first == 0 || last < first {
                return Err(error());
            }
            (first..=last).collect()
        }
    };
    Ok(ports.into_iter().map(|port| Target { host: host.to_owned(), port }).collect())
}

fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, ports) = rest.split_once(']')?;
        return match ports {
            "" => Some((host, None)),
            ports => Some((host, Some(ports.strip_prefix(':')?))),
        };
    }
    match text.split_once(':') {
        // More than one colon and no brackets: an IPv6 address alone.
        Some((_, rest)) if rest.contains(':') => Some((text, None)),
        Some((host, ports)) => Some((host, Some(ports))),
        None => Some((text, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Vec<String> {
        parse_target(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hosts_ports_and_ranges() {
        assert_eq!(targets("localhost:5701"), ["localhost:5701"]);
        assert_eq!(
            targets("10.0.0.1:9092-9094"),
            ["10.0.0.1:9092", "10.0.0.1:9093", "10.0.0.1:9094"]
        );
        assert_eq!(targets("[::1]:5701"), ["[::1]:5701"]);
        assert_eq!(targets("::1").len(), 5);
        assert_eq!(targets("h").last().unwrap(), "h:9944");
        assert_eq!(targets("h:65535-65535"), ["h:65535"]);
    }

    #[test]
    fn what_is_no_target() {
        for text in
            ["", ":5701", "h:", "h:0", "h:70000", "h:5-4", "h:x", "[::1", "[::1]x", "h:1-2-3"]
        {
            assert!(parse_target(text).is_err(), "{text}");
        }
    }
}
