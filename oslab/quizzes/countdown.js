// The time left, counted by the page from the moment the kernel says go.
function render({ model, el }) {
  el.classList.add("oslab-quiet");
  let timer = 0, end = 0;
  const show = () => {
    const left = model.get("running") ? Math.max(0, end - Date.now()) / 1000 : model.get("seconds");
    const seconds = Math.ceil(left);
    el.textContent = seconds > 0
      ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`
      : "time is over: later answers do not count";
    if (seconds <= 0) clearInterval(timer);
  };
  const changed = () => {
    clearInterval(timer);
    if (model.get("running")) {
      end = Date.now() + 1000 * model.get("seconds");
      timer = setInterval(show, 250);
    }
    show();
  };
  model.on("change:running", changed);
  changed();
  return () => { clearInterval(timer); model.off("change:running", changed); };
}
export default { render };
