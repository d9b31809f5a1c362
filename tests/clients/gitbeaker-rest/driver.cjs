// Drives gitbeaker's library: the common script, and the permanent links that it follows by itself.

const assert = require('node:assert/strict');
const { Gitlab } = require('@gitbeaker/rest');

const { URL: host, TOKEN, JOB_TOKEN, PROJECT_ID, PROJECT_PATH, TARGET_URL } = process.env;

async function step(name, action) {
  try {
    await action();
    console.log(`step ${name} ok`);
  } catch (error) {
    const text = `${error.name}: ${error.message}`.split(/\s+/).join(' ');
    console.log(`step ${name} FAILED: ${text}`);
  }
}

async function refused(words, action) {
  try {
    await action();
  } catch (error) {
    assert.equal(error.name, 'GitbeakerRequestError', error.message);
    const text = `${error.cause.response.status} ${error.message}`;
    for (const word of words) assert.ok(text.includes(word), `expected ${word} in: ${text}`);
    return;
  }
  assert.fail(`was not refused; expected ${words}`);
}

async function script(api, form, project) {
  const tag = `v1.0.0-${form}`;
  const place = `https://downloads.example.com/${tag}`;
  const links = (name, options) => api.ReleaseLinks.all(project, name, { perPage: 1, ...options });
  const linkId = async (name, wanted) => (await links(name)).find((link) => link.name === wanted).id;
  const describe = (name, more) =>
    api.ProjectReleases.create(project, {
      tagName: name, name: `Release ${name}`, description: `Notes of ${name}`, ...more,
    });

  await step(`${form}/create-release`, async () => {
    const assets = {
      links: [
        { name: 'linux-amd64', url: `${place}/linux-amd64`, directAssetPath: '/bin/linux-amd64', linkType: 'package' },
        { name: 'docs', url: `${place}/docs`, linkType: 'runbook' },
      ],
    };
    const release = await describe(tag, { assets });
    assert.equal(release.tag_name, tag);
    assert.equal(release.assets.links.length, 2);
  });
  await step(`${form}/add-link`, async () => {
    const url = `${place}/macos-arm64`;
    const options = { directAssetPath: '/bin/macos-arm64', linkType: 'other' };
    assert.equal((await api.ReleaseLinks.create(project, tag, 'macos-arm64', url, options)).url, url);
  });
  await step(`${form}/list-pages`, async () => {
    assert.deepEqual((await links(tag)).map((link) => link.name), ['macos-arm64', 'docs', 'linux-amd64']);
    const { data, paginationInfo } = await links(tag, { maxPages: 1, showExpanded: true });
    assert.equal(data.length, 1);
    assert.deepEqual(paginationInfo, { total: 3, next: 2, current: 1, previous: null, perPage: 1, totalPages: 3 });
  });
  await step(`${form}/get-link`, async () => {
    const id = await linkId(tag, 'macos-arm64');
    const found = await api.ReleaseLinks.show(project, tag, id);
    assert.deepEqual([found.id, found.link_type], [id, 'other']);
  });
  await step(`${form}/update-link`, async () => {
    const options = { name: 'handbook', url: `${place}/handbook`, linkType: 'image' };
    const updated = await api.ReleaseLinks.edit(project, tag, await linkId(tag, 'docs'), options);
    assert.deepEqual([updated.name, updated.link_type], ['handbook', 'image']);
  });
  await step(`${form}/duplicate`, () =>
    refused(['400', 'Name has already been taken'], () =>
      api.ReleaseLinks.create(project, tag, 'linux-amd64', `${place}/another`)));
  await step(`${form}/delete-link`, async () => {
    const id = await linkId(tag, 'macos-arm64');
    await api.ReleaseLinks.remove(project, tag, id);
    await refused(['404', '404 Not found'], () => api.ReleaseLinks.show(project, tag, id));
  });
  await step(`${form}/odd-tag`, async () => {
    const odd = `odd/${form}+rc 1`;
    const url = `https://downloads.example.com/odd-${form}/source`;
    await describe(odd);
    await api.ReleaseLinks.create(project, odd, 'source', url, { filepath: '/files/source' });
    assert.equal((await api.ReleaseLinks.show(project, odd, await linkId(odd, 'source'))).url, url);
    assert.equal((await api.ProjectReleases.show(project, odd)).tag_name, odd);
  });
  await step(`${form}/delete-release`, async () => {
    const gone = `gone/${form}+rc 1`;
    await describe(gone);
    await api.ProjectReleases.remove(project, gone);
    await refused(['404', '404 Not Found'], () => api.ProjectReleases.show(project, gone));
  });
}

async function permanentLinks(api) {
  const link = {
    name: 'tool', url: `${TARGET_URL}/tool.tar.gz`, directAssetPath: '/bin/nested/tool', linkType: 'package',
  };
  await api.ProjectReleases.create(PROJECT_ID, {
    tagName: 'v2.0.0', name: 'Second', description: 'Notes', assets: { links: [link] },
  });
  await step('show-latest', async () => {
    assert.equal((await api.ProjectReleases.showLatest(PROJECT_PATH)).tag_name, 'v2.0.0');
  });
  // The library escapes the slashes of a path.
  await step('download', async () => {
    const payload = await api.ProjectReleases.download(PROJECT_ID, 'v2.0.0', 'bin/nested/tool');
    assert.equal(payload, 'payload of /tool.tar.gz');
  });
  await step('download-latest', async () => {
    const payload = await api.ProjectReleases.downloadLatest(PROJECT_PATH, 'bin/nested/tool');
    assert.equal(payload, 'payload of /tool.tar.gz');
  });
  await step('release-edit', async () => {
    const edited = await api.ProjectReleases.edit(PROJECT_ID, 'v2.0.0', { description: 'Edited notes' });
    assert.equal(edited.description, 'Edited notes');
  });
}

async function main() {
  const api = new Gitlab({ host, token: TOKEN });
  await script(api, 'id', Number(PROJECT_ID));
  await script(api, 'path', PROJECT_PATH);
  // A redirect to another host drops Authorization alone, so what follows redirects sends no PRIVATE-TOKEN.
  await permanentLinks(new Gitlab({ host, oauthToken: TOKEN }));
  await step('job-token', async () => {
    const job = new Gitlab({ host, jobToken: JOB_TOKEN });
    const links = await job.ReleaseLinks.all(PROJECT_ID, 'v1.0.0-id');
    assert.deepEqual(links.map((found) => found.name), ['handbook', 'linux-amd64']);
  });
}

main();
