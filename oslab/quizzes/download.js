// Buttons that ask the kernel for a file when pressed, so that what is saved is what there is now.
function render({ model, el }) {
  el.classList.add("oslab-downloads");
  for (const [name, label] of Object.entries(model.get("files"))) {
    const button = document.createElement("button");
    button.textContent = label;
    button.addEventListener("click", () => model.send({ file: name }));
    el.append(button);
  }
  const save = (message, buffers) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: "application/octet-stream" }));
    link.download = message.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  model.on("msg:custom", save);
  return () => model.off("msg:custom", save);
}
export default { render };
