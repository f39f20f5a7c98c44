// The word why is asked for where the level is not the one that was proposed. Without script it always stands there.
"use strict";
for (const select of document.querySelectorAll("select[data-offered]")) {
  const why = select.closest(".question").querySelector(".why");
  const show = () => {
    why.hidden = select.value === select.dataset.offered;
    why.querySelector("input").required = !why.hidden;
  };
  select.addEventListener("change", show);
  show();
}
