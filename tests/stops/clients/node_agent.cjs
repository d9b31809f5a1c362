// Node's http.Agent, which keeps connections open for all that use it: axios, got and node-fetch among them.

const https = require("node:https");
const { readFileSync } = require("node:fs");

const { RELEASES, TOKEN, NAME, THREADS, CERTIFICATE } = process.env;
const agent = new https.Agent({ keepAlive: true, ca: readFileSync(CERTIFICATE) });
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
let over = false;

function post(address, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(address, { method: "POST", agent, headers }, (answer) => {
      answer.on("end", () => resolve(answer.statusCode)).on("error", reject).resume();
    });
    request.on("error", reject).end(body);
  });
}

async function write(writer) {
  for (let count = 0; !over; count++) {
    const name = `${writer}-${count}`;
    const body = JSON.stringify({ name, url: `https://files.example.com/${name}` });
    const said = await post(`${RELEASES}/${writer}-${Math.floor(count / 1000)}/assets/links`, body).catch(String);
    process.stdout.write(`${said} ${name}\n`);
  }
}

process.stdin.on("end", () => (over = true)).resume();
for (let thread = 0; thread < THREADS; thread++) write(`${NAME}-${thread}`);
