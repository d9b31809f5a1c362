//! Descriptions in Markdown as HTML that holds no more than formatted text: no raw HTML, no images, no scripts.

use ammonia::Builder;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;
use comrak::{Arena, Node, Options, format_html, parse_document};

use crate::Limits;

/// The level of the heading above a description on its page.
const HEADING_ABOVE: u8 = 2;

/// A description as HTML.
pub(super) struct Rendered {
    /// Safe HTML.
    pub(super) html: String,
    /// Whether the end is missing because the description is long.
    pub(super) is_cut: bool,
}

/// Renders a description, whoever wrote it. What would cost much more than its length is shown as plain text.
pub(super) fn render(text: &str) -> Rendered {
    let shown = cut(text);
    let html = formatted(shown).unwrap_or_else(|| format!("<pre>{}</pre>", ammonia::clean_text(shown)));
    Rendered { html, is_cut: shown.len() < text.len() }
}

/// Returns the beginning that is rendered: whole lines, if there are several.
fn cut(text: &str) -> &str {
    if text.len() <= Limits::MARKDOWN {
        return text;
    }
    let start = &text[..text.floor_char_boundary(Limits::MARKDOWN)];
    start.rfind('\n').filter(|end| end * 2 > start.len()).map_or(start, |end| &start[..end])
}

/// Formats Markdown; `None` if it is nested too deeply or has too many special characters, both of which parsers of HTML
/// take quadratic time for.
fn formatted(text: &str) -> Option<String> {
    if text.bytes().filter(|byte| b"&<>\"".contains(byte)).count() > Limits::MARKDOWN_SPECIAL {
        return None;
    }
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = !has_large_tables(text);
    options.extension.autolink = true;
    // Raw HTML stays text.
    options.render.escape = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    if is_deep(root) {
        return None;
    }
    images_to_links(root);
    nest_headings(root);
    let mut html = String::with_capacity(text.len() * 2);
    format_html(root, &options, &mut html).ok()?;
    let mut allowed = Builder::default();
    allowed.rm_tags(["img"]).url_schemes(["http", "https", "ftp", "mailto"].into());
    Some(allowed.clean(&html).to_string())
}

/// Whether tables in this text might have so many cells that they take much more memory than the text: rows are filled up
/// to the width of the table.
fn has_large_tables(text: &str) -> bool {
    let widest = text.lines().map(|line| line.bytes().filter(|byte| *byte == b'|').count()).max();
    widest.unwrap_or(0).saturating_mul(text.lines().count()) > Limits::MARKDOWN_CELLS
}

fn is_deep(root: Node<'_>) -> bool {
    let mut depth = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => depth += 1,
            NodeEdge::End(_) => depth -= 1,
        }
        if depth > Limits::MARKDOWN_NESTING {
            return true;
        }
    }
    false
}

/// Turns images into links to them, so that a page loads nothing from elsewhere.
fn images_to_links(root: Node<'_>) {
    let images: Vec<Node<'_>> =
        root.descendants().filter(|node| matches!(node.data().value, NodeValue::Image(_))).collect();
    for image in images {
        let is_within_a_link = image.ancestors().skip(1).any(|above| matches!(above.data().value, NodeValue::Link(_)));
        let NodeValue::Image(target) = image.data().value.clone() else { continue };
        image.data_mut().value = if image.first_child().is_none() {
            NodeValue::Text(target.url.into())
        } else if is_within_a_link {
            NodeValue::Emph
        } else {
            NodeValue::Link(target)
        };
    }
}

/// Lowers headings below the one above the description, none more than a level below the one before it.
fn nest_headings(root: Node<'_>) {
    let mut before = HEADING_ABOVE;
    for node in root.descendants() {
        if let NodeValue::Heading(heading) = &mut node.data_mut().value {
            heading.level = (heading.level + HEADING_ABOVE).clamp(HEADING_ABOVE + 1, 6).min(before + 1);
            before = heading.level;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render(text).html
    }

    #[test]
    fn markdown_is_formatted() {
        assert_eq!(html("a *b* ~~c~~ `<d>`"), "<p>a <em>b</em> <del>c</del> <code>&lt;d&gt;</code></p>\n");
        assert!(html("|a|b|\n|-|-|\n|1|2|").contains("<td>1</td>"));
        let linked = html("https://example.com and [mail](mailto:a@example.com)");
        assert!(
            linked.contains("<a href=\"https://example.com\"") && linked.contains("mailto:a@example.com"),
            "{linked}"
        );
    }

    #[test]
    fn raw_html_and_dangerous_addresses_stay_text() {
        for (text, shown) in [
            ("<script>alert(1)</script>", "&lt;script&gt;"),
            ("a <img src=x onerror=alert(1)> b", "&lt;img src=x"),
            ("<style>*{}</style>", "&lt;style&gt;"),
            ("<!-- x -->", "&lt;!--"),
        ] {
            let html = html(text);
            assert!(html.contains(shown), "{html}");
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<style"), "{html}");
        }
        for text in
            ["[a](javascript:alert(1))", "[a](data:text/html,x)", "<javascript:alert(1)>", "[a]: vbscript:x\n\n[a]"]
        {
            let html = html(text);
            assert!(
                !html.contains("href=\"javascript") && !html.contains("href=\"data") && !html.contains("href=\"vb")
            );
        }
    }

    #[test]
    fn images_are_links_so_that_a_page_loads_nothing_from_elsewhere() {
        let html = html(
            "![chart](https://x.example/c.png) ![](https://x.example/d.png) [![badge](b.svg)](https://ci.example)",
        );
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains(">chart</a>") && html.contains("https://x.example/d.png"), "{html}");
        assert!(html.contains("<em>badge</em></a>"), "{html}");
    }

    #[test]
    fn headings_go_below_that_of_the_description_without_gaps() {
        let html = html("# a\n#### b\n## c\n###### d");
        let levels: Vec<&str> = html.match_indices("<h").map(|(at, _)| &html[at + 1..at + 3]).collect();
        assert_eq!(levels, ["h3", "h4", "h4", "h5"]);
    }

    #[test]
    fn a_long_description_is_cut_at_the_end_of_a_line() {
        let line = "é".repeat(99) + "\n";
        let cut = render(&line.repeat(Limits::MARKDOWN / line.len() + 1));
        assert!(cut.is_cut && cut.html.ends_with("é</p>\n"));
        assert!(render(&"é".repeat(Limits::MARKDOWN)).is_cut);
        assert!(!render(&"e".repeat(Limits::MARKDOWN)).is_cut);
    }

    #[test]
    fn hostile_markdown_becomes_little_more_than_other_text() {
        let fill = |pattern: &str| pattern.repeat(Limits::MARKDOWN / pattern.len());
        let row = "|".repeat(Limits::MARKDOWN / 8);
        let table = format!("{row}\n{}\n{}", "|-".repeat(Limits::MARKDOWN / 8), "a\n".repeat(Limits::MARKDOWN / 4));
        let reference =
            format!("[a]: http://{}\n\n{}", "x".repeat(Limits::MARKDOWN / 4), "[a] ".repeat(Limits::MARKDOWN / 8));
        for text in [
            fill(">"),
            fill("> "),
            fill("- "),
            format!("{}{}", "- ".repeat(100), fill(">")),
            fill("*a **a "),
            fill("["),
            fill("![["),
            fill("`a``b"),
            fill("<a "),
            fill("~~a~"),
            fill("&"),
            "&".repeat(Limits::MARKDOWN_SPECIAL),
            "<x>".repeat(Limits::MARKDOWN_SPECIAL / 2),
            fill("|"),
            fill("1) "),
            fill("a@b."),
            fill("http://"),
            fill("\u{1F600}"),
            fill("\0"),
            fill("**x** ***"),
            fill("> - a\n"),
            table,
            reference,
        ] {
            let html = html(&text);
            let start: String = text.chars().take(20).collect();
            assert!(html.len() < 40 * Limits::MARKDOWN, "{start}: {} bytes", html.len());
        }
    }
}
