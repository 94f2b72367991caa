// Browsers load no module from a folder on the disk, so this one is none.
if (location.protocol === "file:") {
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("trouble");
    box.hidden = false;
    box.querySelector("p").textContent =
      "Browsers do not run the checker from a folder on the disk. In this folder run “python3 -m http.server”, " +
      "then open http://localhost:8000.";
    document.getElementById("loading").textContent = "";
  });
}
