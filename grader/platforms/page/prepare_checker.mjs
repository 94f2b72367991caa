// Run by node, once for a page, for what a browser would do at every visit: compile the checker, and load its modules.
// Arguments: the folder of Pyodide, the archive of the checker, and two files to write: the archive with bytecode, and the
// memory of a Python that has loaded it.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

// Taken out, since Python remembers how it was started, and nothing of this machine belongs into its memory.
const [, folder, given, compiled, memory] = process.argv.splice(1);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);

const compiler = await run("compile_archive.py", readFileSync(given));
const archive = compiler.FS.readFile("compiled.zip");
writeFileSync(compiled, archive);

const loaded = await run("load_checker.py", archive);
writeFileSync(memory, gzipSync(loaded.makeMemorySnapshot(), { level: 9 }));

async function run(script, archive) {
  const python = await loadPyodide({ indexURL: `${folder}/`, env: { PYTHONHASHSEED: "0" }, _makeSnapshot: true });
  python.FS.writeFile("given.zip", archive);
  python.runPython(readFileSync(new URL(script, import.meta.url), "utf8"));
  return python;
}
