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

    /// Divides keys, each with the bytes of text that its row has, into those that are read at once and the rest. At least
    /// one is read.
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
