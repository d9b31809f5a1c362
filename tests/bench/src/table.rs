//! Formats the results as the tables of docs/performance.md.

#![expect(clippy::format_push_string, reason = "a table has few lines")]

use std::fs;

use crate::commits::Paces;
use crate::files::{Files, Transfer};
use crate::growth::Grown;
use crate::histories::Told;
use crate::load::Run;
use crate::rows::{CREATE, GET, GET_ANONYMOUS, GET_PUBLIC, LIST, Measured, REDIRECT};
use crate::servers::{Beside, Compared, Comparison};

/// The rows that could be measured.
pub(crate) type Rows = [(&'static str, Measured)];

/// Describes the machine.
pub(crate) fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or_default() >> 20;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processor = field("/proc/cpuinfo", "model name");
    format!("{cores} cores ({processor}), {memory} GiB of memory, Linux {}", kernel.trim())
}

/// Formats the rows, each beside its baselines.
pub(crate) fn rows(rows: &Rows) -> String {
    let mut text = String::from(
        "| Row | Requests/s | Bare route | Ratio | One inline read | Ratio | p50 | p99 | CPU a request |\n\
        |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, Measured { bare, inline, real, .. }) in rows {
        let inline = inline.map_or(String::from("| |"), |inline| {
            format!("{:.0} | {:.2} |", inline.per_second, real.per_second / inline.per_second)
        });
        let Run { per_second, p50, p99, cpu, .. } = real;
        let (of_bare, ratio) = (bare.per_second, per_second / bare.per_second);
        text += &format!(
            "| {name} | {per_second:.0} | {of_bare:.0} | {ratio:.2} | {inline} {p50:.2} ms | {p99:.2} ms | {cpu:.0} µs |\n"
        );
    }
    text
}

/// Formats what a commit costs, with and without a server.
pub(crate) fn commits(rows: &Rows) -> String {
    let mut text = String::from("| Durable write | A second | p50 | p99 |\n|---|---:|---:|---:|\n");
    let mut line = |name, per_second: f64, p50: f64, p99: f64| {
        text += &format!("| {name} | {per_second:.0} | {p50:.2} ms | {p99:.2} ms |\n");
    };
    if let Some((Some([plain, sync]), real)) = find(rows, CREATE).map(|row| (row.plain, row.real)) {
        line("create, 64 connections", real.per_second, real.p50, real.p99);
        let Paces { per_second, p50, p99 } = plain;
        line("plain insert, one commit each", per_second, p50, p99);
        let Paces { per_second, p50, p99 } = sync;
        line("4 KiB overwritten and synced", per_second, p50, p99);
    }
    text
}

/// Formats the sizes side by side.
pub(crate) fn growth(sizes: &[Grown]) -> String {
    let mut text = String::from(
        "| Links | File | Start | Memory idle | Peak | Get/s | p50 | p99 | CPU | List/s | p99 | CPU | Redirect/s | p99 | CPU |\n\
        |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for grown in sizes {
        let Run { per_second, p50, p99, cpu, .. } = grown.get;
        text += &format!(
            "| {} | {} | {} ms | {} | {} | {per_second:.0} | {p50:.2} ms | {p99:.2} ms | {cpu:.0} µs | {} | {} |\n",
            grown.shape.name(),
            mebibytes(grown.file),
            grown.started_in.as_millis(),
            mebibytes(grown.idle << 10),
            mebibytes(grown.peak << 10),
            read(&grown.list),
            read(&grown.redirect),
        );
    }
    text += "\n| Links | Newest by version/s | p99 | CPU | Of a line/s | p99 | CPU | Without the asset/s | p99 | CPU |\n\
        |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for grown in sizes {
        let [version, line, without] = grown.newest.map(|run| read(&run));
        text += &format!("| {} | {version} | {line} | {without} |\n", grown.shape.name());
    }
    text
}

/// Formats the lengths of a project's history side by side.
pub(crate) fn histories(lengths: &[Told]) -> String {
    let mut text = String::from(
        "| Rows of history | File | Where a link led/s | p99 | CPU | Newest 20 rows/s | p99 | CPU |\n\
        |---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for Told { rows, file, led, newest } in lengths {
        text += &format!("| {rows} | {} | {} | {} |\n", mebibytes(*file), read(led), read(newest));
    }
    text
}

/// Formats how fast files are published and served.
pub(crate) fn files(files: &Files) -> String {
    let mut text = format!(
        "Files of {} together:\n\n\
        | Transfer | MiB/s | nginx | Ratio | nginx and a sync | Ratio | CPU a GiB |\n|---|---:|---:|---:|---:|---:|---:|\n",
        mebibytes(files.bytes)
    );
    for transfer in &files.transfers {
        let Transfer { real, nginx, synced, cpu, .. } = transfer;
        let synced = synced.map_or(String::from("| |"), |synced| format!("{synced:.0} | {:.2} |", real / synced));
        let (name, ratio) = (transfer_name(transfer), real / nginx);
        text += &format!("| {name} | {real:.0} | {nginx:.0} | {ratio:.2} | {synced} {cpu:.2} s |\n");
    }
    let [sha256, sha1, md5] = files.digests;
    text += &format!(
        "\nThe digests alone take {sha256:.2} s (SHA-256), {sha1:.2} s (SHA-1) and {md5:.2} s (MD5) a GiB on one processor.\n\n\
        | Row | Requests/s | Bare route | Ratio | p50 | p99 | CPU a request |\n|---|---:|---:|---:|---:|---:|---:|\n"
    );
    let Run { per_second, p50, p99, cpu, .. } = files.small;
    let bare = files.bare.per_second;
    let ratio = per_second / bare;
    text += &format!(
        "| a file of 4 KiB, anonymous | {per_second:.0} | {bare:.0} | {ratio:.2} | {p50:.2} ms | {p99:.2} ms | {cpu:.0} µs |\n"
    );
    text
}

fn transfer_name(transfer: &Transfer) -> String {
    let what = if transfer.is_upload { "upload" } else { "download" };
    format!("{what}, {} client{}", transfer.clients, if transfer.clients == 1 { "" } else { "s" })
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

fn read(run: &Run) -> String {
    format!("{:.0} | {:.2} ms | {:.0} µs", run.per_second, run.p99, run.cpu)
}

/// Formats the comparison of one server on a file with one and two on `PostgreSQL`.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    let mut text = format!(
        "Into PostgreSQL: {}; {} MiB there.\n\n\
        | Row | One server, SQLite | p50 | p99 | One server, PostgreSQL | p50 | p99 | Two servers, PostgreSQL | p50 | p99 |\n\
        |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        comparison.copied,
        comparison.size.div_ceil(1 << 20),
    );
    for Compared { name, runs, .. } in &comparison.rows {
        let run = |Run { per_second, p50, p99, .. }: &Run| format!(" {per_second:.0}/s | {p50:.2} ms | {p99:.2} ms |");
        text += &format!("| {name} |{}\n", runs.iter().map(run).collect::<String>());
    }
    text += "\n| Row on PostgreSQL | Requests/s | CPU a request | One SELECT | Ratio | CPU a request | pgbench -S | Ratio | Wanted |\n\
        |---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for Compared { name, runs: [_, one, _], beside } in &comparison.rows {
        let Some(Beside { one_select, pgbench }) = beside else { continue };
        let ratio = |of: f64| one.per_second / of;
        let wanted =
            OF_PGBENCH.iter().find(|(row, _)| row == name).map_or(String::new(), |(_, least)| format!("≥ {least:.2}"));
        text += &format!(
            "| {name} | {:.0} | {:.0} µs | {:.0} | {:.2} | {:.0} µs | {pgbench:.0} | {:.2} | {wanted} |\n",
            one.per_second,
            one.cpu,
            one_select.per_second,
            ratio(one_select.per_second),
            one_select.cpu,
            ratio(*pgbench),
        );
    }
    text
}

/// The share of pgbench's transactions that rows on `PostgreSQL` are to reach.
const OF_PGBENCH: [(&str, f64); 2] = [(GET, 0.35), (REDIRECT, 0.45)];

/// Formats the goals, and whether each was reached.
pub(crate) fn goals(rows: &Rows, sizes: &[Grown], histories: &[Told], files: Option<&Files>, peak: u64) -> String {
    let mut text = String::from("| Goal | Wanted | Measured | |\n|---|---:|---:|---|\n");
    let mut line = |name: &str, wanted: String, measured: String, reached: bool| {
        let word = if reached { "reached" } else { "not reached" };
        text += &format!("| {name} | {wanted} | {measured} | {word} |\n");
    };
    for (row, share) in [(GET, 0.60), (LIST, 0.50), (REDIRECT, 0.65)] {
        let Some(Measured { bare, real, .. }) = find(rows, row) else { continue };
        let ratio = real.per_second / bare.per_second;
        line(&format!("{row}, of the bare route"), format!("≥ {share:.2}"), format!("{ratio:.2}"), ratio >= share);
    }
    if let (Some(with), Some(without)) = (find(rows, GET_PUBLIC), find(rows, GET_ANONYMOUS)) {
        let ratio = with.real.per_second / without.real.per_second;
        let name = "get one link of a public project, with a token against without";
        line(name, "≥ 0.80".into(), format!("{ratio:.2}"), ratio >= 0.80);
    }
    if let Some((Some([plain, _]), real)) = find(rows, CREATE).map(|row| (row.plain, row.real)) {
        let ratio = real.per_second / plain.per_second;
        line("create, of a plain insert with one commit each", "≥ 3".into(), format!("{ratio:.1}"), ratio >= 3.0);
    }
    for transfer in files.iter().flat_map(|files| &files.transfers) {
        let (name, ratio) = (transfer_name(transfer), transfer.real / transfer.nginx);
        line(&format!("{name}, of nginx"), "≥ 0.70".into(), format!("{ratio:.2}"), ratio >= 0.70);
    }
    if let [short, long] = histories {
        let ratio = long.led.p99 / short.led.p99;
        let name = format!("p99 of where a link led with {} rows of history, of that with {}", long.rows, short.rows);
        line(&name, "≤ 1.5".into(), format!("{ratio:.2}"), ratio <= 1.5);
    }
    if let (Some(first), Some(last)) = (sizes.first(), largest(sizes)) {
        let mut grows = |what: &str, last_run: Run, first_run: Run| {
            let ratio = last_run.p99 / first_run.p99;
            let name = format!("p99 of {what} with {} links, of that with {}", last.shape.name(), first.shape.name());
            line(&name, "≤ 1.5".into(), format!("{ratio:.2}"), ratio <= 1.5);
        };
        grows("get", last.get, first.get);
        for (at, what) in ["newest by version", "newest of a line", "newest without the asset"].into_iter().enumerate()
        {
            grows(what, last.newest[at], first.newest[at]);
        }
        let mebibytes = |kibibytes: u64| kibibytes.div_ceil(1 << 10);
        let idle = mebibytes(last.idle);
        line("memory idle", "≤ 20 MiB".into(), format!("{idle} MiB"), idle <= 20);
        let peak = mebibytes(peak.max(last.peak));
        line("memory under load", "≤ 64 MiB".into(), format!("{peak} MiB"), peak <= 64);
        let start = last.started_in.as_millis();
        line("start to listening", "≤ 100 ms".into(), format!("{start} ms"), start <= 100);
    }
    text
}

/// Returns the size with the most links.
fn largest(sizes: &[Grown]) -> Option<&Grown> {
    // If two have equally many, take the first, whose links are spread over releases.
    sizes.iter().rev().max_by_key(|size| size.shape.links)
}

fn find<'a>(rows: &'a Rows, name: &str) -> Option<&'a Measured> {
    rows.iter().find(|(known, _)| *known == name).map(|(_, row)| row)
}
