// Run by node: runs a script in Pyodide, which makes one file of another.
// Arguments: the folder of Pyodide, the script, both files; the script knows them by their names alone.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, script, given, made] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: `${folder}/` });

python.FS.writeFile(basename(given), readFileSync(given));
python.runPython(readFileSync(script, "utf8"));
writeFileSync(made, python.FS.readFile(basename(made)));
