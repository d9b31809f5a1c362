// Reads a feed with rss-parser. Usage: feed.cjs MODULES, with the feed on stdin; prints titles and links as JSON.

const { join } = require("node:path");
const { readFileSync } = require("node:fs");
const Parser = require(join(process.argv[2], "node_modules", "rss-parser"));

new Parser().parseString(readFileSync(0, "utf8")).then((feed) => {
  console.log(JSON.stringify(feed.items.map((item) => [item.title, item.link])));
});
