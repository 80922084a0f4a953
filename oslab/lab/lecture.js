// The keys of whoever lectures: from lab to lab, and step by step also with the two buttons of a presenter.
function goToLab(from, by) {
  const labs = [...document.querySelectorAll(".oslab-lecture")], next = labs[labs.indexOf(from) + by];
  if (!next) return;
  const arrive = () => {
    next.scrollIntoView({ block: "start" });
    next.querySelector(".oslab-screen").focus({ preventScroll: true });
  };
  if (document.fullscreenElement !== from) arrive();
  else document.exitFullscreen().then(() => next.requestFullscreen()).then(arrive, arrive);
}

// Does what a key asks for, and says whether it asks for anything; `step` is the model of the scrubber, if there are steps.
function lectureKey(event, lab, whole, step) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select, [contenteditable]")) return;
  const toLab = { n: 1, p: -1 }[event.key], on = { PageDown: 1, PageUp: -1 }[event.key];
  if (!toLab && !on && event.key !== "f") return;
  event.preventDefault();
  event.stopPropagation();
  const at = step ? step.get("value") + on : NaN;
  if (event.key === "f") whole.click();
  else if (on && at >= step?.get("min") && at <= step.get("max")) { step.set("value", at); step.save_changes(); }
  else goToLab(lab, toLab || on);
}

// What stands in the corner of a lab: the button for the whole window, and where the lab is on the web, to be typed.
function lectureCorner(figure, page) {
  const corner = document.createElement("div"), whole = document.createElement("button");
  corner.className = "oslab-corner";
  whole.className = "oslab-whole";
  whole.textContent = "whole window";
  whole.title = "this lab alone (f), and back (Escape); next lab (n), previous lab (p), step (Page Down, Page Up)";
  whole.onclick = () => {
    const lab = figure.closest(".oslab-lab");
    if (document.fullscreenElement) document.exitFullscreen();
    else lab?.requestFullscreen?.().then(() => figure.focus());
  };
  if (page) {
    const link = document.createElement("a");
    Object.assign(link, { href: page, textContent: page.replace("https://", ""), target: "_blank", rel: "noopener" });
    corner.append(link);
  }
  corner.append(whole);
  return corner;
}
