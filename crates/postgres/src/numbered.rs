//! Numbers the named placeholders of a statement when it is compiled.

/// Gives each named placeholder of a statement, such as `$url`, a number of its own: the next after all before it. So a
/// table's declaration can list placeholders, as many as it has columns; PostgreSQL itself knows only numbers.
macro_rules! numbered {
    ($sql:expr) => {{
        const SQL: &str = $sql;
        const TEXT: [u8; $crate::numbered::write(SQL, &mut [])] = {
            let mut text = [0; $crate::numbered::write(SQL, &mut [])];
            $crate::numbered::write(SQL, &mut text);
            text
        };
        // Only ASCII is replaced.
        if let Ok(sql) = std::str::from_utf8(&TEXT) { sql } else { SQL }
    }};
}

pub(crate) use numbered;

/// Writes a statement with numbered placeholders into `text`, as far as there is room, and returns its length.
pub const fn write(sql: &str, text: &mut [u8]) -> usize {
    let sql = sql.as_bytes();
    let (mut at, mut end, mut last) = (0, 0, 0);
    while at < sql.len() {
        end = put(text, end, sql[at]);
        at += 1;
        if sql[at - 1] != b'$' {
            continue;
        }
        let mut number = 0;
        while at < sql.len() && (sql[at].is_ascii_alphanumeric() || sql[at] == b'_') {
            if sql[at].is_ascii_digit() {
                number = 10 * number + sql[at] - b'0';
            }
            at += 1;
        }
        if number == 0 {
            number = last + 1;
        }
        if number > last {
            last = number;
        }
        if number >= 10 {
            end = put(text, end, b'0' + number / 10);
        }
        end = put(text, end, b'0' + number % 10);
    }
    end
}

const fn put(text: &mut [u8], at: usize, byte: u8) -> usize {
    if at < text.len() {
        text[at] = byte;
    }
    at + 1
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_named_placeholder_gets_the_next_number() {
        assert_eq!(numbered!("VALUES ($project_id, $url::text) 'é'"), "VALUES ($1, $2::text) 'é'");
        assert_eq!(numbered!("($2, $1, $a, $9, $b) = $c"), "($2, $1, $3, $9, $10) = $11");
    }
}
