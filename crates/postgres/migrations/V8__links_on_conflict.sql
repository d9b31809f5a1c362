-- What becomes of a link that is sent again: fail, keep or replace.
ALTER TABLE projects ADD COLUMN links_on_conflict TEXT COLLATE "C" NOT NULL DEFAULT 'fail';
