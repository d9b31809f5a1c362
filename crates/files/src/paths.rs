//! Where the bytes of a key lie.

use object_store::path::Path;
use release_links_domain::file::FileKey;

/// How many of a key's digits name the folder, so that none holds too many files to be listed quickly.
const FOLDER_DIGITS: usize = 2;

/// Returns the path of a key.
pub fn of_key(key: &FileKey) -> Path {
    let name = key.as_str();
    Path::from_iter([&name[..FOLDER_DIGITS], name])
}

/// Returns the names of all folders.
pub fn folders() -> impl Iterator<Item = String> {
    (0..1_u32 << (4 * FOLDER_DIGITS)).map(|number| format!("{number:0FOLDER_DIGITS$x}"))
}

/// Where the mark of the database is.
pub const FOLDER_OF_MARK: &str = "database";

/// Returns the path of the mark of the database.
pub fn mark() -> Path {
    Path::from_iter([FOLDER_OF_MARK, "mark"])
}

/// Returns the key whose bytes lie at a path, if it is that of a key.
pub fn key_at(path: &Path) -> Option<FileKey> {
    let key = path.filename()?.parse().ok()?;
    (of_key(&key) == *path).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_lies_in_one_of_the_folders() {
        let folders: Vec<_> = folders().collect();
        assert_eq!((folders.len(), folders[0].as_str(), folders[255].as_str()), (256, "00", "ff"));
        for byte in 0..=u8::MAX {
            let path = of_key(&FileKey::from([byte; 16])).to_string();
            assert_eq!(path.split_once('/').map(|(folder, _)| folder), Some(folders[usize::from(byte)].as_str()));
        }
    }

    #[test]
    fn a_path_of_a_key_tells_the_key_and_no_other_does() {
        let key = FileKey::from([0x3f; 16]);
        assert_eq!(of_key(&key).as_ref(), format!("3f/{key}"));
        assert_eq!(key_at(&of_key(&key)), Some(key.clone()));
        for other in [
            key.to_string(),
            format!("00/{key}"),
            format!("x/3f/{key}"),
            "3f/3f".to_owned(),
            "3f/lost+found".to_owned(),
        ] {
            assert_eq!(key_at(&Path::from(other.as_str())), None, "{other}");
        }
    }
}
