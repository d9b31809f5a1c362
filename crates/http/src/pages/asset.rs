//! The links of a release as its page shows them.

use release_links_domain::link::{AssetDigest, AssetSize, HashAlgorithm, Link, LinkType};
use release_links_domain::location::AssetAddresses;

/// A section of the page: the links of one type.
pub(super) struct Section {
    /// The heading.
    pub(super) name: &'static str,
    /// The links; there is at least one.
    pub(super) assets: Vec<Asset>,
}

/// A link.
pub(super) struct Asset {
    pub(super) name: String,
    /// Where it leads: its permanent link if it has one.
    pub(super) address: String,
    pub(super) size: Option<Size>,
    pub(super) digest: Option<String>,
    /// What to paste into a shell to download the asset and to check it, if its digest is known.
    pub(super) command: Option<String>,
}

/// A size for people, and in bytes.
pub(super) struct Size {
    pub(super) text: String,
    pub(super) bytes: i64,
}

/// Sorts links into sections, keeping their order.
pub(super) fn sections(links: Vec<Link>, assets: &AssetAddresses) -> Vec<Section> {
    let mut sections = [LinkType::Image, LinkType::Package, LinkType::Runbook, LinkType::Other]
        .map(|of| (of, Section { name: heading(of), assets: Vec::new() }));
    for link in links {
        let section = sections.iter_mut().find(|(of, _)| *of == link.fields.link_type);
        if let Some((_, section)) = section {
            section.assets.push(Asset::new(&link, assets));
        }
    }
    sections.into_iter().map(|(_, section)| section).filter(|section| !section.assets.is_empty()).collect()
}

const fn heading(of: LinkType) -> &'static str {
    match of {
        LinkType::Image => "Images",
        LinkType::Package => "Packages",
        LinkType::Runbook => "Runbooks",
        LinkType::Other => "Other",
    }
}

impl Asset {
    fn new(link: &Link, assets: &AssetAddresses) -> Self {
        let fields = &link.fields;
        let address = address(link, assets);
        let digest = fields.digest.as_ref();
        Self {
            name: fields.name.to_string(),
            command: digest.and_then(|digest| command(&address, digest)),
            address,
            size: fields.size.map(|size| Size { text: readable(size), bytes: size.bytes() }),
            digest: digest.map(ToString::to_string),
        }
    }
}

/// Returns where a link leads: its permanent link if it has one.
pub(super) fn address(link: &Link, assets: &AssetAddresses) -> String {
    match &link.fields.path {
        Some(path) => assets.permanent_link(path),
        None => link.fields.url.location(),
    }
}

/// Returns the command that downloads from this address under the name at its end, and checks what came. There is none for
/// an address in which a shell or curl would read more than characters.
fn command(address: &str, digest: &AssetDigest) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%/:+@,=".contains(&byte);
    let (_, path) = address.split_once("://")?.1.split_once('/')?;
    let file = path.rsplit('/').next().unwrap_or_default();
    // A pasted command must not replace `.bashrc`.
    if file.is_empty() || file.starts_with('.') || !address.bytes().all(is_plain) {
        return None;
    }
    let (algorithm, hex) =
        HashAlgorithm::ALL.into_iter().find_map(|algorithm| Some((algorithm, digest.hex(algorithm)?)))?;
    let program = match algorithm {
        HashAlgorithm::Sha256 => "sha256sum",
        HashAlgorithm::Sha512 => "sha512sum",
    };
    Some(format!("curl -fLO {address} && echo '{hex}  {file}' | {program} -c"))
}

/// Returns a size with three digits at least, in the largest unit of which there is one.
#[allow(clippy::cast_precision_loss, reason = "at most three digits are shown")]
fn readable(size: AssetSize) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let bytes = size.bytes();
    if bytes < 1024 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be shown as 1024 of a unit is one of the next.
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_shown_in_the_unit_that_fits() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (10_188, "9.9 KiB"),
            (10_189, "10 KiB"),
            (1_048_063, "1023 KiB"),
            (1_048_064, "1.0 MiB"),
            (5_000_000_000, "4.7 GiB"),
            (AssetSize::MAX, "8.0 PiB"),
        ] {
            assert_eq!(readable(AssetSize::try_from(bytes).unwrap()), shown);
        }
    }

    #[test]
    fn the_command_downloads_and_checks_what_is_at_the_address() {
        let address = "https://h/g/p/-/releases/v1/downloads/bin/a%20b.tar.gz";
        for (algorithm, digits, program) in [("sha256", 64, "sha256sum"), ("sha512", 128, "sha512sum")] {
            let hex = "a".repeat(digits);
            let digest = format!("{algorithm}:{hex}").parse().unwrap();
            assert_eq!(
                command(address, &digest).unwrap(),
                format!("curl -fLO {address} && echo '{hex}  a%20b.tar.gz' | {program} -c")
            );
        }
    }

    #[test]
    fn an_address_that_means_more_to_a_shell_or_to_curl_has_no_command() {
        let digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        for address in [
            "https://h/a?b=c",
            "https://h/a&b",
            "https://h/a;b",
            "https://h/$(b)",
            "https://h/`b`",
            "https://h/a'b",
            "https://h/a[1-9]",
            "https://h/a{b,c}",
            "https://h/a#b",
            "https://h/a b",
            "https://h/é",
            "https://h/*",
            "https://h/",
            "https://h",
            "https://h/.bashrc",
            "https://h/a/..",
        ] {
            assert_eq!(command(address, &digest), None, "{address}");
        }
    }
}
