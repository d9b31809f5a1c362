// Node's fetch, whose connections undici pools. NODE_EXTRA_CA_CERTS names the certificate.

const { RELEASES, TOKEN, NAME, THREADS } = process.env;
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
let over = false;

async function post(address, body) {
  const answer = await fetch(address, { method: "POST", headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

async function write(writer) {
  for (let count = 0; !over; count++) {
    const name = `${writer}-${count}`;
    const body = JSON.stringify({ name, url: `https://files.example.com/${name}` });
    const said = await post(`${RELEASES}/${writer}-${Math.floor(count / 1000)}/assets/links`, body)
      .catch((error) => `${error} (${error.cause})`);
    process.stdout.write(`${said} ${name}\n`);
  }
}

process.stdin.on("end", () => (over = true)).resume();
for (let thread = 0; thread < THREADS; thread++) write(`${NAME}-${thread}`);
