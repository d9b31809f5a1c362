//! Which proxies are trusted, and which client a request comes from (docs/operations.md, "A proxy in front").

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, X_FORWARDED_FOR};
use ipnet::IpNet;

use crate::Limits;

/// The header in which clients find the request id that the log has.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The networks of the proxies whose `X-Forwarded-For` and `X-Request-Id` are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be addresses or networks, such as 127.0.0.1 or 10.0.0.0/8, separated by commas")]
pub struct InvalidNetwork;

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let network = |word: &str| word.parse().or_else(|_| word.parse().map(|address: IpAddr| address.into()));
        let networks = text.split(',').map(|word| network(word.trim())).collect::<Result<_, _>>();
        networks.map(Self).map_err(|_| InvalidNetwork)
    }
}

impl TrustedProxies {
    /// Returns the client of a request: the sender or, if that is a trusted proxy, the last address in `X-Forwarded-For`
    /// that is none. Whatever is before that may be invented.
    pub(crate) fn client(&self, sender: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = sender.to_canonical();
        if !self.trust(client) {
            return client;
        }
        let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            match address(hop.trim()) {
                Some(hop) => client = hop,
                None => break,
            }
            if !self.trust(client) {
                break;
            }
        }
        client
    }

    /// Returns the request id that a trusted proxy has given a request.
    pub(crate) fn request_id<'a>(&self, sender: IpAddr, headers: &'a HeaderMap) -> Option<&'a str> {
        if !self.trust(sender.to_canonical()) {
            return None;
        }
        let id = headers.get(&REQUEST_ID).map(HeaderValue::to_str)?.ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=+/@".contains(&byte);
        (1..=Limits::REQUEST_ID).contains(&id.len()).then_some(id).filter(|id| id.bytes().all(is_plain))
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses an address, which some proxies write with a port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.trim_start_matches('[').trim_end_matches(']').parse();
    let address = address.or_else(|_| text.parse().map(|with_port: SocketAddr| with_port.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        let trusted: TrustedProxies = "10.0.0.0/8, ::1, 127.0.0.1".parse().unwrap();
        for (sender, lines, client) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7", "10.1.2.3"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["198.51.100.7, unknown, 10.1.2.3"], "10.1.2.3"),
            ("10.0.0.1", &["10.2.0.1, 10.1.2.3"], "10.2.0.1"),
        ] {
            let found = trusted.client(sender.parse().unwrap(), &forwarded(lines));
            assert_eq!(found.to_string(), client, "{sender} {lines:?}");
        }
        let nobody = TrustedProxies::default().client("127.0.0.1".parse().unwrap(), &forwarded(&["198.51.100.7"]));
        assert_eq!(nobody.to_string(), "127.0.0.1");
    }

    #[test]
    fn a_request_id_is_taken_from_trusted_proxies_alone_and_only_if_it_is_plain_and_short() {
        let trusted: TrustedProxies = "10.0.0.1".parse().unwrap();
        let longest = "x".repeat(Limits::REQUEST_ID);
        let long = longest.clone() + "x";
        for (sender, id, is_taken) in [
            ("10.0.0.1", "0b8f2c5a-1c1d", true),
            ("10.0.0.1", longest.as_str(), true),
            ("10.0.0.2", "0b8f2c5a-1c1d", false),
            ("10.0.0.1", long.as_str(), false),
            ("10.0.0.1", "", false),
            ("10.0.0.1", "a b", false),
            ("10.0.0.1", "a\"b", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(id).unwrap());
            assert_eq!(trusted.request_id(sender.parse().unwrap(), &headers), is_taken.then_some(id));
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.1,", "10.0.0.1 10.0.0.2"] {
            assert_eq!(text.parse::<TrustedProxies>(), Err(InvalidNetwork), "{text}");
        }
    }
}
