//! What Kubernetes asks of texts, numbers and keys in its own code, beyond their types.
//!
//! `kubernetes/formats.txt` says which fields have which format. Each answer is a rule in words, for hints.

use std::net::IpAddr;

use crate::fields::{is_dns_label, is_dns_subdomain};

/// A rule for a value, by its name in `kubernetes/formats.txt`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Any,
    // Numbers
    Port,
    PortOrZero,
    Natural,
    Positive,
    Weight,
    Mode,
    Amount,
    /// A count or a percentage.
    Share,
    // Texts
    Label,
    Subdomain,
    PortName,
    Variable,
    MountPath,
    InnerPath,
    ConfigKey,
    Image,
    Qualified,
    Annotation,
    ClusterIp,
    Ip,
    Cidr,
    Host,
    Cron,
}

const NAMES: [(&str, Format); 23] = [
    ("port", Format::Port),
    ("port-or-zero", Format::PortOrZero),
    ("natural", Format::Natural),
    ("positive", Format::Positive),
    ("weight", Format::Weight),
    ("mode", Format::Mode),
    ("amount", Format::Amount),
    ("share", Format::Share),
    ("label", Format::Label),
    ("subdomain", Format::Subdomain),
    ("port-name", Format::PortName),
    ("variable", Format::Variable),
    ("mount-path", Format::MountPath),
    ("inner-path", Format::InnerPath),
    ("config-key", Format::ConfigKey),
    ("image", Format::Image),
    ("qualified", Format::Qualified),
    ("annotation", Format::Annotation),
    ("cluster-ip", Format::ClusterIp),
    ("ip", Format::Ip),
    ("cidr", Format::Cidr),
    ("host", Format::Host),
    ("cron", Format::Cron),
];

const QUALIFIED: &str = "letters, digits, `-`, `_` and `.`, at most 63 characters that begin and end with a letter or digit; a DNS name and `/` may stand before it";
const LABEL_VALUE: &str = "letters, digits, `-`, `_` and `.`, at most 63 characters that begin and end with a letter or digit";

impl Format {
    pub(super) fn named(name: &str) -> Self {
        NAMES.iter().find(|(known, _)| *known == name).map_or(Self::Any, |(_, format)| *format)
    }

    /// The rule that an integer breaks.
    pub(super) fn judge_int(self, value: i128) -> Option<&'static str> {
        let (range, rule) = match self {
            Self::Port => (1..=65535, "from 1 to 65535"),
            Self::PortOrZero => (0..=65535, "from 1 to 65535"),
            Self::Natural | Self::Share => (0..=i128::MAX, "0 or more"),
            Self::Positive => (1..=i128::MAX, "1 or more"),
            Self::Weight => (1..=100, "from 1 to 100"),
            Self::Mode => (0..=0o777, "from 0 to 511 (0777)"),
            _ => return None,
        };
        (!range.contains(&value)).then_some(rule)
    }

    /// The rule that a text breaks; of a map's key, too.
    pub(super) fn judge_text(self, text: &str) -> Option<&'static str> {
        let (fine, rule) = match self {
            Self::Label => (
                is_dns_label(text),
                "lowercase letters, digits and `-`, at most 63 characters that begin and end with a letter or digit",
            ),
            Self::Subdomain => (
                is_dns_subdomain(text),
                "lowercase letters, digits, `-` and `.`, at most 253 characters",
            ),
            Self::Port | Self::PortName => (
                is_port_name(text),
                "lowercase letters, digits and single `-` inside, at most 15 characters with one letter among them",
            ),
            Self::Variable => (
                !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'='),
                "printable ASCII characters without `=`",
            ),
            Self::MountPath => (!text.is_empty() && !text.contains(':'), "a path without `:`"),
            Self::InnerPath => (
                !text.starts_with('/') && !text.split('/').any(|part| part == ".."),
                "a relative path without `..`",
            ),
            Self::ConfigKey => (
                is_config_key(text),
                "letters, digits, `-`, `_` and `.`, at most 253 characters, but not `.`, and not beginning with `..`",
            ),
            Self::Image => (
                !text.is_empty() && text.trim() == text,
                "the name of an image without blanks around it",
            ),
            Self::Qualified => (is_qualified(text), QUALIFIED),
            // Annotations, unlike labels, may have capitals in their prefix.
            Self::Annotation => (is_qualified(&text.to_ascii_lowercase()), QUALIFIED),
            Self::ClusterIp => (
                matches!(text, "" | "None") || text.parse::<IpAddr>().is_ok(),
                "an IP address or `None`",
            ),
            Self::Ip => (text.parse::<IpAddr>().is_ok(), "an IP address"),
            Self::Cidr => (text.parse::<ipnet::IpNet>().is_ok(), "a network such as `10.0.0.0/8`"),
            Self::Host => (
                is_dns_subdomain(text.strip_prefix("*.").unwrap_or(text))
                    && text.parse::<IpAddr>().is_err(),
                "a DNS name in lowercase, perhaps with `*.` before it, and no IP address",
            ),
            Self::Cron => {
                (is_cron(text), "five fields such as `0 3 * * *`, or a word such as `@daily`")
            }
            Self::Share => (
                text.strip_suffix('%')
                    .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
                "a number, or a percentage such as `25%`",
            ),
            _ => return None,
        };
        (!fine).then_some(rule)
    }
}

/// The rule that the value of a label breaks.
pub(super) fn judge_label_value(text: &str) -> Option<&'static str> {
    (!text.is_empty() && !is_label_text(text)).then_some(LABEL_VALUE)
}

/// Up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_label_text(text: &str) -> bool {
    let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_qualified(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_label_text(name),
        None => is_label_text(text),
    }
}

/// A service name as IANA registers them.
fn is_port_name(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

fn is_config_key(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && text != "."
        && !text.starts_with("..")
}

/// Not every fault, but the wrong number of fields and characters that no field has.
fn is_cron(text: &str) -> bool {
    if let Some(word) = text.strip_prefix('@') {
        return matches!(
            word,
            "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly"
        ) || word.starts_with("every ");
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == 5
        && fields.iter().all(|field| {
            field
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'/' | b',' | b'-' | b'?'))
        })
}

#[cfg(test)]
mod tests {
    use super::{Format, NAMES, judge_label_value};

    #[test]
    fn every_format_has_its_name() {
        for (name, format) in NAMES {
            assert_eq!(Format::named(name), format);
        }
        assert_eq!(Format::named(""), Format::Any);
    }

    #[test]
    fn texts_are_judged_as_the_api_server_does() {
        let fine = [
            ("label", "a-1"),
            ("port-name", "http-metrics"),
            ("port", "web"),
            ("variable", "spring.profiles-active"),
            ("mount-path", "/etc/x"),
            ("inner-path", "a/b..c"),
            ("config-key", "application.yml"),
            ("config-key", ".dockerconfigjson"),
            ("qualified", "app.kubernetes.io/name"),
            ("annotation", "Example.COM/x_y"),
            ("cluster-ip", "None"),
            ("cidr", "0.0.0.0/0"),
            ("host", "*.example.org"),
            ("cron", "*/5 0 1,2 JAN-MAR ?"),
            ("cron", "@every 1h"),
            ("share", "25%"),
        ];
        for (format, text) in fine {
            assert_eq!(Format::named(format).judge_text(text), None, "{format} {text}");
        }
        let wrong = [
            ("label", "A"),
            ("label", "a.b"),
            ("port-name", "http-metrics-long"),
            ("port-name", "80"),
            ("port", "8o80_"),
            ("variable", "A=B"),
            ("mount-path", "a:b"),
            ("inner-path", "a/../b"),
            ("config-key", "a b"),
            ("image", " nginx"),
            ("qualified", "a/b/c"),
            ("qualified", "Example.com/x"),
            ("cluster-ip", "none"),
            ("ip", "10.0.0.256"),
            ("cidr", "10.0.0.0"),
            ("host", "Example.org"),
            ("host", "10.0.0.1"),
            ("cron", "* * * *"),
            ("cron", "@dayly"),
            ("share", "25"),
        ];
        for (format, text) in wrong {
            assert!(Format::named(format).judge_text(text).is_some(), "{format} {text}");
        }
        assert!(judge_label_value("a b").is_some());
        assert!(judge_label_value("").is_none());
    }
}
