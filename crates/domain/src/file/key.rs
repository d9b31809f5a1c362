//! Under which name bytes are kept, and whose they are.

use super::hex::hex_newtype;

hex_newtype! {
    /// The random name under which the bytes of one upload are kept, as 32 hex digits in lower case.
    ///
    /// The row that holds a digest also names the key, so that only the row decides which of several uploads of equal
    /// bytes stays.
    ///
    /// ```
    /// use release_links_domain::file::FileKey;
    ///
    /// assert_eq!(FileKey::from([7; 16]).as_str(), "07".repeat(16));
    /// assert!("../../etc/passwd".parse::<FileKey>().is_err());
    /// ```
    FileKey of 16 bytes,

    /// What marks a place as that with the files of one database, as 64 hex digits in lower case. It is no secret.
    ///
    /// ```
    /// use release_links_domain::file::FilesMark;
    ///
    /// assert_eq!(FilesMark::from([7; 32]).as_str(), "07".repeat(32));
    /// ```
    FilesMark of 32 bytes,
}
