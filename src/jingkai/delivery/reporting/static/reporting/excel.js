// Dropping a workbook fills the form's own file field; without this script the field works alone.
(() => {
  const zone = document.querySelector("[data-drop-zone]");
  if (!zone) return;
  const field = zone.querySelector("input[type=file]");
  const shown = zone.querySelector("[data-drop-name]");
  const name = () => { shown.value = [...field.files].map((file) => file.name).join("、"); };
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.remove("over"); });
  }
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    name();
  });
  field.addEventListener("change", name);
})();
