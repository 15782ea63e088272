//! Values of `format` beyond those of JSON Schema: what Kubernetes settings are full of.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What decides whether a text has the format.
type Test = fn(&str) -> bool;

/// Each name with its test.
pub(super) const FORMATS: [(&str, Test); 4] = [
    ("cidr", |text| text.parse::<IpNet>().is_ok()),
    ("cidrv4", |text| text.parse::<Ipv4Net>().is_ok()),
    ("cidrv6", |text| text.parse::<Ipv6Net>().is_ok()),
    ("host", is_host),
];

/// The test of a format, also of those that the validator knows by itself, if it is a simple one. Whatever passes here
/// would pass there.
pub(super) fn quick(name: &str) -> Option<Test> {
    let own = FORMATS.iter().find(|(known, _)| *known == name).map(|(_, test)| *test);
    own.or(match name {
        // Names in another script are written `xn--…`, and have rules of their own.
        "hostname" => Some(|text| is_host(text) && !text.contains("--") && !text.contains(':')),
        "ipv4" => Some(|text| text.parse::<std::net::Ipv4Addr>().is_ok()),
        "ipv6" => Some(|text| text.parse::<std::net::Ipv6Addr>().is_ok()),
        _ => None,
    })
}

/// An address, or a name of the domain name system. A name that ends in digits only is a mistyped address.
fn is_host(text: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 253
            && text.split('.').all(label)
            && !last.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::FORMATS;

    fn fits(format: &str, text: &str) -> bool {
        FORMATS.iter().any(|(name, test)| *name == format && test(text))
    }

    #[test]
    fn hosts_are_addresses_or_names() {
        for good in ["10.0.0.1", "fd00::1", "acp", "acp.example.com", "1password.com"] {
            assert!(fits("host", good), "{good}");
        }
        for bad in ["", "10.0.0.256", "10.0.0", "a..b", "-a.b", "a b", "http://a", "fd00::g"] {
            assert!(!fits("host", bad), "{bad}");
        }
    }

    #[test]
    fn what_passes_the_quick_test_passes_the_validator() {
        let texts = [
            "",
            "a",
            "a.b",
            "a-b",
            "-a",
            "a--b",
            "xn--a",
            "a.",
            ".a",
            "a_b",
            "10.0.0.1",
            "10.0.0.01",
            "1.2.3",
            "0.0.0.256",
            "::1",
            "fd00::1",
            "::ffff:1.2.3.4",
            "fe80::1%eth0",
            "A.example.COM",
            "a.1",
            "1password.com",
        ];
        let long = format!("{}.{}", "a".repeat(63), "b".repeat(64));
        for format in ["hostname", "ipv4", "ipv6"] {
            let schema = serde_json::json!({ "format": format });
            let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
            let validator = options.should_validate_formats(true).build(&schema).unwrap();
            let test = super::quick(format).unwrap();
            assert!(texts.iter().any(|text| test(text)));
            for text in texts.iter().copied().chain([long.as_str()]) {
                assert!(!test(text) || validator.is_valid(&text.into()), "{format} {text}");
            }
        }
    }

    #[test]
    fn networks_have_a_prefix_of_their_family() {
        assert!(fits("cidr", "10.3.0.0/16") && fits("cidr", "fd00::/64"));
        assert!(fits("cidrv4", "10.3.0.0/16") && !fits("cidrv4", "fd00::/64"));
        assert!(fits("cidrv6", "fd00::/64") && !fits("cidrv6", "10.3.0.0/16"));
        for bad in ["10.3.0.0", "10.3.0.0/33", "10.3.0/16", "10.3.0.256/16", "fd00::/129"] {
            assert!(!fits("cidr", bad), "{bad}");
        }
    }
}
