// Drives openapi-fetch with the generated types: the common script, and a call without a credential.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Link = components['schemas']['APIEntitiesReleasesLink'];
type Client = ReturnType<typeof createClient<paths>>;

const RELEASES = '/api/v4/projects/{id}/releases';
const RELEASE = '/api/v4/projects/{id}/releases/{tag_name}';
const LINKS = '/api/v4/projects/{id}/releases/{tag_name}/assets/links';
const LINK = '/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}';

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

async function step(name: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
    console.log(`step ${name} ok`);
  } catch (error) {
    console.log(`step ${name} FAILED: ${String(error).split(/\s+/).join(' ')}`);
  }
}

/** What the server answered, unless it refused. */
function accepted<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function refused(status: number, words: string, answer: { error?: unknown; response: Response }): void {
  assert.equal(answer.response.status, status);
  assert.ok(JSON.stringify(answer.error).includes(words), JSON.stringify(answer.error));
}

async function allLinks(api: Client, id: string, tag_name: string): Promise<Link[]> {
  const links: Link[] = [];
  let next = 1;
  while (next) {
    const answer = await api.GET(LINKS, { params: { path: { id, tag_name }, query: { page: next, per_page: 1 } } });
    links.push(...accepted(answer));
    next = Number(answer.response.headers.get('x-next-page'));
  }
  return links;
}

async function linkId(api: Client, id: string, tag: string, name: string): Promise<number> {
  const link = (await allLinks(api, id, tag)).find((found) => found.name === name);
  if (link === undefined) throw new Error(`there is no ${name}`);
  return link.id;
}

async function script(api: Client, form: string, id: string): Promise<void> {
  const tag = `v1.0.0-${form}`;
  const place = `https://downloads.example.com/${tag}`;
  const path = { id, tag_name: tag };
  const make = async (tag_name: string, links: components['schemas']['PostApiV4ProjectsIdReleasesTagNameAssetsLinks'][] = []) =>
    accepted(await api.POST(RELEASES, {
      params: { path: { id } },
      body: { tag_name, name: `Release ${tag_name}`, description: `Notes of ${tag_name}`, assets: { links } },
    }));

  await step(`${form}/create-release`, async () => {
    const release = await make(tag, [
      { name: 'linux-amd64', url: `${place}/linux-amd64`, direct_asset_path: '/bin/linux-amd64', link_type: 'package' },
      { name: 'docs', url: `${place}/docs`, link_type: 'runbook' },
    ]);
    assert.deepEqual([release.tag_name, release.assets.links.length], [tag, 2]);
  });
  await step(`${form}/add-link`, async () => {
    const url = `${place}/macos-arm64`;
    const body = { name: 'macos-arm64', url, direct_asset_path: '/bin/macos-arm64' };
    assert.equal(accepted(await api.POST(LINKS, { params: { path }, body })).url, url);
  });
  await step(`${form}/list-pages`, async () => {
    const names = (await allLinks(api, id, tag)).map((link) => link.name);
    assert.deepEqual(names, ['macos-arm64', 'docs', 'linux-amd64']);
  });
  await step(`${form}/get-link`, async () => {
    const link_id = await linkId(api, id, tag, 'macos-arm64');
    const link = accepted(await api.GET(LINK, { params: { path: { ...path, link_id } } }));
    assert.deepEqual([link.id, link.link_type], [link_id, 'other']);
  });
  await step(`${form}/update-link`, async () => {
    const link_id = await linkId(api, id, tag, 'docs');
    const body = { name: 'handbook', url: `${place}/handbook`, link_type: 'image' } as const;
    const link = accepted(await api.PUT(LINK, { params: { path: { ...path, link_id } }, body }));
    assert.deepEqual([link.name, link.link_type], ['handbook', 'image']);
  });
  await step(`${form}/duplicate`, async () => {
    const body = { name: 'linux-amd64', url: `${place}/another` };
    refused(400, 'Name has already been taken', await api.POST(LINKS, { params: { path }, body }));
  });
  await step(`${form}/delete-link`, async () => {
    const there = { params: { path: { ...path, link_id: await linkId(api, id, tag, 'macos-arm64') } } };
    assert.equal(accepted(await api.DELETE(LINK, there)).name, 'macos-arm64');
    refused(404, '404 Not found', await api.GET(LINK, there));
  });
  await step(`${form}/odd-tag`, async () => {
    const odd = { id, tag_name: `odd/${form}+rc 1` };
    const url = `https://downloads.example.com/odd-${form}/source`;
    await make(odd.tag_name);
    const body = { name: 'source', url, direct_asset_path: '/files/source' };
    accepted(await api.POST(LINKS, { params: { path: odd }, body }));
    const link_id = await linkId(api, id, odd.tag_name, 'source');
    assert.equal(accepted(await api.GET(LINK, { params: { path: { ...odd, link_id } } })).url, url);
    assert.equal(accepted(await api.GET(RELEASE, { params: { path: odd } })).tag_name, odd.tag_name);
  });
  await step(`${form}/delete-release`, async () => {
    const gone = { params: { path: { id, tag_name: `gone/${form}+rc 1` } } };
    await make(gone.params.path.tag_name);
    accepted(await api.DELETE(RELEASE, gone));
    refused(404, '404 Not Found', await api.GET(RELEASE, gone));
  });
}

async function main(): Promise<void> {
  const baseUrl = environment('URL');
  const api = createClient<paths>({ baseUrl, headers: { 'PRIVATE-TOKEN': environment('TOKEN') } });
  const project = environment('PROJECT_ID');
  await script(api, 'id', project);
  await script(api, 'path', environment('PROJECT_PATH'));
  await step('anonymous', async () => {
    const anonymous = createClient<paths>({ baseUrl });
    refused(404, '404 Project Not Found', await anonymous.GET(RELEASES, { params: { path: { id: project } } }));
  });
}

await main();
