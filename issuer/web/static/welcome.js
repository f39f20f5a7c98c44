// The secret of a one-time link stands after the # and is never sent by the browser: it is read here, taken out of
// the address, and sent as a form.
(() => {
  "use strict";
  const secret = location.hash.slice(1);
  if (!secret) return;
  history.replaceState(null, "", location.pathname + location.search);
  const form = document.getElementById("link-form");
  form.querySelector("#link").value = secret;
  form.submit();
})();
