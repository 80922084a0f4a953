// What ipywidgets leaves without a name for screen readers gets the one that is written beside it: the handles of
// sliders, which also say their value as the readout does, and the buttons of play.  A slider is one stop of the tab key.
const PLAY = { "fa-play": "play", "fa-pause": "pause", "fa-stop": "stop", "fa-retweet": "repeat" };
const attribute = (element, name, value) => {
  if (element && value && element.getAttribute(name) !== value) element.setAttribute(name, value);
};

function nameParts(lab) {
  for (const row of lab.querySelectorAll(".widget-slider")) {
    const label = row.querySelector(".widget-label")?.textContent, readout = row.querySelector(".widget-readout");
    for (const handle of row.querySelectorAll(".noUi-handle")) {
      attribute(handle, "aria-label", label);
      attribute(handle, "aria-valuetext", readout?.textContent);
    }
    attribute(readout, "tabindex", "-1");
    attribute(readout, "role", "textbox");
    attribute(readout, "aria-label", `${label}, typed`);
  }
  for (const icon of lab.querySelectorAll(".widget-play button i"))
    for (const [name, word] of Object.entries(PLAY)) if (icon.classList.contains(name)) {
      attribute(icon.parentElement, "aria-label", word);
      attribute(icon.parentElement, "title", word);
    }
}

// Names the parts of a lab, now and whenever they change; returns a function that stops it.
function keepNamed(lab) {
  const observer = new MutationObserver(() => nameParts(lab));
  observer.observe(lab, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuetext"] });
  nameParts(lab);
  return () => observer.disconnect();
}
