//! The rows that a transaction adds to the history of a project. Whatever commits writes them, so no write can forget them.

use release_links_domain::file::FileRef;
use release_links_domain::history::{Event, Origin};
use release_links_domain::link::{LinkFields, LinkUrl};
use release_links_domain::{LinkId, ProjectId, TokenId, UserId};
use release_links_sql::history::{Head, NewRow, Values, values};
use release_links_sql::history_columns;

use crate::numbered::numbered;

/// The newest row of a project's history. The project must be locked.
pub const HEAD: &str = "SELECT seq, at FROM history WHERE project_id = $1 ORDER BY seq DESC LIMIT 1";

/// Adds rows, each with its values in arrays. The id of a link that is created in the transaction is found by its name.
pub const RECORD: &str = numbered!(concat!(
    "INSERT INTO history (project_id, username, ",
    history_columns!(new),
    ") SELECT $1::bigint, (SELECT path FROM namespaces WHERE user_id = sent.user_id), seq, at, user_id, token_id,
        CASE WHEN action <> 'link.create' THEN link_id ELSE (SELECT l.id FROM releases r JOIN links l ON l.release_id = r.id
            WHERE r.project_id = $1 AND r.tag = sent.tag AND l.name = sent.after_name) END,
        before_size, before_released_at, after_size, after_released_at, action, tag, channel, before_name, before_url,
        before_path, before_type, before_digest, before_description, before_tag, after_name, after_url, after_path,
        after_type, after_digest, after_description, after_tag
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
        $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
        $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[],
        $25::text[], $26::text[], $27::text[]) AS sent (",
    history_columns!(new),
    ")"
));

/// Links of a project that were written, each found by the tag of its release and its URL, with the file that it follows.
macro_rules! sent {
    () => {
        "unnest($2::text[], $3::text[], $4::text[]) AS sent (tag, url, file)
            JOIN releases r ON r.project_id = $1 AND r.tag = sent.tag
            JOIN links l ON l.release_id = r.id AND l.url = sent.url"
    };
}

/// Forgets which files links followed that were written.
pub const UNLEAD: &str = concat!("DELETE FROM links_to_files WHERE link_id IN (SELECT l.id FROM ", sent!(), ")");

/// Records which files links follow that were written.
pub const LEAD: &str = concat!(
    "INSERT INTO links_to_files (link_id, project_id, file) SELECT DISTINCT l.id, $1::bigint, sent.file
        FROM ",
    sent!(),
    " WHERE sent.file IS NOT NULL ON CONFLICT (link_id) DO UPDATE SET file = excluded.file"
);

/// Returns the event that a link is created. Its id is not known yet, and does not count.
pub fn created(fields: &LinkFields) -> Event {
    let id = LinkId::LAST;
    Event::Link { id, before: None, after: Some(fields.clone()) }
}

/// The rows of one transaction. The id of a link in a row about its creation does not count.
#[derive(Debug)]
pub struct Journal {
    /// The project.
    pub project: ProjectId,
    by: (Option<UserId>, Option<TokenId>),
    head: Head,
    rows: Vec<(i64, Option<String>, Event)>,
    /// The links that were written and lead to a file, or did.
    led: Vec<Led>,
}

/// What a link leads to that was written.
#[derive(Debug)]
struct Led {
    tag: String,
    url: String,
    file: Option<String>,
}

/// The values of all rows, column by column.
pub type Columns<'a> = (Vec<Vec<Option<i64>>>, Vec<Vec<Option<&'a str>>>);

impl Journal {
    /// Begins the rows that follow the newest one, if there is one.
    pub fn new(project: ProjectId, origin: Origin, newest: Option<(i64, i64)>) -> Self {
        Self {
            project,
            by: (origin.user, origin.token),
            head: Head::after(newest, origin.at),
            rows: Vec::new(),
            led: Vec::new(),
        }
    }

    /// Returns the number of the row that is recorded next, and its time in milliseconds.
    pub const fn next(&self) -> (i64, i64) {
        (self.head.seq + 1, self.head.at)
    }

    /// Returns who causes the rows.
    pub const fn by(&self) -> (Option<UserId>, Option<TokenId>) {
        self.by
    }

    /// Counts rows that a statement of its own has added.
    pub const fn skip(&mut self, rows: i64) {
        self.head.seq += rows;
    }

    /// Adds a row, unless nothing changed.
    pub fn record(&mut self, tag: Option<&str>, event: Event) {
        if !event.is_nothing() {
            self.rows.push((self.head.advance(), tag.map(str::to_owned), event));
        }
    }

    /// Records which file the link with this URL in a tag's release follows, if any.
    pub fn lead(&mut self, tag: &str, url: &LinkUrl, file: Option<&FileRef>) {
        self.led.push(Led { tag: tag.to_owned(), url: url.to_string(), file: file.map(FileRef::to_string) });
    }

    /// Returns, column by column, the links that were written and what they lead to.
    pub fn led(&self) -> [Vec<Option<&str>>; 3] {
        let column = |of: fn(&Led) -> Option<&str>| self.led.iter().map(of).collect();
        [column(|led| Some(&led.tag)), column(|led| Some(&led.url)), column(|led| led.file.as_deref())]
    }

    /// Whether no link was written that leads to a file, or did.
    pub const fn leads_nowhere(&self) -> bool {
        self.led.is_empty()
    }

    /// Whether no row is to be written.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the values of all rows.
    pub fn columns(&self) -> Columns<'_> {
        let (mut integers, mut texts) = (Vec::new(), Vec::new());
        for (seq, tag, event) in &self.rows {
            let new = NewRow { seq: *seq, at: self.head.at, by: self.by, tag: tag.as_deref(), event };
            let (numbers, words): Values<'_> = values(&new);
            integers.resize_with(numbers.len(), Vec::new);
            texts.resize_with(words.len(), Vec::new);
            integers.iter_mut().zip(numbers).for_each(|(column, value)| column.push(value));
            texts.iter_mut().zip(words).for_each(|(column, value)| column.push(value));
        }
        (integers, texts)
    }
}
