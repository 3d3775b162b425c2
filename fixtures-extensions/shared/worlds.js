// What a puppet does in a background besides: it registers user scripts, and configures the worlds in which they run.
"use strict";

{
  // A user script of the stage is files of its own (copies, made when the extension is generated): Chromium runs a file of
  // an extension only once at one moment in one document, and the content scripts have the others.
  const FILES = ["config.js", "values.js", "puppet.js", "channel-dom.js", "user-script.js"];

  // Each user script by its folder, and the world in which it runs: none is the default one.
  const WORLDS = { "user-script": {}, "other-user-script": { worldId: "other" } };

  const userScript = (folder, matches) => ({
    id: folder,
    matches,
    js: FILES.map((name) => ({ file: `${folder}/${name}` })),
    runAt: "document_start",
    allFrames: true,
    ...WORLDS[folder],
  });

  Object.assign(portolan.Puppet.prototype, {
    // Register user scripts for these pages; fresh: in worlds that may send messages, until a scenario says otherwise.
    // {lacking: what} where this browser cannot do it.
    async do_registerUserScripts({ folders, matches, fresh }) {
      const { userScripts } = this.api;
      if (!userScripts?.register) {
        return { lacking: "userScripts in background" };
      }
      await userScripts.unregister();
      if (fresh) {
        await userScripts.configureWorld({ messaging: true });
      }
      try {
        await userScripts.register(folders.map((folder) => userScript(folder, matches)));
      } catch (error) {
        if (error.message.includes("worldId")) {
          return { lacking: "a worldId of user scripts in background" };
        }
        throw error;
      }
      return {};
    },

    // Once a play is over: no user script, and no configuration but what the next play makes.
    async do_unregisterUserScripts({ folders }) {
      const { userScripts } = this.api;
      await userScripts.unregister();
      for (const folder of folders) {
        await userScripts.resetWorldConfiguration?.(...Object.values(WORLDS[folder]));
      }
    },

    async do_configureWorld({ messaging, world }) {
      const properties = { messaging, ...(world ? { worldId: world } : {}) };
      return this.recordedly("userScripts.configureWorld", properties);
    },

    async do_resetWorld({ world }) {
      return this.recordedly("userScripts.resetWorldConfiguration", ...(world ? [world] : []));
    },

    // Call a function of the API that returns a promise, and record what comes of it; {lacking: what} where there is none.
    async recordedly(path, ...args) {
      const [owner, method] = path.split(".");
      const { play } = this;
      if (!this.api[owner]?.[method]) {
        return { lacking: `${path} in background` };
      }
      this.record(play, "call", path, { value: args.map((arg) => this.encode(arg)) });
      try {
        this.record(play, "return", path, { value: this.encode(await this.api[owner][method](...args)) });
      } catch (error) {
        this.record(play, "throw", path, { value: this.encode(error) });
      }
      return {};
    },
  });
}
