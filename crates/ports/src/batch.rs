//! Pages of lists whose rows may be large. They are read in batches, so that a page needs no more memory than one
//! batch.

/// The first of the requested rows, and the keys with which to request the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T, K> {
    /// The first rows, in the order of the list.
    pub rows: Vec<T>,
    /// The keys of the rows that follow.
    pub rest: Vec<K>,
}

impl<T, K> Batch<T, K> {
    /// The maximum size of the text in one batch, in bytes. A larger row is a batch of its own.
    pub const BYTES: u64 = 256 * 1024;

    /// Splits keys, each with the text size of its row in bytes, into those to read now and the rest. Reads nothing now
    /// if the first row is larger than [`BYTES`](Self::BYTES).
    ///
    /// ```
    /// use release_links_ports::Batch;
    ///
    /// let most = Batch::<(), char>::BYTES;
    /// let (now, rest) = Batch::<(), char>::divide_small(vec![('a', 1), ('b', most + 1), ('c', 1)]);
    /// assert_eq!((now, rest), (vec!['a'], vec!['b', 'c']));
    /// ```
    #[must_use]
    pub fn divide_small(sizes: Vec<(K, u64)>) -> (Vec<K>, Vec<K>) {
        let comes_alone = sizes.first().is_some_and(|(_, size)| *size > Self::BYTES);
        if comes_alone {
            return (Vec::new(), sizes.into_iter().map(|(key, _)| key).collect());
        }
        Self::divide(sizes)
    }

    /// As [`divide_small`](Self::divide_small), but always reads the first row now, whatever its size.
    ///
    /// ```
    /// use release_links_ports::Batch;
    ///
    /// let most = Batch::<(), char>::BYTES;
    /// let (now, rest) = Batch::<(), char>::divide(vec![('a', 1), ('b', most - 1), ('c', 1)]);
    /// assert_eq!((now, rest), (vec!['a', 'b'], vec!['c']));
    /// ```
    #[must_use]
    pub fn divide(sizes: Vec<(K, u64)>) -> (Vec<K>, Vec<K>) {
        let (mut now, mut rest, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
        for (key, size) in sizes {
            bytes = bytes.saturating_add(size);
            if rest.is_empty() && (now.is_empty() || bytes <= Self::BYTES) { now.push(key) } else { rest.push(key) }
        }
        (now, rest)
    }

    /// Returns the rows before the first one of which `found` has only the key. That row and all later ones are the
    /// rest.
    ///
    /// ```
    /// use release_links_ports::Batch;
    ///
    /// let rows = vec![Ok("one"), Err(2), Ok("three")];
    /// assert_eq!(Batch::until_unread(rows, |row| row.len()), Batch { rows: vec!["one"], rest: vec![2, 5] });
    /// ```
    #[must_use]
    pub fn until_unread(found: Vec<Result<T, K>>, key: impl Fn(&T) -> K) -> Self {
        let (mut rows, mut rest) = (Vec::new(), Vec::new());
        for row in found {
            match row {
                Ok(row) if rest.is_empty() => rows.push(row),
                Ok(row) => rest.push(key(&row)),
                Err(key) => rest.push(key),
            }
        }
        Self { rows, rest }
    }
}

/// A page of a list whose rows are read in batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchedPage<T, K> {
    /// The page's first rows, and the keys of its other rows.
    pub batch: Batch<T, K>,
    /// The length of the whole list, as in a [`Page`](crate::Page).
    pub total: Option<u64>,
    /// Whether there is a next page.
    pub has_next: bool,
}
