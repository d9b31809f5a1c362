//! Lists whose rows may be large: a page of them is read in batches, so that a page takes no more memory than a batch.

/// The first rows of those that were asked for, as many as are read at once, and how the rest is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T, K> {
    /// The first rows, in the order of the whole.
    pub rows: Vec<T>,
    /// The keys of the rows that follow.
    pub rest: Vec<K>,
}

impl<T, K> Batch<T, K> {
    /// How many bytes of text are read at once. A row that has more than that comes alone.
    pub const BYTES: u64 = 256 * 1024;

    /// Divides keys, each with the bytes of text that its row has, into those that are read at once and the rest. None is
    /// read whose row would come alone.
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

    /// As [`divide_small`](Self::divide_small), but at least one is read.
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

    /// The rows before the first that was not read, of which there is the key alone; this and all that follow are left.
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

/// A page of a list of which the first rows were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchedPage<T, K> {
    /// The page's first rows, and the keys of the others.
    pub batch: Batch<T, K>,
    /// How many rows the whole list has, as in a [`Page`](crate::Page).
    pub total: Option<u64>,
    /// Whether rows follow after this page.
    pub has_next: bool,
}
