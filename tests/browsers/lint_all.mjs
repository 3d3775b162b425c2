// web-ext's lint and build, as it exports them, over many extensions in one process: each argument is a folder.
// The first argument is web-ext's own module, the second a folder for what is built.
import { join, basename, dirname } from "node:path";

const [module, built, ...folders] = process.argv.slice(2);
const { default: webExt } = await import(module);
const found = {};
for (const sourceDir of folders) {
  const lint = await webExt.cmd.lint({ sourceDir, output: "none", artifactsDir: built }, { shouldExitProgram: false });
  const told = [...lint.errors, ...lint.warnings].map(({ code, message, file }) => ({ code, message, file }));
  const filename = `${basename(dirname(sourceDir))}.zip`;
  await webExt.cmd.build({ sourceDir, artifactsDir: built, filename, overwriteDest: true, ignoreFiles: [] }, { showReadyMessage: false });
  found[sourceDir] = told;
}
process.stderr.write(`\nFOUND ${JSON.stringify(found)}\n`);
