// Built from src/ by make js; do not edit.
"use strict";(()=>{var i=document.getElementById("initlab-page")?.textContent??"[]",[o,r]=JSON.parse(i);for(let e of document.querySelectorAll("iframe.initlab-living")){let n=e.dataset.experiment??"";e.srcdoc=`${o}${n.replaceAll("<","\\u003c")}${r}`,e.hidden=!1;let t=e.nextElementSibling;t instanceof HTMLElement&&(t.hidden=!0)}})();
