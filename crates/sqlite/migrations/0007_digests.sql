-- What is known of the bytes behind a link: the digest (sha256: or sha512: and hex digits), and their number.
ALTER TABLE links ADD COLUMN digest TEXT;
ALTER TABLE links ADD COLUMN size INTEGER;
