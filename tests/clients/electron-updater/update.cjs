// An app of version 1.0.0 that looks for an update and downloads it; prints its version and the file's path.

const { AppImageUpdater } = require('electron-updater/out/AppImageUpdater');
const { ElectronHttpExecutor } = require('electron-updater/out/electronHttpExecutor');
const { NodeHttpExecutor } = require('builder-util/out/nodeHttpExecutor');

const { SETTINGS, FOLDER, VERSION, BEARER } = process.env;

// The updater's own requests, but sent by node: it reports a redirect as an answer, and the target needs no proxy.
class Executor extends ElectronHttpExecutor {
  createRequest(options, callback) {
    delete options.agent;
    return new NodeHttpExecutor().createRequest(options, callback);
  }

  addRedirectHandlers() {}
}

async function main() {
  const app = {
    version: VERSION, name: 'hello', isPackaged: true, appUpdateConfigPath: SETTINGS, userDataPath: FOLDER,
    baseCachePath: FOLDER, whenReady: () => Promise.resolve(), onQuit: () => {}, quit: () => {}, relaunch: () => {},
  };
  const updater = new AppImageUpdater(null, app);
  updater.httpExecutor = new Executor();
  updater.logger = null;
  updater.autoDownload = false;
  updater.disableDifferentialDownload = true;
  if (BEARER) updater.addAuthHeader(`Bearer ${BEARER}`);
  const found = await updater.checkForUpdates();
  if (!found.isUpdateAvailable) return console.log(`up to date with ${found.updateInfo.version}`);
  const [file] = await updater.downloadUpdate();
  console.log(`${found.updateInfo.version} ${file}`);
}

main().catch((error) => {
  console.log(error.message);
  process.exit(1);
});
