// Runs the checker, away from the page, so that the page never freezes. The page ends it if a formula takes too long.
const started = start();

async function start() {
  const { pyodide, archives, memory } = await fetchJson("page.json");
  const base = new URL(pyodide, self.location.href).href;
  const [python, ...contents] = await Promise.all([loadPython(base, memory), ...archives.map(fetchBytes)]);
  contents.forEach((bytes, k) => python.unpackArchive(bytes, archives[k].endsWith(".whl") ? "wheel" : "zip"));

  python.pyimport("grader.platforms.page.lazy_flint").install();
  const open = python.pyimport("grader.platforms.page.in_browser").open_page;
  return open(await (await fetch("course.json")).text());
}

// Python goes on from a saved memory, in which the checker's modules are loaded, or it starts anew, which takes longer.
async function loadPython(base, memory) {
  const { loadPyodide } = await import(`${base}pyodide.mjs`);
  if (memory) {
    try {
      return await loadPyodide({ indexURL: base, ...(await fromMemory(base, memory)) });
    } catch (error) {
      console.warn("Python starts anew:", error);
    }
  }
  return loadPyodide({ indexURL: base });
}

async function fromMemory(base, name) {
  const [{ default: createModule }, bytes] = await Promise.all([import(`${base}pyodide.asm.mjs`), fetchInflated(name)]);
  return {
    _loadSnapshot: bytes,
    // Pyodide does not make room for a memory that is larger than what it begins with.
    async createPyodideModule(settings) {
      const module = await createModule(settings);
      module._emscripten_resize_heap(bytes.length);
      return module;
    },
  };
}

async function fetchInflated(name) {
  const { body } = await fetchOk(name);
  return new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

async function fetchJson(name) {
  return (await fetch(name)).json();
}

async function fetchBytes(name) {
  return new Uint8Array(await (await fetchOk(name)).arrayBuffer());
}

async function fetchOk(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name} could not be loaded`);
  return answer;
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
