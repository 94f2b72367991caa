// Runs the checker, away from the page, so that the page never freezes. The page ends it if a formula takes too long.
const started = start();

async function start() {
  const { pyodide, archives } = await fetchJson("page.json");
  const { loadPyodide } = await import(new URL(`${pyodide}pyodide.mjs`, self.location.href).href);

  const [python, ...contents] = await Promise.all([
    loadPyodide({ indexURL: new URL(pyodide, self.location.href).href }),
    ...archives.map(fetchBytes),
  ]);
  contents.forEach((bytes, k) => python.unpackArchive(bytes, archives[k].endsWith(".whl") ? "wheel" : "zip"));

  python.pyimport("grader.platforms.page.lazy_flint").install();
  const open = python.pyimport("grader.platforms.page.in_browser").open_page;
  return open(await (await fetch("course.json")).text());
}

async function fetchJson(name) {
  return (await fetch(name)).json();
}

async function fetchBytes(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name} could not be loaded`);
  return new Uint8Array(await answer.arrayBuffer());
}

self.onmessage = async ({ data: { number, kind, problem, text } }) => {
  try {
    const page = await started;
    const result = kind === "open" ? "{}" : page[kind](problem, text);
    self.postMessage({ number, result: JSON.parse(result) });
  } catch (error) {
    self.postMessage({ number, error: String(error.message ?? error) });
  }
};
